// Every act of the draw table by a key. Not while somebody types, and not over a dialog but the comparison's own.
import { toast } from "./app.js";

export function watchKeys(sheet, compare) {
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = event.target;
    if (compare.box.open) return compare.key(event);
    if (document.querySelector("dialog[open]")) return;
    if (target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]")) return;
    const open = document.querySelector("#sheet-cards details.binmenu[open]");
    if (open && /^[1-9]$/.test(event.key)) {
      const reason = open.querySelectorAll("button.reason")[Number(event.key) - 1];
      if (reason) { event.preventDefault(); reason.click(); }
      return;
    }
    // Letters are a reason of one's own: they go into its field.
    if (open && event.key.length === 1 && event.key !== " ") { open.querySelector("input[name=reason]").focus(); return; }
    const inside = target.closest("li.draw");
    if (inside && target !== inside && target.matches("button, a, summary, input") && ["Enter", " "].includes(event.key)) return;
    if (target.matches("input[type=radio]") && event.key.startsWith("Arrow")) return;
    const done = press(event.key.length === 1 ? event.key.toLowerCase() : event.key, sheet, inside);
    if (done) event.preventDefault();
  });
}

const MOVES = { ArrowLeft: [-1, false], ArrowRight: [1, false], ArrowUp: [-1, true], ArrowDown: [1, true] };

function press(key, sheet, card) {
  if (MOVES[key]) {
    if (!card && document.activeElement !== document.body && document.activeElement?.id !== "main") return false;
    sheet.move(...MOVES[key]);
    return true;
  }
  switch (key) {
    case "?": document.getElementById("draw-keys").showModal(); return true;
    case "z": sheet.back(); return true;
    case "n": document.querySelector("#ask form.ask:not([hidden]) textarea, #ask form.ask:not([hidden]) [name=count]")?.focus(); return true;
    case "c": if (card?.dataset.picture) sheet.mark(card.dataset.draw); else toast(sheet.words.two, { level: "info" }); return true;
  }
  if (!card) return false;
  switch (key) {
    case "s": return sheet.act(card, "star");
    case "x": {
      const menu = card.querySelector("details.binmenu");
      if (!menu) return sheet.act(card, "restore");
      menu.open = true;
      menu.querySelector("button.reason")?.focus();
      return true;
    }
    case "l": { const link = card.querySelector("[data-like]"); if (link) sheet.onLike(link.href); return !!link; }
    case "i": sheet.papers(card); return true;
    case "Enter": return sheet.act(card, "use");
    case "Delete": case "Backspace": sheet.cancelling = true; return sheet.act(card, "cancel");
  }
  return false;
}
