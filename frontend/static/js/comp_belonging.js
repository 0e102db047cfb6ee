// Whether the actor belongs: what each still tells of light and camera, in the panel and drawn over the picture.
import { cameraGuides } from "./comp_camera.js";
import { fill, lightGuides } from "./comp_light.js";

const KEPT = "huo:comp-guides";

export class Belonging {
  /** root: the panel; svg: over the frame; page: {params, may, size, show(), save()}. */
  constructor(root, svg, page, words) {
    Object.assign(this, { root, svg, page, words, data: null, digest: "", draws: "", behind: "" });
    this.shown = new Set((localStorage.getItem(KEPT) ?? "").split(" ").filter(Boolean));
    document.addEventListener("click", (event) => this.click(event));
    root.addEventListener("change", (event) => this.typed(event));
    document.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "comp-relight" || event.detail.elt?.id === "comp-relight") this.relit(); });
    svg.addEventListener("pointerdown", (event) => this.grab(event));
    svg.addEventListener("keydown", (event) => this.key(event));
    this.paintButtons();
    this.relit(true);
  }

  say(name, text, grade) {
    const place = this.root.querySelector(`[data-say="${name}"]`);
    place.textContent = text ?? "";
    if (grade !== undefined) place.dataset.grade = grade;
  }
  button(name, on) { const button = this.root.querySelector(`[data-${name}]`); if (button) button.hidden = !on; }

  /** A preview's answer. */
  told({ belonging, digest }) {
    if (belonging === undefined || belonging === null) return;
    this.data = structuredClone(belonging); // the answer is kept for the next time; a drag must not change it
    this.digest = digest;
    this.root.hidden = false;
    this.paintLight(belonging.light);
    this.paintCamera(belonging.camera);
    const { found, advice, grade } = belonging.sharpness;
    this.say("sharpness", [found, advice].filter(Boolean).join(" "), grade);
    this.arm();
    this.paint();
  }
  paintLight(light) {
    const words = this.words, ground = light?.background;
    this.root.querySelector('[data-has="background"]').hidden = !ground;
    this.say("actor", !light ? words.no_face : light.believed ? `${light.found} ${light.azimuth}°` : words.even);
    this.say("light", light?.advice ?? "", light?.grade ?? "plain");
    const swatch = (name, colour) => this.root.querySelector(`[data-colour="${name}"]`).style.setProperty("--c", colour ?? "transparent");
    swatch("actor", light?.colour);
    swatch("background", ground?.colour);
    if (ground) {
      const apart = [...(ground.even || !light.believed ? [] : [fill(words.apart, { n: ground.apart })]), fill(words.colour, { n: (ground.colour_milli / 1000).toFixed(1) })];
      this.say("background", `${ground.found} ${apart.join(" · ")}`);
    }
    this.button("lean", ground?.tinted && ground.lean_milli > (this.page.params.values.match?.key_match_milli ?? 0));
    this.button("mirror", ground && light.believed && ground.turned && ground.mirror_apart < ground.apart && !this.behind);
  }
  paintCamera(camera) {
    const { words } = this;
    this.say("horizon", [camera.found, camera.advice].filter(Boolean).join(" "), camera.grade);
    this.button("move", !!camera.move);
    this.button("horizon-auto", camera.horizon_from === "hand");
    for (const field of this.root.querySelectorAll("[data-guide-value]")) if (document.activeElement !== field) field.value = camera[field.dataset.guideValue] / Number(field.dataset.per);
    const now = this.page.params.values.match?.background_defocus_px_milli ?? 0, wanted = camera.defocus_px_milli;
    this.say("blur", camera.blur_px_milli === undefined ? "" : fill(words.blur, { stop: (camera.stop_tenths / 10).toFixed(1), lens: camera.lens_mm, actor: camera.actor_cm, px: (camera.blur_px_milli / 1000).toFixed(0) }) + (wanted && now === wanted ? ` ${words.blurred}` : ""));
    this.button("defocus", !!wanted && now !== wanted);
  }
  /** What the form of the re-light block sends: the picture whose light is meant. */
  arm() {
    const light = this.data?.light;
    for (const field of document.querySelectorAll("[data-seen-digest]")) field.value = this.digest;
    for (const button of document.querySelectorAll("[data-needs-light]")) button.disabled = !light?.believed || !this.digest;
  }

  // -- over the picture
  toggle(name) {
    if (!this.data) return;
    this.shown.has(name) ? this.shown.delete(name) : this.shown.add(name);
    localStorage.setItem(KEPT, [...this.shown].join(" "));
    this.paintButtons();
    this.paint();
  }
  paintButtons() { document.querySelectorAll("[data-guide]").forEach((button) => button.setAttribute("aria-pressed", String(this.shown.has(button.dataset.guide)))); }
  paint() {
    const { data, page, words } = this, parts = [], held = this.svg.contains(document.activeElement);
    if (data && this.shown.has("camera")) parts.push(...cameraGuides(data.camera, page.size, words, page.may && !!data.ground));
    if (data?.light && this.shown.has("light")) parts.push(...lightGuides(data.light, page.size, words));
    this.svg.replaceChildren(...parts);
    this.svg.toggleAttribute("hidden", !parts.length);
    if (held) this.svg.querySelector("[data-horizon]")?.focus({ preventScroll: true });
  }

  // -- what a hand does
  put(key, value) {
    const { params } = this.page, row = document.querySelector(`[data-key="${key}"]`);
    if (row) return params.put(row, value);
    const [scope, name] = params.split(key);
    params.set(scope, name, value || undefined);
  }
  click(event) {
    const at = (name) => event.target.closest(`[data-${name}]`), { data, page } = this;
    if (at("guide")) return this.toggle(at("guide").dataset.guide);
    if (at("behind-toggle")) return this.flip(at("behind-toggle"));
    if (!data || !this.root.contains(event.target)) return;
    if (at("mirror")) this.put(`${data.ground}.flip`, page.params.values[data.ground]?.flip ? 0 : 1);
    else if (at("lean")) this.put("match.key_match_milli", data.light.background.lean_milli);
    else if (at("defocus")) this.put("match.background_defocus_px_milli", data.camera.defocus_px_milli);
    else if (at("move")) for (const [name, value] of Object.entries(data.camera.move)) this.put(`${data.ground}.${name}`, value);
    else if (at("horizon-auto")) page.params.set(data.ground, "horizon_milli", undefined);
    else return;
    page.save();
  }
  typed(event) {
    const field = event.target.closest("[data-guide-value]");
    if (!field) return;
    const value = Math.round(Number(field.value) * Number(field.dataset.per)), [low, high] = [field.min, field.max].map((one) => Math.round(Number(one) * Number(field.dataset.per)));
    this.page.params.set("match", field.dataset.guideValue, field.value.trim() && !Number.isNaN(value) ? Math.min(high, Math.max(low, value)) : undefined);
    this.page.save();
  }
  /** The horizon at a height of the frame (thousandths): kept as a height of the unmoved background. */
  horizon(milli, done) {
    const { camera, ground } = this.data;
    const own = Math.round(((milli - 500 - camera.y_milli) / camera.scale_milli) * 1000 + 500);
    camera.horizon_milli = milli;
    camera.horizon_from = "hand";
    this.page.params.set(ground, "horizon_milli", Math.min(1500, Math.max(-500, own)));
    this.paint();
    if (done) this.page.save();
  }
  grab(event) {
    if (!event.target.closest("[data-horizon]") || event.button) return;
    event.preventDefault();
    event.stopPropagation();
    const box = this.svg.getBoundingClientRect(), height = (next) => Math.round(((next.clientY - box.top) / box.height) * 1000);
    this.svg.setPointerCapture(event.pointerId);
    const move = (next) => this.horizon(height(next), false);
    this.svg.addEventListener("pointermove", move);
    const end = (next) => { this.svg.removeEventListener("pointermove", move); for (const name of ["pointerup", "pointercancel"]) this.svg.removeEventListener(name, end); this.horizon(height(next), true); };
    for (const name of ["pointerup", "pointercancel"]) this.svg.addEventListener(name, end);
  }
  key(event) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by || !event.target.closest("[data-horizon]")) return;
    event.preventDefault();
    event.stopPropagation();
    this.horizon((this.data.camera.horizon_milli ?? 500) + by * (event.shiftKey ? 25 : 5), true);
  }

  // -- the background drawn again
  /** The block came anew: show what it says stands behind the actor. */
  relit(first = false) {
    const now = document.getElementById("comp-relight")?.dataset.behind ?? "";
    if (now !== this.draws) { this.draws = now; this.behind = now; if (!first) this.page.show(); }
    this.arm();
    this.paintFlip();
  }
  flip() {
    this.behind = this.behind ? "" : this.draws;
    this.paintFlip();
    this.page.show();
  }
  paintFlip() {
    const button = document.querySelector("[data-behind-toggle]");
    if (button) { button.textContent = this.behind ? this.words.before : this.words.after; button.setAttribute("aria-pressed", String(!!this.behind)); }
  }
}
