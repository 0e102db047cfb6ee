// The picture held against a version, an earlier state of the settings, or what the engine does by itself: by a wipe, one
// after the other, or side by side. What it is held against is rendered by the engine like the picture itself.

const AUTOMATIC = "automatic";
const PATIENT = 12; // states of the history offered; the rest is in the history's own list

export class Compare {
  /** parts: {bar, button, select, other, line, label, labelB, frameA, frameB}; on: {wish(), changed(), steps()};
      preview: makes the other picture. */
  constructor(parts, preview, on, words) {
    Object.assign(this, { ...parts, preview, on, words, mode: "", flipped: false, share: 50 });
    this.choice = null;
    this.select.addEventListener("change", () => { this.choice = this.select.value; this.ask(); this.paint(); });
    this.bar.addEventListener("click", (event) => {
      const button = event.target.closest("[data-compare]");
      if (button) this.set(button.dataset.compare);
    });
    this.button.addEventListener("click", () => this.set(this.mode ? "" : "wipe"));
    this.line.addEventListener("pointerdown", (event) => this.drag(event));
    this.line.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1 }[event.key];
      if (by) { event.preventDefault(); event.stopPropagation(); this.wipe(this.share + by * (event.shiftKey ? 10 : 1)); }
      if (event.key === "Home" || event.key === "End") { event.preventDefault(); event.stopPropagation(); this.wipe(event.key === "Home" ? 0 : 100); }
    });
    this.wipe(50);
  }

  get name() { return this.select.selectedOptions[0]?.dataset.name ?? ""; }
  get shownOther() { return this.mode === "flip" && this.flipped; }
  /** Whether the other picture is what is seen at part `x` of the frame's width, or in the second frame. */
  otherAt(x, second) { return this.shownOther || (this.mode === "wipe" && x * 100 < this.share) || (this.mode === "side" && second); }

  /** wipe, flip, side, or "" to end. */
  async set(mode, choice = null) {
    if (mode && (!this.mode || choice)) await this.offer(choice);
    this.mode = mode;
    if (mode !== "flip") this.flipped = false;
    this.ask();
    this.paint();
    this.on.changed();
  }
  flip(yes = !this.flipped) {
    if (this.mode !== "flip") return this.set("flip").then(() => { this.flipped = true; this.paint(); this.on.changed(); });
    this.flipped = yes;
    this.paint();
    this.on.changed();
  }

  /** Fill the list: versions, then states of the history, then everything automatic. */
  async offer(choice = null) {
    const options = [];
    const group = (label, rows) => {
      if (!rows.length) return;
      const box = document.createElement("optgroup");
      box.label = label;
      box.append(...rows.map(({ value, text, name }) => Object.assign(new Option(text, value), { name }).cloneNode(true)));
      [...box.children].forEach((option, at) => { option.dataset.name = rows[at].name; });
      options.push(box);
    };
    const versions = [...document.querySelectorAll(".comp-version[data-version]")].map(({ dataset }) => ({
      value: `version:${dataset.version}`, name: dataset.name, text: dataset.comment ? `${dataset.name} · ${dataset.comment}` : dataset.name,
    }));
    const steps = (await this.on.steps()).filter((step) => !step.now);
    const wanted = choice?.startsWith("step:") ? steps.filter((step) => `step:${step.id}` === choice) : [];
    const shown = [...new Set([...steps.slice(0, PATIENT), ...wanted])];
    group(this.words.versions, versions);
    group(this.words.history, shown.map((step) => ({ value: `step:${step.id}`, name: step.said, text: step.said })));
    group("—", [{ value: AUTOMATIC, name: this.words.automatic, text: this.words.automatic }]);
    const before = choice ?? this.choice;
    this.select.replaceChildren(...options);
    const values = [...this.select.options].map((option) => option.value);
    this.select.value = values.includes(before) ? before : values[0];
    this.choice = this.select.value;
  }

  /** What is asked of the engine for the other side, from what is asked for this one. */
  wish({ values: _values, ...rest }) {
    if (this.choice === AUTOMATIC || !this.choice) return { ...rest, values: {} };
    const [kind, what] = this.choice.split(":");
    return kind === "version" ? { ...rest, version: Number(what) } : { ...rest, step: what };
  }
  /** While a hand drags, only for what is seen and would look different: another frame or view, not another width. */
  ask(dragging = false) {
    if (!this.mode) return;
    const wish = this.wish(this.on.wish()), { width: _width, mode: _mode, ...what } = wish, subject = JSON.stringify(what);
    if (dragging && (subject === this.subject || (this.mode === "flip" && !this.flipped))) return;
    this.subject = subject;
    this.preview.want(wish);
  }

  /** When the other side is as newest asked for, where it is seen; false where it could not be had. */
  settled() { return this.mode && (this.mode !== "flip" || this.flipped) ? this.preview.settled() : Promise.resolve(true); }

  paint() {
    this.bar.hidden = !this.mode;
    this.button.setAttribute("aria-pressed", String(!!this.mode));
    this.bar.querySelectorAll(".segments [data-compare]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.compare === this.mode)));
    const side = this.mode === "side", over = this.mode === "wipe" || this.shownOther;
    const home = side ? this.frameB : this.frameA;
    if (this.other.parentElement !== home) side ? home.append(this.other, this.labelB) : (home.querySelector("img").after(this.other), home.append(this.labelB));
    this.frameB.hidden = !side;
    this.other.hidden = !(side || over) || !this.other.getAttribute("src");
    this.line.hidden = this.mode !== "wipe";
    this.frameA.dataset.compare = this.frameA.parentElement.dataset.compare = this.mode;
    this.label.hidden = !this.mode || (this.mode === "flip" && this.flipped);
    this.label.textContent = this.mode ? this.words.now : "";
    this.labelB.hidden = !(this.mode === "wipe" || side || this.shownOther);
    this.labelB.textContent = this.rendering ? `${this.name} · ${this.words.rendering}` : this.name;
  }

  /** The other picture is on its way: said where it will stand. */
  working(yes) { this.rendering = yes; this.labelB.textContent = yes ? `${this.name} · ${this.words.rendering}` : this.name; }

  wipe(percent) {
    this.share = Math.min(100, Math.max(0, percent));
    this.frameA.style.setProperty("--wipe", `${this.share}%`);
    this.line.setAttribute("aria-valuenow", String(Math.round(this.share)));
  }
  drag(event) {
    event.preventDefault();
    event.stopPropagation();
    this.line.focus({ preventScroll: true });
    this.line.setPointerCapture(event.pointerId);
    const move = (next) => { const box = this.frameA.getBoundingClientRect(); this.wipe(((next.clientX - box.left) / box.width) * 100); };
    this.line.addEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) this.line.addEventListener(name, () => this.line.removeEventListener("pointermove", move), { once: true });
  }
}
