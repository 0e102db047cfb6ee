// The episode board: arrow keys between cards, Alt+arrow or dragging moves a card in the cut.
import { post, sayError, toast } from "./app.js";
import { refresh } from "./live.js";

const board = () => document.getElementById("cards");
const cards = () => [...document.querySelectorAll(".shotcard")];
const said = document.getElementById("said");
const fill = (words, values) => words.replace(/%\((\w+)\)s/g, (_, name) => values[name]);

function neighbour(card, key) {
  const row = cards(), at = row.indexOf(card);
  if (key === "ArrowLeft") return row[at - 1];
  if (key === "ArrowRight") return row[at + 1];
  if (key === "Home") return row[0];
  if (key === "End") return row[row.length - 1];
  const here = card.getBoundingClientRect(), down = key === "ArrowDown";
  const middle = (box) => box.left + box.width / 2;
  return row
    .map((other) => ({ other, box: other.getBoundingClientRect() }))
    .filter(({ box }) => (down ? box.top > here.bottom - 4 : box.bottom < here.top + 4))
    .sort((a, b) => Math.abs(a.box.top - here.top) - Math.abs(b.box.top - here.top) || Math.abs(middle(a.box) - middle(here)) - Math.abs(middle(b.box) - middle(here)))[0]?.other;
}

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.(".shotcard");
  if (!card || !["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key) || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const other = neighbour(card, event.key);
  if (!event.altKey) return other?.querySelector("a").focus();
  if (!other || !board().dataset.place) return;
  const row = cards(), at = row.indexOf(other), forward = at > row.indexOf(card);
  place(card, forward ? other : row[at - 1]);
});

let chain = Promise.resolve();
/** Put `card` right after `after` (undefined: first), on the page at once and then in the books. */
function place(card, after) {
  if (after === card) return;
  const before = cards(), old = before[before.indexOf(card) - 1];
  const hold = card.querySelector("a") === document.activeElement;
  if (after) after.after(card);
  else cards()[0].before(card);
  if (hold) { card.querySelector("a").focus(); card.scrollIntoView({ block: "nearest" }); }
  const row = cards();
  said.textContent = fill(said.dataset.moved, { code: card.dataset.code, place: row.indexOf(card) + 1, all: row.length });
  // One after the other: each move is relative to what stood before.
  chain = chain.then(async () => {
    try {
      const { headers } = await post(board().dataset.place, { shot: card.dataset.code, after: after?.dataset.code ?? "" });
      const told = JSON.parse(headers.get("HX-Trigger") ?? "{}").toast;
      document.querySelectorAll("#toasts .toast.moved").forEach((item) => item.remove());
      if (told) toast(told.text, { undo: () => undo(told.undo) }).classList.add("moved");
    } catch (error) {
      if (old) old.after(card); else cards()[0].before(card);
      sayError(board(), error.message);
    }
    settle();
  });
}
async function undo(url) {
  try { await post(url); } catch (error) { return sayError(board(), error.message); }
  settle();
}
let settling;
/** Fetch the cards again, so that scene headings follow; the focus stays on its card. */
function settle() {
  clearTimeout(settling);
  settling = setTimeout(() => {
    const focused = document.activeElement?.closest?.(".shotcard")?.dataset.code;
    window.htmx.trigger(board(), "live");
    document.body.addEventListener("htmx:afterSettle", () => { if (focused) document.getElementById(`card-${focused}`)?.focus({ preventScroll: true }); }, { once: true });
  }, 350);
}
// Others moved, added or omitted something: fetch the order when the hand is off the board.
document.addEventListener("huo:changed", (event) => {
  const { verb, code } = event.detail;
  const ours = code?.startsWith(board().dataset.episode);
  if (ours && (["shot.moved", "shot.created", "shot.omitted", "shot.restored"].includes(verb) || verb.startsWith("scene."))) refresh(board());
});

// Dragging by pointer: a mouse drags after 6 px, a finger after it has rested on the card for a moment.
let drag = null;
document.addEventListener("pointerdown", (event) => {
  const card = event.target.closest(".shotcard");
  if (!card || event.button !== 0 || !board()?.dataset.place) return;
  drag = { card, x: event.clientX, y: event.clientY, id: event.pointerId, on: false, touch: event.pointerType === "touch" };
  if (drag.touch) drag.timer = setTimeout(() => start(event), 380);
});
function start(event) {
  if (!drag) return;
  drag.on = true;
  const box = drag.card.getBoundingClientRect();
  drag.ghost = drag.card.cloneNode(true);
  drag.ghost.removeAttribute("id");
  drag.ghost.classList.add("ghost");
  drag.ghost.removeAttribute("data-live");
  document.body.append(drag.ghost);
  drag.dx = Math.min(event.clientX - box.left, 140);
  drag.dy = Math.min(event.clientY - box.top, 240);
  drag.card.classList.add("dragging");
  document.body.classList.add("dragging");
  said.textContent = fill(said.dataset.picked, { code: drag.card.dataset.code });
  navigator.vibrate?.(12);
  move(event);
}
document.addEventListener("pointermove", (event) => {
  if (!drag || event.pointerId !== drag.id) return;
  const far = Math.hypot(event.clientX - drag.x, event.clientY - drag.y);
  if (!drag.on && !drag.touch && far > 6) start(event);
  if (!drag.on && drag.touch && far > 10) { clearTimeout(drag.timer); drag = null; return; }
  if (drag?.on) move(event);
});
document.addEventListener("touchmove", (event) => { if (drag?.on) event.preventDefault(); }, { passive: false });
document.addEventListener("contextmenu", (event) => { if (drag?.touch) event.preventDefault(); });
document.addEventListener("dragstart", (event) => { if (event.target.closest?.(".shotcard")) event.preventDefault(); });

function move(event) {
  drag.ghost.style.left = `${event.clientX - drag.dx}px`;
  drag.ghost.style.top = `${event.clientY - drag.dy}px`;
  mark(null);
  const over = document.elementFromPoint(event.clientX, event.clientY)?.closest(".shotcard");
  if (over && over !== drag.card) {
    const box = over.getBoundingClientRect();
    drag.after = event.clientX > box.left + box.width / 2;
    mark(over, drag.after);
  }
  drag.over = over && over !== drag.card ? over : null;
  const edge = 70;
  if (event.clientY < edge) window.scrollBy(0, -14);
  if (event.clientY > innerHeight - edge) window.scrollBy(0, 14);
}
function mark(card, after) {
  document.querySelectorAll(".shotcard.before, .shotcard.after").forEach((other) => other.classList.remove("before", "after"));
  card?.classList.add(after ? "after" : "before");
}
function finish(drop) {
  if (!drag) return;
  clearTimeout(drag.timer);
  const { card, over, after, on, ghost } = drag;
  drag = null;
  if (!on) return;
  mark(null);
  ghost.remove();
  card.classList.remove("dragging");
  document.body.classList.remove("dragging");
  document.addEventListener("click", swallow, { capture: true, once: true }); // a drop is not a click
  setTimeout(() => document.removeEventListener("click", swallow, true), 50);
  if (!drop || !over) return;
  const row = cards().filter((other) => other !== card);
  place(card, after ? over : row[row.indexOf(over) - 1]);
}
function swallow(event) { event.preventDefault(); event.stopPropagation(); }
document.addEventListener("pointerup", () => finish(true));
document.addEventListener("pointercancel", () => finish(false));
document.addEventListener("keydown", (event) => { if (event.key === "Escape") finish(false); });
// The search filters as it is typed; the address follows.
const search = document.querySelector(".search input[type=search]");
let typing;
search?.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    const url = new URL(location.href);
    search.value ? url.searchParams.set("q", search.value) : url.searchParams.delete("q");
    history.replaceState(null, "", url);
    url.searchParams.set("part", "cards");
    window.htmx.ajax("GET", url.pathname + url.search, { target: "#cards", swap: "outerHTML" });
  }, 220);
});
