// <huo-annotate>: drawings over the picture, in thousandths of its width and height, so that they fit every size of it.
//   .saved = [{frame, strokes, faded}] what notes hold      .drawings  {frame: strokes} what is being drawn now
//   .start() .stop() .undo() .redo() .clear()   event huo:drawing {count} when the new drawing changes
const SVG = "http://www.w3.org/2000/svg";

class HuoAnnotate extends HTMLElement {
  connectedCallback() {
    if (this.svg) return;
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("viewBox", "0 0 1000 1000");
    this.svg.setAttribute("preserveAspectRatio", "none");
    this.svg.setAttribute("aria-hidden", "true");
    this.append(this.svg);
    Object.assign(this, { frame: 0, saved: [], drawn: [], undone: [], colour: "#ff6b4a", width: 6 });
    this.addEventListener("pointerdown", (event) => this.#pen(event));
    new ResizeObserver(() => this.draw()).observe(this);
  }
  get active() { return this.hasAttribute("drawing"); }
  start() { this.setAttribute("drawing", ""); this.draw(); }
  stop() { this.removeAttribute("drawing"); this.draw(); }

  get drawings() {
    const frames = {};
    for (const { frame, stroke } of this.drawn) (frames[frame] ??= []).push(stroke);
    return frames;
  }
  undo() { const last = this.drawn.pop(); if (last) this.undone.push(last); this.#changed(); }
  redo() { const next = this.undone.pop(); if (next) this.drawn.push(next); this.#changed(); }
  clear() { this.drawn = []; this.undone = []; this.#changed(); }
  #changed() {
    this.draw();
    this.dispatchEvent(new CustomEvent("huo:drawing", { bubbles: true, detail: { count: this.drawn.length, undone: this.undone.length } }));
  }

  at(frame) { if (frame !== this.frame) { this.frame = frame; this.draw(); } }
  draw() {
    const scale = this.getBoundingClientRect().width / 1000;
    const lines = this.saved.filter((one) => one.frame === this.frame).flatMap((one) => one.strokes.map((stroke) => [stroke, one.faded]));
    lines.push(...this.drawn.filter((one) => one.frame === this.frame).map((one) => [one.stroke, false]));
    if (this.current) lines.push([this.current, false]);
    this.svg.replaceChildren(...lines.map(([stroke, faded]) => this.#line(stroke, faded, scale)));
  }
  #line(stroke, faded, scale) {
    const path = document.createElementNS(SVG, "path"), points = stroke.points;
    // Through the middles of its points a hand's line is smooth; a single point is a dot.
    let way = `M${points[0].join(" ")}`;
    if (points.length === 1) way += "h0.01";
    for (let i = 1; i < points.length - 1; i += 1) way += `Q${points[i].join(" ")} ${(points[i][0] + points[i + 1][0]) / 2} ${(points[i][1] + points[i + 1][1]) / 2}`;
    if (points.length > 1) way += `L${points.at(-1).join(" ")}`;
    path.setAttribute("d", way);
    path.setAttribute("stroke", stroke.colour);
    path.setAttribute("stroke-width", Math.max(1.5, stroke.width * scale));
    path.setAttribute("vector-effect", "non-scaling-stroke");
    if (faded) path.setAttribute("opacity", "0.45");
    return path;
  }
  #point(event) {
    const box = this.getBoundingClientRect(), thousandth = (share) => Math.min(1000, Math.max(0, Math.round(share * 1000)));
    return [thousandth((event.clientX - box.left) / box.width), thousandth((event.clientY - box.top) / box.height)];
  }
  #pen(event) {
    if (!this.active || event.button !== 0) return;
    event.preventDefault();
    this.setPointerCapture(event.pointerId);
    const frame = this.frame;
    this.current = { colour: this.colour, width: this.width, points: [this.#point(event)] };
    this.draw();
    const move = (next) => {
      const points = this.current.points, fresh = this.#point(next), last = points.at(-1);
      if (points.length < 2000 && Math.hypot(fresh[0] - last[0], fresh[1] - last[1]) >= 3) { points.push(fresh); this.draw(); }
    };
    const up = () => {
      this.removeEventListener("pointermove", move);
      if (!this.current) return;
      this.drawn.push({ frame, stroke: this.current });
      this.undone = [];
      this.current = null;
      this.#changed();
    };
    this.addEventListener("pointermove", move);
    this.addEventListener("pointerup", up, { once: true });
    this.addEventListener("pointercancel", up, { once: true });
  }
}

customElements.define("huo-annotate", HuoAnnotate);
