// The magnifier: a piece of the picture at a multiple of the master's own pixels, at the pointer or pinned to a spot.

export class Loupe {
  /** lens: the figure; stage: what it floats in; frame(): the element whose picture it looks into. */
  constructor(lens, stage, frame, { width, words }) {
    Object.assign(this, { lens, stage, frame, width, words, on: false, pinned: false, at: null, image: null, scale: 4 });
    this.canvas = lens.querySelector("canvas");
    this.caption = lens.querySelector("figcaption");
    this.side = this.canvas.width;
    const sharp = Math.min(3, Math.max(1, Math.round(window.devicePixelRatio || 1)));
    this.canvas.width = this.canvas.height = this.side * sharp;
  }

  /** image: an <img> with the frame's picture, as large as it may be had. */
  show(image, { scale = 4, caption = null } = {}) {
    Object.assign(this, { image, scale, said: caption });
    this.draw();
  }
  start() { this.on = true; this.pinned = false; if (!this.at) this.at = [0.5, 0.35]; this.place(); this.draw(); }
  stop() { this.on = this.pinned = false; this.lens.hidden = true; }

  /** Follow the pointer; a pinned lens stays. */
  move(event) {
    if (!this.on || this.pinned) return;
    const box = this.frame().getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width, y = (event.clientY - box.top) / box.height;
    if (x < 0 || y < 0 || x > 1 || y > 1) return;
    this.at = [x, y];
    this.place();
    this.draw();
  }
  pin(yes = !this.pinned) { this.pinned = yes; this.lens.toggleAttribute("data-pinned", yes); }
  /** One pixel of the master further, for arrows. */
  nudge(dx, dy) {
    this.at = [Math.min(1, Math.max(0, this.at[0] + dx / this.width)), Math.min(1, Math.max(0, this.at[1] + dy / this.width))];
    this.place();
    this.draw();
  }

  place() {
    const stage = this.stage.getBoundingClientRect(), box = this.frame().getBoundingClientRect();
    const x = box.left - stage.left + this.at[0] * box.width, y = box.top - stage.top + this.at[1] * box.height;
    const gap = 26, size = this.side + 2;
    const left = x + gap + size < stage.width ? x + gap : x - gap - size;
    const top = y - gap - size > 0 ? y - gap - size : y + gap;
    this.lens.style.setProperty("--x", `${Math.max(4, Math.min(stage.width - size - 4, left))}px`);
    this.lens.style.setProperty("--y", `${Math.max(4, Math.min(stage.height - size - 4, top))}px`);
  }

  draw() {
    const image = this.image;
    if (!this.on || !image?.naturalWidth) { this.lens.hidden = true; return; }
    this.lens.hidden = false;
    const pen = this.canvas.getContext("2d"), own = image.naturalWidth / this.width; // its pixels to one of the master's
    const side = (this.side / this.scale) * own;
    const x = this.at[0] * image.naturalWidth, y = this.at[1] * image.naturalHeight;
    pen.imageSmoothingEnabled = own < 0.9; // a small picture is honestly soft
    pen.fillStyle = "#2b2b2b";
    pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
    pen.drawImage(image, x - side / 2, y - side / 2, side, side, 0, 0, this.canvas.width, this.canvas.height);
    const middle = this.canvas.width / 2, one = (this.canvas.width / this.side) * this.scale;
    pen.lineWidth = 3; pen.strokeStyle = "#0009"; pen.strokeRect(middle - one / 2, middle - one / 2, one, one);
    pen.lineWidth = 1; pen.strokeStyle = "#fff"; pen.strokeRect(middle - one / 2, middle - one / 2, one, one);
    this.caption.textContent = this.said ?? `×${this.scale}`;
    this.caption.title = this.words.magnified.replace("%s", this.scale);
  }
}
