// Notes beside the player: they mark the strip, light up on their frames, show their drawings, and take the player there.

export class Notes {
  constructor(player) {
    this.player = player;
    this.annotate = player.querySelector("huo-annotate");
    this.chosen = new URLSearchParams(location.search).get("note") ?? "";
    document.addEventListener("click", (event) => {
      const note = event.target.closest("[data-note]");
      if (note && (event.target.closest("[data-jump]") || !event.target.closest("a, button, input, textarea, select, summary, form"))) this.choose(note.dataset.note, true);
    });
    document.body.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target?.id === "notes" || event.detail.elt?.id === "notes") this.read(); });
    player.addEventListener("huo:frame", (event) => this.at(event.detail.frame));
    this.read();
  }
  get list() { return [...document.querySelectorAll("#notes [data-note]")]; }

  /** Take markers and drawings from the list as the server drew it. */
  read() {
    const placed = this.list.filter((note) => note.dataset.frameIn !== undefined);
    this.player.mark(placed.map((note) => ({
      frame: Number(note.dataset.frameIn), last: Number(note.dataset.frameOut), state: note.dataset.state, must: "must" in note.dataset && ["open", "reopened"].includes(note.dataset.state),
      label: `${note.querySelector(".noteline b")?.textContent ?? ""} ${note.querySelector(".jump").textContent}: ${note.querySelector(".text").textContent.trim().slice(0, 80)}`,
      go: () => this.choose(note.dataset.note, true),
    })));
    this.drawings = this.list.flatMap((note) => {
      const script = note.querySelector("script[type='application/json']");
      const frames = script ? JSON.parse(script.textContent) : {};
      return Object.entries(frames).map(([frame, strokes]) => ({ note: note.dataset.note, here: "here" in note.dataset, frame: Number(frame), strokes }));
    });
    this.#light();
    this.at(this.player.frame);
  }
  /** Drawings of this version's notes are always there; an older version's only when its note is chosen. */
  #light() {
    for (const note of this.list) note.classList.toggle("chosen", note.dataset.note === this.chosen);
    if (!this.annotate) return;
    this.annotate.saved = this.drawings.filter((one) => one.here || one.note === this.chosen).map((one) => ({ ...one, faded: !!this.chosen && one.note !== this.chosen }));
    this.annotate.draw();
  }
  choose(id, go) {
    this.chosen = id;
    this.#light();
    const note = document.getElementById(`note-${id}`);
    note?.scrollIntoView({ block: "nearest" });
    if (!go || note?.dataset.frameIn === undefined) return;
    this.player.pause();
    this.player.seek(Number(note.dataset.frameIn));
  }
  at(frame) {
    this.annotate?.at(frame);
    for (const note of this.list) {
      const first = note.dataset.frameIn, on = first !== undefined && frame >= Number(first) && frame <= Number(note.dataset.frameOut);
      note.classList.toggle("on-frame", on);
    }
  }
}

/** The form below the list: it follows the player until somebody writes, and carries what was drawn. */
export class Composer {
  constructor(form, player) {
    Object.assign(this, { form, player, annotate: player.querySelector("huo-annotate"), range: null });
    this.text = form.elements.text;
    this.scope = form.querySelector("[data-scope]");
    this.drawButton = form.querySelector("[data-draw]");
    this.pens = form.querySelector("[data-pens]");
    player.addEventListener("huo:frame", () => this.follow());
    player.addEventListener("huo:range", (event) => this.#ranged(event.detail));
    player.addEventListener("huo:view", (event) => { form.elements.layer.value = event.detail.layer; });
    player.addEventListener("huo:drawing", (event) => this.#drawn(event.detail));
    this.scope.addEventListener("change", () => this.follow());
    this.text.addEventListener("focus", () => player.pause());
    this.text.addEventListener("input", () => { this.text.style.height = "auto"; this.text.style.height = `${Math.min(180, this.text.scrollHeight + 2)}px`; });
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
      if (event.key === "Escape") this.text.blur();
    });
    this.drawButton.addEventListener("click", () => this.draw());
    for (const pen of form.querySelectorAll("[data-colour]")) pen.addEventListener("click", () => this.#pen(pen));
    form.querySelector("[data-undo]").addEventListener("click", () => this.annotate.undo());
    form.querySelector("[data-redo]").addEventListener("click", () => this.annotate.redo());
    form.querySelector("[data-clear]").addEventListener("click", () => this.annotate.clear());
    form.addEventListener("htmx:afterRequest", (event) => { if (event.detail.elt === form && event.detail.successful) this.reset(); });
    this.follow();
  }
  /** Frames go to the server as people count them. */
  follow() {
    const label = (frame) => String(frame + Number(this.form.dataset.start)), words = this.text.dataset;
    const [first, last] = this.scope.value === "range" && this.range ? [this.range.first, this.range.last] : [this.player.frame, this.player.frame];
    const none = this.scope.value === "shot";
    this.form.elements.frame_in.value = none ? "" : label(first);
    this.form.elements.frame_out.value = none ? "" : label(last);
    this.text.placeholder = none ? words.shotWords : first === last ? words.frameWords.replace("%s", label(first)) : words.rangeWords.replace("%s", `${label(first)}–${label(last)}`);
  }
  #ranged({ first, last, set }) {
    this.range = set ? { first, last } : null;
    this.scope.querySelector("[value=range]").disabled = !set;
    if (set) this.scope.value = "range"; else if (this.scope.value === "range") this.scope.value = "frame";
    this.follow();
  }
  write() { this.text.focus(); }
  draw(on = !this.annotate.active) {
    on ? this.annotate.start() : this.annotate.stop();
    if (on) this.player.pause();
    this.drawButton.setAttribute("aria-pressed", String(on));
    this.pens.hidden = !on;
  }
  #pen(pen) {
    this.annotate.colour = pen.dataset.colour;
    for (const other of this.form.querySelectorAll("[data-colour]")) other.setAttribute("aria-pressed", String(other === pen));
  }
  #drawn({ count, undone }) {
    this.form.elements.drawings.value = count ? JSON.stringify(this.annotate.drawings) : "";
    this.form.querySelector("[data-undo]").disabled = this.form.querySelector("[data-clear]").disabled = !count;
    this.form.querySelector("[data-redo]").disabled = !undone;
  }
  reset() {
    const { must, internal, layer } = this.form.elements, kept = [internal?.checked, layer.value];
    this.text.value = "";
    this.text.style.height = "";
    if (must) must.checked = false;
    if (internal) internal.checked = kept[0];
    this.annotate.clear();
    this.draw(false);
    this.follow();
  }
}
