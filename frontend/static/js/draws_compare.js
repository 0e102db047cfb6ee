// Two draws held against each other: side by side or by a wipe, as they are or in the shot behind the actor. The pictures
// in the shot are the engine's own comp of that frame with the draw as its layer, as the comp page would show it.
import { Preview } from "./comp_preview.js";

export class Comparison {
  constructor(box, sheet, words) {
    Object.assign(this, { box, sheet, words, how: window.matchMedia("(max-width: 900px)").matches ? "wipe" : "side", where: "draw", share: 50, frame: null });
    this.stage = box.querySelector(".stage");
    this.line = box.querySelector(".wipeline");
    this.slider = box.querySelector("#compare-frame");
    this.error = box.querySelector("[data-compare-error]");
    this.sides = [...box.querySelectorAll("[data-side]")].map((figure) => {
      const side = { figure, view: figure.querySelector(".view"), image: figure.querySelector("img[data-draw-look]"), film: figure.querySelector("video"), shot: figure.querySelector("[data-shot-look]"), bone: figure.querySelector(".skeleton") };
      side.preview = new Preview(box.dataset.preview, side.shot, {
        working: (yes) => { side.busy = yes; this.busy(); },
        report: () => { this.fail(""); this.paint(); },
        asked: () => {},
        failed: (sentence) => this.fail(sentence),
      }, words);
      return side;
    });
    box.addEventListener("click", (event) => this.clicked(event));
    box.addEventListener("close", () => { for (const { film } of this.sides) film.pause(); this.sheet.marks = []; this.sheet.paint(); this.sheet.focus(this.sheet.card(this.ids?.[0])); });
    this.slider.addEventListener("input", () => { this.frame = Number(this.slider.value); this.ask(); this.paint(); });
    this.line.addEventListener("pointerdown", (event) => this.drag(event));
    document.addEventListener("huo:changed", ({ detail }) => { if (detail.verb === "preview.ready" && box.open) for (const { preview } of this.sides) preview.nudge(); });
  }

  async open(first, second) {
    this.ids = [first, second];
    this.fail("");
    this.ids.forEach((id, at) => this.fill(this.sides[at], this.sheet.card(id)));
    if (!this.box.open) this.box.showModal();
    this.paint();
    if (this.frame === null) await this.length();
    if (this.where === "shot") this.ask();
    this.paint();
  }
  /** How many frames the comp has now, and begin in its middle. */
  async length() {
    this.frame = 0;
    try {
      const answer = await fetch(this.box.dataset.settings);
      if (answer.ok) this.slider.max = Math.max(0, (await answer.json()).frames - 1);
    } catch { /* the planned length stands */ }
    this.frame = Math.floor(Number(this.slider.max) / 2);
    this.slider.value = this.frame;
  }
  fill(side, card) {
    side.card = card;
    const film = card.dataset.film === "1";
    side.moving = film;
    side.image.src = film ? "" : card.dataset.picture;
    if (film) { side.film.src = card.dataset.picture; side.film.play().catch(() => {}); } else { side.film.removeAttribute("src"); side.film.load(); }
    side.image.alt = side.shot.alt = `${card.dataset.title} ${card.dataset.seed}`;
    side.shot.removeAttribute("src");
    side.preview.shown = "";
    side.figure.querySelector("[data-name]").textContent = card.dataset.title;
    side.figure.querySelector("[data-seed]").textContent = `#${card.dataset.seed}`;
  }
  ask() {
    const wide = this.sides[0].view.getBoundingClientRect().width * Math.min(2, devicePixelRatio || 1);
    const width = Math.max(180, Math.min(1080, Math.round(wide)));
    for (const side of this.sides) side.preview.want({ frame: this.frame, view: "comp", width, draw: side.card.dataset.draw });
  }
  busy() { this.box.querySelector("[data-compare-busy]").hidden = !(this.where === "shot" && this.sides.some((side) => side.busy)); }
  fail(sentence) {
    this.error.textContent = sentence;
    this.error.hidden = !sentence;
    if (sentence) for (const side of this.sides) side.bone.hidden = true;
  }

  set(how, where = this.where) {
    const into = where === "shot" && this.where !== "shot";
    this.how = how;
    this.where = where;
    this.fail("");
    if (into) this.ask();
    this.busy();
    this.paint();
  }
  paint() {
    const shot = this.where === "shot";
    this.stage.dataset.how = this.how;
    this.stage.dataset.where = this.where;
    for (const side of this.sides) {
      side.image.hidden = shot || side.moving;
      side.film.hidden = shot || !side.moving;
      const there = !!side.shot.getAttribute("src");
      side.shot.hidden = !shot || !there;
      side.bone.hidden = !shot || there || !this.error.hidden;
      const star = side.figure.querySelector("[data-do=star]");
      const state = side.card && (this.sheet.card(side.card.dataset.draw) ?? side.card).dataset.state;
      star.setAttribute("aria-pressed", String(state === "starred"));
      star.disabled = side.figure.querySelector("[data-do=bin]").disabled = !["done", "starred"].includes(state) || !side.card.querySelector("[data-act=star]");
      side.figure.querySelector("[data-do=use]").disabled = !side.card?.querySelector("[data-act=use]") || !["done", "starred"].includes(state);
    }
    this.box.querySelectorAll("[data-how][aria-pressed]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.how === this.how)));
    this.box.querySelectorAll("[data-where][aria-pressed]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.where === this.where)));
    this.box.querySelector(".framebar").hidden = !shot;
    this.box.querySelector(".framebar output").textContent = Number(this.box.dataset.start) + (this.frame ?? 0);
    this.line.hidden = this.how !== "wipe";
    this.stage.style.setProperty("--wipe", `${this.share}%`);
    this.stage.style.setProperty("--part", this.share / 100);
    this.line.setAttribute("aria-valuenow", String(Math.round(this.share)));
  }

  clicked(event) {
    const how = event.target.closest("button[data-how]"), where = event.target.closest("button[data-where]"), act = event.target.closest("[data-do]");
    if (how) return this.set(how.dataset.how);
    if (where) return this.set(this.how, where.dataset.where);
    if (act) this.act(this.sides.find(({ figure }) => figure.contains(act)), act.dataset.do);
  }
  async act(side, name) {
    const card = this.sheet.card(side.card.dataset.draw) ?? side.card;
    if (name === "bin") { this.box.close(); this.sheet.focus(card); const menu = card.querySelector("details.binmenu"); if (menu) { menu.open = true; menu.querySelector("button.reason")?.focus(); } return; }
    const form = card.querySelector(`form[data-act=${name}]`);
    if (!form) return;
    try {
      await this.sheet.send(form.action, new FormData(form));
      side.card = this.sheet.card(side.card.dataset.draw) ?? side.card;
      if (name === "use") this.box.close();
    } catch (error) { this.fail(error.message); }
    this.paint();
  }

  key(event) {
    const key = event.key.toLowerCase();
    const by = { arrowleft: -1, arrowright: 1 }[key];
    if (event.target === this.slider && by) return;
    if (by) {
      event.preventDefault();
      if (this.how === "wipe" && (event.target === this.line || this.where !== "shot")) this.wipe(this.share + by * (event.shiftKey ? 10 : 2));
      else if (this.where === "shot") { this.frame = Math.min(Number(this.slider.max), Math.max(0, this.frame + by * (event.shiftKey ? 10 : 1))); this.slider.value = this.frame; this.ask(); this.paint(); }
    } else if (key === "w") this.set(this.how === "wipe" ? "side" : "wipe");
    else if (key === "b") this.set(this.how, this.where === "shot" ? "draw" : "shot");
    else if (key === "1" || key === "2") this.act(this.sides[Number(key) - 1], "star");
  }
  wipe(percent) {
    this.share = Math.min(100, Math.max(0, percent));
    this.paint();
  }
  drag(event) {
    event.preventDefault();
    this.line.setPointerCapture(event.pointerId);
    this.line.focus({ preventScroll: true });
    const move = (next) => { const box = this.sides[0].view.getBoundingClientRect(); this.wipe(((next.clientX - box.left) / box.width) * 100); };
    this.line.addEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) this.line.addEventListener(name, () => this.line.removeEventListener("pointermove", move), { once: true });
  }
}
