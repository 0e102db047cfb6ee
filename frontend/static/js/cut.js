// The cut's strip: arrow keys between shots, Alt+arrow or dragging moves one; the player's in and out fill the trim fields.
const strip = () => document.getElementById("strip");
const cards = () => [...document.querySelectorAll(".cutcard")];
const mayMove = () => strip()?.dataset.move;

/** Move `card` right after `after` (undefined: first); the page's own answer replaces it. */
async function move(card, after) {
  const row = cards(), at = row.indexOf(card);
  if (after === card || row[at - 1] === after) return;
  const link = card.querySelector("a").id;
  const chosen = document.querySelector(".cutcard a[aria-current]")?.id.replace("cut-", "") ?? "";
  await window.htmx.ajax("POST", strip().dataset.move, {
    source: "#strip", target: "#cutpage", swap: "outerHTML", values: { shot: card.dataset.code, after: after?.dataset.code ?? "", chosen },
  });
  document.getElementById(link)?.focus({ preventScroll: false });
}

// Capturing: the player listens to arrows on the whole page, and a card in focus goes first.
document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.(".cutcard");
  if (!card || !["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key) || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  const row = cards(), at = row.indexOf(card);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: row.length - 1 }[event.key];
  const other = row[to];
  if (!event.altKey) return other?.querySelector("a").focus();
  if (other && mayMove()) move(card, to > at ? other : row[to - 1]);
}, true);

let drag = null;
const mark = (card, after) => {
  document.querySelectorAll(".cutcard:is(.before, .after)").forEach((other) => other.classList.remove("before", "after"));
  card?.classList.add(after ? "after" : "before");
};
document.addEventListener("dragstart", (event) => {
  const card = event.target.closest?.(".cutcard");
  if (!card || !mayMove()) return;
  drag = { card };
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.dataset.code);
  card.classList.add("dragging");
});
document.addEventListener("dragover", (event) => {
  if (!drag) return;
  const over = event.target.closest?.(".cutcard");
  if (!over || over === drag.card) { drag.over = null; return mark(null); }
  event.preventDefault();
  const box = over.getBoundingClientRect();
  Object.assign(drag, { over, after: event.clientX > box.left + box.width / 2 });
  mark(over, drag.after);
});
document.addEventListener("drop", (event) => {
  if (!drag?.over) return;
  event.preventDefault();
  const { card, over, after } = drag, row = cards().filter((other) => other !== card);
  move(card, after ? over : row[row.indexOf(over) - 1]);
});
document.addEventListener("dragend", () => { mark(null); drag?.card.classList.remove("dragging"); drag = null; });

// Trim: what the player marks stands in the fields, and what stands in the fields is what the player shows.
const player = () => document.querySelector(".cutdesk huo-player");
const fields = () => [document.getElementById("trim-first"), document.getElementById("trim-last")];
document.addEventListener("huo:range", (event) => {
  const [first, last] = fields();
  if (!first || !event.detail.set || document.activeElement === first || document.activeElement === last) return;
  const start = Number(player().getAttribute("start-frame"));
  for (const [field, value] of [[first, event.detail.first + start], [last, event.detail.last + start]]) {
    if (Number(field.value) === value) continue;
    field.value = value;
    field.classList.add("dirty");
  }
});
document.addEventListener("input", (event) => {
  const [first, last] = fields();
  if (event.target !== first && event.target !== last) return;
  event.target.classList.add("dirty");
  if (!event.target.checkValidity() || !event.target.value) return;
  const start = Number(player().getAttribute("start-frame")), at = Number(event.target.value) - start;
  event.target === first ? player().setIn(at) : player().setOut(at);
  player().seek(at);
});
async function show() {
  await customElements.whenDefined("huo-player");
  const [first, last] = fields();
  if (!first || !player()?.setIn) return;
  const start = Number(player().getAttribute("start-frame")), whole = Number(player().getAttribute("frames"));
  const from = Number(first.value) - start, to = Number(last.value) - start;
  if (from === 0 && to === whole - 1) return;
  player().setIn(from);
  player().setOut(to);
  player().seek(from);
}
show();
