// The frame slider, its number from the production's start frame, and the take's filmstrip beneath it.

export class Timeline {
  /** start: number of frame 0; on(frame, dragging); part(frame): how far into the take (0 to below 1) the comp's frame lies. */
  constructor(start, frames, on, part) {
    Object.assign(this, { start, frames, on, part, frame: 0 });
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
    this.paintTiles();
  }
  step(by) { this.go(this.frame + by); }
  go(frame, dragging = false) {
    this.mark(frame);
    this.on(this.frame, dragging);
  }
  /** Stand at a frame without a word to anybody: whoever plays shows it himself. */
  mark(frame) {
    this.frame = Math.min(this.frames - 1, Math.max(0, Number.isFinite(frame) ? Math.round(frame) : 0));
    if (Number(this.slider.value) !== this.frame) this.slider.value = this.frame;
    this.number.value = this.start + this.frame;
    this.slider.setAttribute("aria-valuetext", String(this.start + this.frame));
  }

  /** As many tiles as fit: each the take's picture nearest the frames of the comp that lie over it. */
  paintTiles() {
    const { strip, tiles } = this.tiles.dataset;
    if (!strip) return;
    const { width, height } = this.tiles.getBoundingClientRect();
    if (!width || !height) return;
    const count = Math.max(1, Math.floor(width / ((height * 9) / 16))), total = Number(tiles);
    const places = Array.from({ length: count }, (_, at) => this.part(((at + 0.5) / count) * this.frames));
    const shown = places.map((part) => Math.min(total - 1, Math.max(0, Math.floor(part * total))));
    if (this.shown === String(places)) return;
    this.shown = String(places);
    this.tiles.replaceChildren(...shown.map((tile) => {
      const cell = document.createElement("i");
      cell.style.backgroundImage = `url("${strip}")`;
      cell.style.backgroundSize = `${total * 100}% 100%`;
      cell.style.backgroundPosition = total > 1 ? `${(tile / (total - 1)) * 100}% 0` : "0 0";
      return cell;
    }));
    if (new Set(shown).size < count / 2) this.paintFilm(places).catch(() => {}); // the strip's few tiles stay
  }

  /** A shot that is a small part of its take: its own pictures, out of the take's film. */
  async paintFilm(places) {
    const { film, length, rate } = this.tiles.dataset, cells = [...this.tiles.children], shown = this.shown;
    if (!film) return;
    const video = Object.assign(document.createElement("video"), { muted: true, preload: "auto", playsInline: true });
    const turned = (name) => new Promise((done, fail) => { video.addEventListener(name, done, { once: true }); video.addEventListener("error", fail, { once: true }); });
    const ready = turned("loadeddata");
    try {
      video.src = film;
      await ready;
      for (const [at, part] of places.entries()) {
        const seeked = turned("seeked");
        video.currentTime = (Math.floor(part * Number(length) + 1e-6) + 0.5) / Number(rate);
        await seeked;
        if (this.shown !== shown) break; // painted anew meanwhile
        const sheet = document.createElement("canvas"), { width, height } = cells[at].getBoundingClientRect(), sharp = Math.min(2, window.devicePixelRatio || 1);
        [sheet.width, sheet.height] = [Math.max(1, Math.round(width * sharp)), Math.max(1, Math.round(height * sharp))];
        sheet.getContext("2d").drawImage(video, 0, 0, sheet.width, sheet.height);
        cells[at].replaceChildren(sheet);
      }
    } finally { // also where a seek fails: the film is let go
      video.removeAttribute("src");
      video.load();
    }
  }
}
