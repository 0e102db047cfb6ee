// The masks of the chosen layer: their list in the panel, their keys under the filmstrip, their outlines on the frame.
import { Draw } from "./comp_draw.js";
import { keyAt, ownFrame, placing, withKey, withoutKey } from "./comp_shapes.js";

const $ = (id) => document.getElementById(id);

export class Masks {
  /** on: {layer() -> {id, facts, values} or null, view(), frame(), go(frame), commit(layer, masks), drag(layer, masks),
      say(sentence), hush(), ready()}; may: whether this person may change anything. */
  constructor(root, on, { may, words, frames }) {
    Object.assign(this, { root, on, may, words, frames, selected: null });
    this.draw = new Draw($("comp-shapes"), {
      state: () => this.state(),
      change: (mask, dragging) => this.put(this.masks.map((old) => (old.id === mask.id ? mask : old)), dragging),
      add: (kind, points) => { this.on.hush(); this.add(kind, points); },
      select: (id) => this.select(id),
      leave: () => { this.on.hush(); this.paint(); },
      few: () => this.on.say(words.few),
    }, words);
    root.addEventListener("click", (event) => this.click(event));
    root.addEventListener("input", (event) => this.field(event, true));
    root.addEventListener("change", (event) => this.field(event, false));
    document.querySelectorAll("[data-key-step]").forEach((button) => button.addEventListener("click", () => this.step(Number(button.dataset.keyStep))));
    $("comp-key-here").addEventListener("click", () => this.toggleKey());
  }

  // -- what there is
  get layer() { const layer = this.on.layer(); return layer?.facts?.maskable ? layer : null; }
  get masks() { return this.layer?.values.masks ?? []; }
  get mask() { return this.masks.find(({ id }) => id === this.selected) ?? null; }
  get own() { return this.layer ? ownFrame(this.on.frame(), this.layer.values, this.layer.facts) : 0; }
  get drawing() { return !!this.draw.drawing; }
  state() {
    const layer = this.layer;
    // No outline stands in the way of judging until a mask is chosen or drawn.
    return { masks: layer && (this.mask || this.draw?.drawing) ? this.masks : [], selected: this.selected, own: this.own, may: this.may, placing: placing(layer?.values ?? {}, this.on.view() === "plate") };
  }
  panel() { const layer = this.layer; return layer && this.root.querySelector(`[data-masks="${layer.id}"]`); }
  nameOf(mask) {
    if (mask.name) return mask.name;
    const alike = this.masks.filter((other) => other.kind === mask.kind && !other.name);
    return alike.length > 1 ? `${this.words[mask.kind]} ${alike.indexOf(mask) + 1}` : this.words[mask.kind];
  }

  // -- changing them
  put(masks, dragging = false) {
    const layer = this.layer;
    if (!layer) return;
    dragging ? this.on.drag(layer.id, masks) : this.on.commit(layer.id, masks);
    this.paint(dragging);
  }
  change(mask, changes, dragging = false) { this.put(this.masks.map((old) => (old.id === mask.id ? { ...old, ...changes } : old)), dragging); }
  start(kind) {
    if (!this.may || !this.layer) return;
    if (this.draw.drawing) { const same = this.draw.drawing.kind === kind; this.draw.cancel(); if (same) return; }
    this.on.ready();
    this.draw.start(kind);
    this.on.say(this.words.draw);
    this.paint();
  }
  add(kind, points) {
    const id = `m${crypto.getRandomValues(new Uint32Array(1))[0].toString(36)}`;
    this.selected = id;
    this.put([...this.masks, { id, kind, keys: [{ frame: this.own, points }] }]);
  }
  select(id) { this.selected = this.selected === id ? null : id; this.paint(); }
  remove(mask) { if (this.may) { if (this.selected === mask.id) this.selected = null; this.put(this.masks.filter(({ id }) => id !== mask.id)); } }
  toggleKey() {
    const mask = this.mask;
    if (!mask || !this.may) return;
    if (!keyAt(mask, this.own)) this.put(this.masks.map((old) => (old.id === mask.id ? withKey(mask, this.own) : old)));
    else if (mask.keys.length > 1) this.put(this.masks.map((old) => (old.id === mask.id ? withoutKey(mask, this.own) : old)));
    else this.on.say(this.words.one_key);
  }
  step(by) {
    const mask = this.mask;
    if (!mask) return;
    const own = this.own, keys = mask.keys.map(({ frame }) => frame);
    const next = by > 0 ? keys.find((frame) => frame > own) : keys.findLast((frame) => frame < own);
    if (next !== undefined) this.on.go(next - (this.layer.values.frame_offset ?? 0));
  }
  /** Keys of the keyboard that mean a mask. */
  key(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (this.drawing) {
      if (key === "Enter") this.draw.close();
      else if (key === "Backspace") this.draw.back();
      else if (key === "Escape") this.draw.cancel();
      else return false;
      return true;
    }
    if (key === "g" || key === "h") { if (!this.layer) return false; this.start(key === "g" ? "garbage" : "holdout"); return true; }
    if (!this.mask) return false;
    if (key === "Tab" && !event.shiftKey && event.target === document.body) return this.draw.reach();
    if (key === "k") this.toggleKey();
    else if (key === "," || key === ".") this.step(key === "," ? -1 : 1);
    else if (key === "Delete") this.remove(this.mask);
    else if (key === "Escape") this.select(this.mask.id);
    else return false;
    return true;
  }
  leave() { if (this.drawing) this.draw.cancel(); }

  click(event) {
    const at = (name) => event.target.closest(`[data-${name}]`);
    if (at("draw")) return this.start(at("draw").dataset.draw);
    const row = event.target.closest(".comp-mask"), mask = row && this.masks.find(({ id }) => id === row.dataset.id);
    if (!mask) return;
    if (at("mask-pick")) this.select(mask.id);
    else if (!this.may) return;
    else if (at("mask-eye")) { const { off, ...rest } = mask; this.put(this.masks.map((old) => (old === mask ? (off ? rest : { ...rest, off: 1 }) : old))); }
    else if (at("mask-delete")) this.remove(mask);
  }
  field(event, dragging) {
    const name = event.target.dataset.maskField, row = event.target.closest(".comp-mask");
    if (!name || !row || (dragging && event.target.type !== "range")) return;
    const mask = this.masks.find(({ id }) => id === row.dataset.id), value = event.target.value;
    if (!mask) return;
    event.stopPropagation();
    if (name === "feather") this.change(mask, { feather_px_milli: Math.round(Math.min(400, Math.max(0, Number(value) || 0)) * 1000) }, dragging);
    else if (name === "invert") this.change(mask, { invert: event.target.checked ? 1 : 0 });
    else this.change(mask, { [name]: value.trim() });
  }

  // -- showing them
  paint(dragging = false) {
    if (this.selected && !this.mask) this.selected = null;
    this.draw.paint();
    this.paintLane();
    if (!dragging) this.paintList();
    else this.panel()?.querySelectorAll("[data-mask-field=feather]").forEach((field) => { if (field !== document.activeElement && field.closest(".comp-mask").dataset.id === this.selected) field.value = (this.mask?.feather_px_milli ?? 0) / 1000; });
    this.root.querySelectorAll("[data-draw]").forEach((button) => button.setAttribute("aria-pressed", String(this.draw.drawing?.kind === button.dataset.draw)));
  }
  paintList() {
    const panel = this.panel();
    if (!panel) return;
    const list = panel.querySelector("[data-mask-list]"), template = panel.querySelector("[data-mask-row]"), masks = this.masks;
    const held = list.contains(document.activeElement) ? [document.activeElement.closest(".comp-mask").dataset.id, document.activeElement.dataset.maskField, document.activeElement.type, [...document.activeElement.attributes].find(({ name }) => name.startsWith("data-mask-"))?.name] : null;
    list.replaceChildren(...masks.map((mask) => {
      const row = template.content.firstElementChild.cloneNode(true), part = (name) => row.querySelector(`[data-mask-${name}]`);
      Object.assign(row.dataset, { id: mask.id, kind: mask.kind });
      const chosen = mask.id === this.selected;
      row.toggleAttribute("data-chosen", chosen);
      row.toggleAttribute("data-off", !!mask.off);
      part("eye").setAttribute("aria-pressed", String(!mask.off));
      part("name").textContent = this.nameOf(mask);
      part("keys").textContent = mask.keys.length > 1 ? this.words.keys.replace("%(count)s", mask.keys.length) : "";
      part("pick").setAttribute("aria-expanded", String(chosen));
      part("more").hidden = !chosen;
      for (const field of row.querySelectorAll("[data-mask-field]")) {
        const name = field.dataset.maskField;
        if (name === "invert") field.checked = !!mask.invert;
        else field.value = name === "feather" ? (mask.feather_px_milli ?? 0) / 1000 : mask[name] ?? "";
        if (name === "name") field.placeholder = this.nameOf({ ...mask, name: "" }) ?? "";
        field.disabled = !this.may;
      }
      for (const name of ["eye", "delete"]) part(name).disabled = !this.may;
      return row;
    }));
    if (held) {
      const row = list.querySelector(`[data-id="${held[0]}"]`);
      (held[1] ? row?.querySelector(`[data-mask-field="${held[1]}"][type="${held[2]}"], select[data-mask-field="${held[1]}"]`) : row?.querySelector(`[${held[3]}]`))?.focus({ preventScroll: true });
    }
    panel.querySelector("[data-mask-none]").hidden = masks.length > 0;
    const count = panel.querySelector("[data-mask-count]");
    count.textContent = masks.length;
    count.hidden = !masks.length;
  }
  paintLane() {
    const lane = $("comp-lane"), mask = this.mask;
    lane.hidden = !mask;
    if (!mask) return;
    const { start, count } = this.frames(), offset = this.layer.values.frame_offset ?? 0, own = this.own;
    $("comp-lane-name").textContent = this.nameOf(mask);
    const here = $("comp-key-here");
    here.setAttribute("aria-pressed", String(!!keyAt(mask, own)));
    here.disabled = !this.may;
    $("comp-keys").replaceChildren(...mask.keys.map(({ frame }) => {
      const at = frame - offset, key = document.createElement("button");
      key.type = "button";
      key.className = "comp-key";
      key.hidden = at < 0 || at >= count;
      key.style.setProperty("--at", count > 1 ? at / (count - 1) : 0);
      key.setAttribute("aria-label", this.words.key_here.replace("%s", start + at));
      key.title = String(start + at);
      key.toggleAttribute("data-here", frame === own);
      key.addEventListener("click", () => this.on.go(at));
      return key;
    }));
  }
}
