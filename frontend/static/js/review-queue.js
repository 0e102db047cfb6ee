// The queue by keyboard: arrows (or J and K) walk over its rows, Enter opens.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select")) return;
  const step = { ArrowDown: 1, ArrowRight: 1, j: 1, ArrowUp: -1, ArrowLeft: -1, k: -1 }[event.key];
  if (!step) return;
  const rows = [...document.querySelectorAll("#queue [data-step]")], now = rows.indexOf(document.activeElement);
  const next = rows[now < 0 ? (step > 0 ? 0 : rows.length - 1) : now + step];
  if (next) { event.preventDefault(); next.focus(); }
});
