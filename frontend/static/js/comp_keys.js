// The comp page under ten fingers. What a key does stands in the help (comps/_keys.html); keep the two alike.
const TYPING = "textarea, select, [contenteditable], input:not([type=range]):not([type=checkbox]):not([type=radio])";
const HELD_MS = 350; // B held longer than this shows the other side only while it is held

/** page: what comp.js made, and its verbs. */
export function keyboard(page) {
  const { data, store, params, pick, masks, compare, loupe, history, timeline, play } = page;
  const letters = Object.fromEntries([...document.querySelectorAll("[data-view]")].map((tab) => [tab.querySelector("kbd").textContent.toLowerCase(), tab.dataset.view]));
  let heldSince = 0, clicked = false; // whether a pointer brought the focus to where it is
  document.addEventListener("pointerdown", () => { clicked = true; }, true);
  document.addEventListener("keydown", (event) => { if (event.key === "Tab") clicked = false; }, true);

  function escape() {
    if (pick?.layer) pick.stop();
    else if (play?.playing) play.stop();
    else if (loupe?.on) page.leaveLoupe();
    else if (compare?.mode) compare.set("");
    else if (history.shown) history.open(false);
  }
  function automatic(field) {
    const row = field.closest?.(".comp-param");
    if (!row || !data.may) return false;
    params.put(row, undefined);
    params.on.commit(row.dataset.key);
    return true;
  }
  function view(name) {
    const tab = document.querySelector(`[data-view="${name}"]`);
    if (tab && !tab.disabled && !pick?.layer) page.setView(name);
  }
  function turn(by) {
    const tabs = [...document.querySelectorAll("[data-view]:not([disabled])")], at = tabs.findIndex((tab) => tab.dataset.view === page.view());
    const next = tabs[(at + by + tabs.length) % tabs.length];
    page.setView(next.dataset.view);
    next.focus();
  }

  function layer(by) {
    const rows = [...document.querySelectorAll("[data-select]")], at = rows.findIndex((row) => row.dataset.select === page.selected());
    const next = rows[(at + by + rows.length) % rows.length];
    next?.click();
    next?.scrollIntoView({ block: "nearest" });
  }

  const anywhere = {
    n: () => document.getElementById("comp-comment")?.focus(),
    t: () => document.getElementById("presets-open").click(),
    o: () => document.getElementById("copies-open").click(),
    v: (event) => layer(event.shiftKey ? -1 : 1),
  };
  const plain = {
    w: () => compare.set(compare.mode === "wipe" ? "" : "wipe"),
    e: () => compare.set(compare.mode === "side" ? "" : "side"),
    z: () => page.toggleLoupe(),
    " ": () => play.toggle(),
    j: () => play.shuttle(-1),
    k: () => play.stop(),
    l: () => play.shuttle(1),
    r: () => page.belonging.toggle("light"),
    u: () => page.belonging.toggle("camera"),
    i: () => page.startPick(page.selected()),
    q: () => page.setMode(page.mode() === "best" ? "fast" : "best"),
  };

  document.addEventListener("keydown", (event) => {
    const field = event.target, open = document.querySelector("dialog[open]");
    if (!field.matches || field.matches(TYPING) || open) return;
    const letter = event.key.toLowerCase(), command = event.ctrlKey || event.metaKey;
    if (command && (letter === "z" || letter === "y")) {
      event.preventDefault();
      if (!data.may) return;
      if (masks?.drawing) return masks.draw.back();
      letter === "y" || event.shiftKey ? store.redo() : store.undo();
      return;
    }
    if (command || event.altKey) return;
    const done = () => event.preventDefault();
    if (event.key === "?") { done(); document.getElementById("comp-help").showModal(); return; }
    if (letter === "y") { done(); history.open(!history.shown); return; }
    if (letter === "a" && automatic(field)) return done();
    if (anywhere[letter]) { done(); anywhere[letter](event); return; }
    if (!timeline) return;
    if (event.key === " " && field.matches("button, a, summary, select, input:not([type=range]), [role=button]")) {
      if (!clicked || !field.matches("button")) return; // reached by keys: the button's own
      field.blur(); // clicked and left: the hand wants to see it move
    }
    if (letter === "k" && play.playing) { done(); play.stop(); return; }
    const onRange = field.matches("input[type=range], input[type=radio], [role=slider], select");
    if ((!onRange || !["Delete", "Backspace", "Enter"].includes(event.key)) && !(event.key === "Enter" && field.matches("button, a, summary")) && masks.key(event)) return done();
    if (event.key === "Escape") escape();
    else if (/^[1-9]$/.test(event.key) && data.views[Number(event.key) - 1]) view(data.views[Number(event.key) - 1]);
    else if (letters[letter]) view(letters[letter]);
    else if (letter === "b") { if (!event.repeat) { heldSince = performance.now(); compare.flip(); } }
    else if (plain[letter]) { done(); if (!event.repeat) plain[letter](); }
    else if ("[]{}".includes(event.key) && compare.mode === "wipe") compare.wipe(compare.share + ("[{".includes(event.key) ? -1 : 1) * (event.shiftKey ? 10 : 2));
    else if (!onRange && /^Arrow(Left|Right)$/.test(event.key)) {
      done();
      const by = event.key === "ArrowRight" ? 1 : -1;
      if (field.matches("[role=tab]")) return turn(by);
      timeline.step(by * (event.shiftKey ? 10 : 1));
    } else if (!field.matches("input") && event.key === "Home") { done(); timeline.go(0); }
    else if (!field.matches("input") && event.key === "End") { done(); timeline.go(timeline.frames - 1); }
  });
  document.addEventListener("keyup", (event) => {
    if (event.key.toLowerCase() !== "b" || !heldSince) return;
    if (performance.now() - heldSince > HELD_MS) compare.flip(false);
    heldSince = 0;
  });
  window.addEventListener("blur", () => { if (heldSince) compare?.flip(false); heldSince = 0; });
}
