// The polygons on the frame: drawn point by point, then moved, bent, grown and thinned by hand or keys.
import { bounded, inserted, keyAt, pointsAt, removed, withKey } from "./comp_shapes.js";

const NEAR_PX = 14; // this near to the first point a click closes
const make = (name, attributes) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
};

export class Draw {
  /** svg: over the frame; on: {state() -> {masks, selected, own, placing, may}, change(mask, dragging), add(kind, points),
      select(id), leave(), few()}; words. */
  constructor(svg, on, words) {
    Object.assign(this, { svg, on, words, drawing: null, hand: null, grip: null, focus: null });
    this.size = svg.getAttribute("viewBox").split(" ").slice(2).map(Number);
    svg.addEventListener("pointerdown", (event) => this.down(event));
    svg.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) svg.addEventListener(name, () => this.up());
    svg.addEventListener("dblclick", (event) => { if (!this.drawing) return; event.preventDefault(); this.drawing.points.pop(); this.close(); }); // its second click set one point too many
    svg.addEventListener("keydown", (event) => this.key(event));
    svg.addEventListener("focusin", (event) => { this.focus = event.target.dataset.point ?? null; });
  }

  // -- a new one
  start(kind) { this.drawing = { kind, points: [] }; this.hand = null; this.paint(); }
  cancel() { const was = this.drawing; this.drawing = null; this.paint(); if (was) this.on.leave(); }
  back() { if (!this.drawing) return; this.drawing.points.length ? this.drawing.points.pop() : this.cancel(); this.paint(); }
  close() {
    if (!this.drawing) return;
    const { kind, points } = this.drawing;
    if (points.length < 3) return this.on.few();
    this.drawing = null;
    this.on.add(kind, points.map(bounded));
  }

  // -- the pointer
  place(event) {
    const box = this.svg.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }
  down(event) {
    if (event.button) return;
    const state = this.on.state();
    if (this.drawing) {
      event.preventDefault();
      event.stopPropagation();
      const [first] = this.drawing.points, at = this.place(event), box = this.svg.getBoundingClientRect();
      if (first && this.drawing.points.length > 2) {
        const [x, y] = state.placing.out(first);
        if (Math.hypot((x - at[0]) * box.width, (y - at[1]) * box.height) < NEAR_PX) return this.close();
      }
      this.drawing.points.push(state.placing.back(at));
      this.hand = at;
      return this.paint();
    }
    const mark = event.target.dataset, mask = state.masks.find(({ id }) => id === mark?.mask);
    if (!mask) return;
    event.stopPropagation();
    event.preventDefault();
    if (mask.id !== state.selected) return this.on.select(mask.id);
    if (!state.may) return;
    let own = mask, point = mark.point === undefined ? null : Number(mark.point);
    if (mark.middle !== undefined) { own = inserted(mask, Number(mark.middle)); point = Number(mark.middle) + 1; this.on.change(own, true); }
    this.svg.setPointerCapture(event.pointerId);
    this.grip = { id: mask.id, point, from: state.placing.back(this.place(event)), points: pointsAt(own, state.own), moved: mark.middle !== undefined };
    this.focus = point === null ? null : String(point);
  }
  move(event) {
    const state = this.on.state();
    if (this.drawing) { this.hand = this.place(event); return this.paint(); }
    if (!this.grip) return;
    event.stopPropagation();
    const here = state.placing.back(this.place(event)), by = [here[0] - this.grip.from[0], here[1] - this.grip.from[1]];
    if (!this.grip.moved && Math.hypot(...by) < 15) return;
    this.grip.moved = true;
    const points = this.grip.points.map((at, place) => (this.grip.point === null || place === this.grip.point ? [at[0] + by[0], at[1] + by[1]] : at));
    const mask = state.masks.find(({ id }) => id === this.grip.id);
    if (mask) this.on.change(withKey(mask, state.own, points), true);
  }
  up() {
    const grip = this.grip;
    this.grip = null;
    if (!grip) return;
    const mask = this.on.state().masks.find(({ id }) => id === grip.id);
    if (grip.moved && mask) this.on.change(mask, false);
    else this.paint();
    if (this.focus !== null) this.svg.querySelector(`[data-point="${this.focus}"]`)?.focus({ preventScroll: true });
  }

  // -- keys on a point
  /** Bring the keyboard to the chosen mask's first point; whether there is one. */
  reach() {
    const point = this.svg.querySelector("[data-point]");
    point?.focus({ preventScroll: true });
    return !!point;
  }
  key(event) {
    const state = this.on.state(), mask = state.masks.find(({ id }) => id === state.selected), point = event.target.dataset?.point;
    if (!mask || point === undefined || !state.may || event.ctrlKey || event.metaKey || event.altKey) return;
    let next = point;
    const at = Number(point), by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (by) {
      const [wide, tall] = this.size, far = event.shiftKey ? 10 : 1, points = pointsAt(mask, state.own);
      const [x, y] = state.placing.out(points[at]);
      points[at] = state.placing.back([x + (by[0] * far) / wide, y + (by[1] * far) / tall]);
      this.on.change(withKey(mask, state.own, points), false);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      if (mask.keys[0].points.length <= 3) this.on.few();
      else { next = String(Math.max(0, at - 1)); this.on.change(removed(mask, at), false); }
    } else if (event.key === "Insert") { next = String(at + 1); this.on.change(inserted(mask, at), false); }
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.svg.querySelector(`[data-point="${next}"]`)?.focus({ preventScroll: true });
  }

  // -- the picture of it
  line(points, placing, closed) {
    const [wide, tall] = this.size;
    return points.map((at, place) => { const [x, y] = placing.out(at); return `${place ? "L" : "M"}${(x * wide).toFixed(1)} ${(y * tall).toFixed(1)}`; }).join("") + (closed ? "Z" : "");
  }
  dot(at, placing) { return `${this.line([at], placing, false)}h0`; }

  paint() {
    const { masks, selected, own, placing, may } = this.on.state(), parts = [];
    const held = this.svg.contains(document.activeElement) ? document.activeElement.dataset.point : null;
    for (const mask of masks) {
      if (mask.off && mask.id !== selected) continue;
      const points = pointsAt(mask, own), chosen = mask.id === selected && !this.drawing;
      const path = this.line(points, placing, true);
      parts.push(make("path", { d: path, class: "comp-shape-under" }));
      parts.push(make("path", { d: path, class: "comp-shape", "data-kind": mask.kind, "data-mask": mask.id, ...(chosen ? { "data-chosen": "" } : {}), ...(keyAt(mask, own) ? {} : { "data-between": "" }) }));
      if (!chosen || !may) continue;
      points.forEach((at, place) => {
        const next = points[(place + 1) % points.length], middle = [(at[0] + next[0]) / 2, (at[1] + next[1]) / 2];
        parts.push(make("path", { d: this.dot(middle, placing), class: "comp-grip", "data-mask": mask.id, "data-middle": place }), make("path", { d: this.dot(middle, placing), class: "comp-middle" }));
      });
      points.forEach((at, place) => {
        const label = this.words.point.replace("%(number)s", place + 1).replace("%(count)s", points.length);
        parts.push(make("path", { d: this.dot(at, placing), class: "comp-dot" }));
        parts.push(make("path", { d: this.dot(at, placing), class: "comp-grip", tabindex: 0, role: "button", "aria-label": label, "data-mask": mask.id, "data-point": place }));
      });
    }
    if (this.drawing) {
      const points = this.drawing.points, shown = this.hand ? [...points, placing.back(this.hand)] : points;
      if (shown.length > 1) parts.push(make("path", { d: this.line(shown, placing, false), class: "comp-shape-under" }), make("path", { d: this.line(shown, placing, false), class: "comp-shape comp-drawing", "data-kind": this.drawing.kind }));
      for (const [place, at] of points.entries()) parts.push(make("path", { d: this.dot(at, placing), class: place ? "comp-dot" : "comp-dot comp-first" }));
    }
    this.svg.replaceChildren(...parts);
    this.svg.toggleAttribute("data-drawing", !!this.drawing);
    this.svg.toggleAttribute("hidden", !parts.length && !this.drawing);
    if (held !== null && held !== undefined && !this.grip) this.svg.querySelector(`[data-point="${held}"]`)?.focus({ preventScroll: true });
  }
}
