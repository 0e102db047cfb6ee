// The review page: player, notes and composer together, and the keys that go beyond one player.
import { Composer, Notes } from "./notes.js";

const player = document.getElementById("player");
const form = document.getElementById("composer");
let composer = null;
if (player?.clock) {
  const notes = new Notes(player);
  composer = form && new Composer(form, player);
  if (notes.chosen) notes.choose(notes.chosen, !new URLSearchParams(location.search).has("frame"));
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=checkbox]):not([type=range]), textarea, select");
  if (typing || document.querySelector("dialog[open]") || event.altKey) return;
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && key === "z" && composer?.annotate.active) {
    event.preventDefault();
    event.shiftKey ? composer.annotate.redo() : composer.annotate.undo();
    return;
  }
  if (event.ctrlKey || event.metaKey) return;
  if (key === "[" || key === "]") document.querySelector(`[data-key="${key}"]`)?.click();
  if (key === "n" && composer) { event.preventDefault(); composer.write(); }
  if (key === "d" && composer) { event.preventDefault(); composer.draw(); }
  if (key === "escape" && composer?.annotate.active) composer.draw(false);
});

// Another version opens on the frame that is looked at.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-frame-link]");
  if (!link || !player?.clock) return;
  const address = new URL(link.href);
  address.searchParams.set("frame", player.clock.label(player.frame));
  link.href = address;
}, true);
