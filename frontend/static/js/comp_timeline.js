// The frame slider, its number from the production's start frame, and the take's filmstrip beneath it.

export class Timeline {
  /** start: number of frame 0; on(frame, dragging). */
  constructor(start, frames, on) {
    Object.assign(this, { start, frames, on, frame: 0 });
    this.slider = document.getElementById("comp-frame");
    this.number = document.getElementById("comp-number");
    this.range = document.getElementById("comp-range");
    this.tiles = document.getElementById("comp-tiles");
    this.slider.addEventListener("input", () => this.go(Number(this.slider.value), true));
    this.slider.addEventListener("change", () => this.go(Number(this.slider.value)));
    this.number.addEventListener("change", () => this.go(Number(this.number.value) - this.start));
    document.querySelectorAll("[data-step]").forEach((button) => button.addEventListener("click", () => this.step(Number(button.dataset.step))));
    new ResizeObserver(() => this.paintTiles()).observe(this.tiles);
    this.resize(frames);
  }

  resize(frames) {
    this.frames = frames;
    this.slider.max = frames - 1;
    this.number.max = this.start + frames - 1;
    this.range.textContent = `${this.start}–${this.start + frames - 1}`;
    this.go(Math.min(this.frame, frames - 1));
  }
  step(by) { this.go(this.frame + by); }
  go(frame, dragging = false) {
    this.frame = Math.min(this.frames - 1, Math.max(0, Number.isFinite(frame) ? Math.round(frame) : 0));
    if (Number(this.slider.value) !== this.frame) this.slider.value = this.frame;
    this.number.value = this.start + this.frame;
    this.slider.setAttribute("aria-valuetext", String(this.start + this.frame));
    this.on(this.frame, dragging);
  }

  /** As many tiles as fit, each the one of its place in the strip. */
  paintTiles() {
    const { strip, tiles } = this.tiles.dataset;
    if (!strip) return;
    const { width, height } = this.tiles.getBoundingClientRect();
    if (!width || !height) return;
    const count = Math.max(1, Math.floor(width / ((height * 9) / 16))), total = Number(tiles);
    if (this.tiles.childElementCount === count) return;
    this.tiles.replaceChildren(...Array.from({ length: count }, (_, at) => {
      const cell = document.createElement("i"), tile = Math.min(total - 1, Math.floor(((at + 0.5) / count) * total));
      cell.style.backgroundImage = `url("${strip}")`;
      cell.style.backgroundSize = `${total * 100}% 100%`;
      cell.style.backgroundPosition = total > 1 ? `${(tile / (total - 1)) * 100}% 0` : "0 0";
      return cell;
    }));
  }
}
