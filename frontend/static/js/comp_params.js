// The parameter panel: rows that show stored whole numbers in people's units, and tell when a hand moves or leaves them.

export class Params {
  /** root: the panel; on: {drag(key), commit(key)}. values and layers are set by paint. */
  constructor(root, on) {
    Object.assign(this, { root, on, values: {}, layers: {}, found: {} });
    root.addEventListener("input", (event) => this.input(event));
    root.addEventListener("change", (event) => this.change(event));
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-auto]");
      if (button) { const row = button.closest(".comp-param"); this.put(row, undefined); this.on.commit(row.dataset.key); }
    });
    root.addEventListener("pointerdown", (event) => { if (event.target.matches("input[type=range]")) root.classList.add("dragging"); });
    for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => root.classList.remove("dragging"));
  }

  split(key) { const at = key.lastIndexOf("."); return [key.slice(0, at), key.slice(at + 1)]; }
  get(key) { const [scope, name] = this.split(key); return this.values[scope]?.[name]; }
  fallback(row) {
    const [scope, name] = this.split(row.dataset.key);
    if (name === "centre_milli") return this.layers[scope]?.centre_milli ?? 500;
    if (row.dataset.automatic !== undefined) return this.found[scope]?.hue_milli ?? 0;
    return row.dataset.unit === "choice" ? "" : Number(row.dataset.default);
  }

  /** Set a row's value; undefined, or what it would be anyway, means automatic. */
  put(row, value) {
    const [scope, name] = this.split(row.dataset.key);
    const own = row.dataset.automatic === undefined && value === this.fallback(row);
    const part = { ...(this.values[scope] ?? {}) };
    if (value === undefined || own) delete part[name]; else part[name] = value;
    this.values = { ...this.values, [scope]: part };
    if (!Object.keys(part).length) delete this.values[scope];
    this.paintRow(row);
    this.paintCount(row.closest(".comp-group"));
  }

  /** What has no row of its own (a layer's masks, the guides); undefined and an empty list are nothing. */
  set(scope, name, value) {
    const { [name]: _old, ...part } = this.values[scope] ?? {};
    if (typeof value === "number" || value?.length) part[name] = value;
    this.values = { ...this.values, [scope]: part };
    if (!Object.keys(part).length) delete this.values[scope];
  }

  input(event) {
    const row = event.target.closest(".comp-param");
    if (!row || !event.target.matches("input[type=range]")) return;
    this.put(row, Number(event.target.value));
    this.on.drag(row.dataset.key);
  }
  change(event) {
    const row = event.target.closest(".comp-param"), field = event.target;
    if (!row) return;
    if (field.matches("[data-number]")) {
      const range = row.querySelector("input[type=range]");
      const typed = Math.round(Number(field.value) / Number(row.dataset.factor));
      this.put(row, field.value.trim() === "" || Number.isNaN(typed) ? undefined : Math.min(Number(range.max), Math.max(Number(range.min), typed)));
    } else if (field.matches("[type=checkbox]")) this.put(row, field.checked ? 1 : 0);
    else if (field.matches("select")) this.put(row, field.value);
    else if (field.matches("[type=range]")) this.put(row, Number(field.value));
    else return;
    this.on.commit(row.dataset.key);
  }

  paint(values, layers) {
    this.values = values;
    if (layers) this.layers = layers;
    this.root.querySelectorAll(".comp-param").forEach((row) => this.paintRow(row));
    this.root.querySelectorAll(".comp-group").forEach((group) => this.paintCount(group));
  }
  paintRow(row) {
    const set = this.get(row.dataset.key), value = set ?? this.fallback(row);
    row.toggleAttribute("data-set", set !== undefined);
    const field = row.querySelector("[data-value]");
    if (row.dataset.unit === "switch") { field.checked = value === 1; return; }
    if (document.activeElement !== field || field.type !== "range" || Number(field.value) !== value) field.value = value;
    if (row.dataset.unit === "choice") return;
    const [scope, name] = this.split(row.dataset.key), own = this.layers[scope]?.frames;
    if (name === "frame_offset" && own > 1) field.max = own - 1; // past its end nothing of it is left
    const number = row.querySelector("[data-number]");
    const shown = (value * Number(row.dataset.factor)).toFixed(Number(row.dataset.decimals));
    number.value = row.dataset.automatic !== undefined && set === undefined ? "" : shown;
    number.placeholder = shown;
    const span = Number(field.max) - Number(field.min);
    field.style.setProperty("--at", `${((Math.min(field.max, Math.max(field.min, value)) - field.min) / span) * 100}%`);
    const rest = row.dataset.automatic !== undefined ? Number(field.min) : this.fallback(row);
    field.style.setProperty("--rest", `${((Math.min(field.max, Math.max(field.min, rest)) - field.min) / span) * 100}%`);
  }
  paintCount(group) {
    const count = group?.querySelectorAll(".comp-param[data-set]").length ?? 0, mark = group?.querySelector("[data-count]");
    if (mark) { mark.textContent = count; mark.hidden = !count; }
  }

  /** What the engine found, so that "automatic" can show its figure. screens: {layer id: {hue_milli, srgb, ...}}. */
  learn(screens) {
    this.found = { ...this.found, ...screens };
    for (const [layer, screen] of Object.entries(screens)) {
      // Matted by the person there is no screen: no colour to show, and what works on one does nothing.
      this.root.querySelector(`[data-panel="${layer}"]`)?.toggleAttribute("data-by-person", screen.method === "person");
      const swatch = this.root.querySelector(`[data-swatch="${layer}"]`);
      swatch?.style.setProperty("--c", screen.srgb ? `rgb(${screen.srgb.join(" ")})` : "transparent");
      const row = this.root.querySelector(`[data-key="${layer}.screen_hue_milli"]`);
      if (row) this.paintRow(row);
    }
  }
}
