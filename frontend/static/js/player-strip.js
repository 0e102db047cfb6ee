// The line of pictures under the player: where we are, in and out, where notes stand. Scrubbing shows each frame passed.

export class Strip {
  constructor(element, player) {
    Object.assign(this, { element, player, clock: player.clock });
    this.cells = element.querySelector("[data-part=cells]");
    this.head = element.querySelector("[data-part=head]");
    this.range = element.querySelector("[data-part=range]");
    this.marks = element.querySelector("[data-part=marks]");
    this.hover = element.querySelector("[data-part=hover]");
    element.addEventListener("pointerdown", (event) => this.#grab(event));
    element.addEventListener("pointermove", (event) => {
      const frame = this.#frame(event);
      this.hover.textContent = this.clock.label(frame);
      this.hover.style.setProperty("--at", this.#share(frame + 0.5));
    });
    new ResizeObserver(() => this.#draw()).observe(element);
  }
  #share(frames) { return `${(frames / this.clock.frames) * 100}%`; }
  #frame(event) {
    const box = this.element.getBoundingClientRect();
    return this.clock.clamp(Math.floor(((event.clientX - box.left) / box.width) * this.clock.frames));
  }
  #grab(event) {
    if (event.button !== 0 || event.target.closest("button")) return;
    event.preventDefault();
    this.element.focus({ preventScroll: true });
    this.element.setPointerCapture(event.pointerId);
    this.player.pause();
    this.player.seek(this.#frame(event));
    const move = (next) => this.player.seek(this.#frame(next));
    this.element.addEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) this.element.addEventListener(name, () => this.element.removeEventListener("pointermove", move), { once: true });
  }
  #draw() {
    const { filmstrip, tiles: count } = this.element.dataset, tiles = Number(count);
    if (!filmstrip || !tiles) return;
    const box = this.element.getBoundingClientRect(), wide = Math.max(18, box.height * this.player.aspect);
    const fit = Math.max(4, Math.floor(box.width / wide));
    this.cells.replaceChildren(...Array.from({ length: fit }, (_, index) => {
      const cell = document.createElement("i"), tile = Math.min(tiles - 1, Math.floor(((index + 0.5) / fit) * tiles));
      cell.style.backgroundImage = `url("${filmstrip}")`;
      cell.style.backgroundSize = `${tiles * 100}% 100%`;
      cell.style.backgroundPosition = `${tiles > 1 ? (tile / (tiles - 1)) * 100 : 0}% 0`;
      return cell;
    }));
  }
  at(frame) {
    this.head.style.setProperty("--at", this.#share(frame + 0.5));
    this.element.setAttribute("aria-valuenow", this.clock.label(frame));
    this.element.setAttribute("aria-valuetext", `${this.clock.label(frame)} · ${this.clock.timecode(frame)}`);
  }
  between(first, last, set) {
    this.range.hidden = !set;
    this.range.style.setProperty("--from", this.#share(first));
    this.range.style.setProperty("--to", this.#share(last + 1));
  }
  /** markers: [{frame, last, state, label, go()}]: one dot each, a bar under it for a range. */
  mark(markers) {
    this.marks.replaceChildren(...markers.map((marker) => {
      const dot = document.createElement("button");
      Object.assign(dot, { type: "button", className: "mark", title: marker.label, onclick: marker.go });
      dot.setAttribute("aria-label", marker.label);
      dot.dataset.state = marker.state;
      if (marker.must) dot.dataset.must = "";
      dot.style.setProperty("--at", this.#share(marker.frame + 0.5));
      dot.style.setProperty("--long", marker.last > marker.frame ? this.#share(marker.last - marker.frame) : "0%");
      return dot;
    }));
  }
}
