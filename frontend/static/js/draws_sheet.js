// The contact sheet: cards are replaced one by one and only where they changed, so that nothing jumps under the hand.
import { post, sayError, toast } from "./app.js";

const POLL_MS = 700;

export class Sheet {
  constructor(table, words) {
    Object.assign(this, { table, words, marks: [], undos: [], raw: new Map(), onMarks: () => {}, onLike: () => {} });
    for (const card of this.cards) this.raw.set(card.id, card.outerHTML);
    this.paint();
    table.addEventListener("submit", (event) => this.submitted(event));
    table.addEventListener("change", (event) => { if (event.target.matches("[data-mark]")) this.mark(event.target.value, event.target.checked); });
    table.addEventListener("click", (event) => this.clicked(event));
    table.addEventListener("focusin", (event) => { const card = event.target.closest("li.draw"); if (card) this.current = card.dataset.draw; });
    document.addEventListener("toggle", (event) => {
      if (!event.target.matches?.("details.menu")) return;
      if (event.target.open) event.target.lastElementChild.scrollIntoView({ block: "nearest" });
      else this.later();
    }, true);
    document.addEventListener("huo:changed", ({ detail }) => {
      if (detail.verb === "job.progress") return this.watch(0);
      if (detail.code?.startsWith(this.table.dataset.code)) this.later();
      else if (detail.subject === "job" && this.live.length) this.later();
    });
    this.watch(POLL_MS);
  }

  get section() { return document.getElementById("sheet"); }
  get cards() { return [...document.querySelectorAll("#sheet-cards > li.draw")]; }
  get live() { return this.cards.filter((card) => card.dataset.working); }
  card(id) { return document.getElementById(`draw-${id}`); }
  get show() { return this.section.dataset.show; }
  with(address) {
    const url = new URL(address, location.href);
    if (this.show) url.searchParams.set("show", this.show);
    if (this.section.dataset.sort) url.searchParams.set("sort", this.section.dataset.sort);
    return url;
  }

  // -- asking the server

  /** POST and take over the sheet that comes back; says what happened, with a way back where there is one. */
  async send(address, values = {}) {
    const { text, headers } = await post(this.with(address), values);
    this.take(text);
    const said = JSON.parse(headers.get("HX-Trigger") ?? "{}").toast;
    if (said) {
      if (said.undo) this.undos.push(said.undo);
      toast(said.text, { level: said.level, undo: said.undo ? () => this.back(said.undo) : null });
    }
  }
  /** Take a star or bin back: the one named, else the last. A way back from a way back is none. */
  async back(address = this.undos.at(-1)) {
    this.undos = this.undos.filter((one) => one !== address);
    if (!address) return toast(this.words.nothing, { level: "info" });
    const before = [...this.undos];
    try { await this.send(address); } catch (error) { toast(error.message, { level: "error" }); }
    this.undos = before;
  }
  async submitted(event) {
    const form = event.target.closest("form[data-act]");
    if (!form) return;
    event.preventDefault();
    const card = form.closest("li.draw");
    const values = new FormData(form, event.submitter);
    if (form.dataset.act === "bin" && !String(values.get("reason") ?? "").trim()) return;
    if (card?.contains(document.activeElement)) card.focus({ preventScroll: true });
    form.closest("details")?.removeAttribute("open");
    try { await this.send(form.action, values); } catch (error) { sayError(card ?? this.section, error.message); }
  }
  /** Press a card's own button. */
  act(card, name) {
    const form = card.querySelector(`form[data-act=${name}]:not([hidden])`);
    if (form) form.requestSubmit(form.querySelector("button"));
    return !!form;
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fetch(), 150);
  }
  async fetch() {
    const url = this.with(this.table.dataset.page);
    url.searchParams.set("part", "sheet");
    try {
      const answer = await fetch(url, { headers: { "HX-Request": "true" } });
      if (answer.ok) this.take(await answer.text());
    } catch { /* the next event asks again */ }
  }

  /** Take over a sheet: head and empty state whole, cards one by one. */
  take(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("sheet");
    if (!fresh) return;
    const was = new Set(this.live.map((card) => card.dataset.draw));
    const head = document.getElementById("sheet-head");
    const newHead = fresh.querySelector("#sheet-head");
    if (head.innerHTML !== newHead.innerHTML) head.replaceChildren(...newHead.childNodes);
    document.getElementById("sheet-empty")?.remove();
    const list = document.getElementById("sheet-cards");
    document.getElementById("sheet-fit")?.remove();
    const said = fresh.querySelector("#sheet-fit");
    if (said) list.before(said);
    const wanted = [...fresh.querySelectorAll("#sheet-cards > li.draw")];
    const kept = new Set(wanted.map((card) => card.id));
    for (const card of this.cards) if (!kept.has(card.id)) { this.leave(card); this.raw.delete(card.id); }
    let before = null;
    for (const next of wanted) {
      const now = document.getElementById(next.id);
      const raw = next.outerHTML;
      let placed = now;
      if (!now) placed = document.adoptNode(next);
      else if (this.raw.get(next.id) !== raw && !this.held(now)) placed = this.swap(now, document.adoptNode(next));
      if (placed !== now || !now) this.raw.set(next.id, raw);
      const here = before ? before.nextElementSibling : list.firstElementChild;
      if (here !== placed) list.insertBefore(placed, here);
      before = placed;
    }
    const empty = fresh.querySelector("#sheet-empty");
    if (empty) list.after(empty);
    if (was.size && !this.show) this.lost(was, fresh);
    this.paint();
    this.watch(POLL_MS);
  }
  /** A draw that failed leaves the table for its own list: say so. */
  lost(was, fresh) {
    const gone = [...was].filter((id) => !this.card(id));
    const count = Number(fresh.querySelector("a[href='?show=lost'] .num")?.textContent ?? 0);
    if (gone.length && count > (this.lostBefore ?? 0) && !this.cancelling) toast(this.words.failed, { level: "error" });
    this.cancelling = false;
    this.lostBefore = count;
  }
  held(card) { return !!card.querySelector("details.menu[open]") || (card.contains(document.activeElement) && document.activeElement.matches("input:not([type=checkbox])")); }
  leave(card) {
    if (card.contains(document.activeElement)) (card.nextElementSibling ?? card.previousElementSibling)?.focus({ preventScroll: true });
    card.remove();
  }
  swap(old, fresh) {
    const focused = old.contains(document.activeElement) || (this.current === old.dataset.draw && document.activeElement === document.body);
    const look = old.querySelector("[data-look]");
    const again = fresh.querySelector("[data-look]");
    if (look && again && !look.hidden) { again.src = look.src; again.hidden = false; again.className = look.className; }
    old.replaceWith(fresh);
    if (focused) fresh.focus({ preventScroll: true });
    return fresh;
  }

  // -- marks, focus

  paint() {
    this.marks = this.marks.filter((id) => this.card(id)?.dataset.picture);
    for (const card of this.cards) {
      const at = this.marks.indexOf(card.dataset.draw);
      const box = card.querySelector("[data-mark]");
      if (box) { box.checked = at >= 0; card.querySelector("[data-letter]").textContent = at >= 0 ? "AB"[at] : ""; }
      card.toggleAttribute("data-marked", at >= 0);
      card.tabIndex = -1;
    }
    const first = this.card(this.current) ?? this.cards[0];
    if (first) first.tabIndex = 0;
    const button = this.section.querySelector("[data-compare-open]");
    if (button) button.disabled = this.marks.length !== 2;
  }
  /** Mark or unmark a draw for comparing; a third mark takes the place of the second. */
  mark(id, on = !this.marks.includes(id)) {
    this.marks = this.marks.filter((one) => one !== id);
    if (on) this.marks = [...this.marks.slice(0, 1), id];
    this.paint();
    if (on) this.onMarks(this.marks);
  }
  focus(card) {
    if (!card) return;
    this.current = card.dataset.draw;
    this.paint();
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  }
  /** The card the keys mean: the focused one, else none. */
  get focused() { return document.activeElement?.closest?.("li.draw") ?? null; }
  move(by, down) {
    const cards = this.cards;
    if (!cards.length) return;
    const at = cards.indexOf(this.focused);
    if (at < 0) return this.focus(this.card(this.current) ?? cards[0]);
    if (!down) return this.focus(cards[Math.min(cards.length - 1, Math.max(0, at + by))]);
    const top = cards[0].offsetTop;
    const columns = Math.max(1, cards.findIndex((card) => card.offsetTop > top) === -1 ? cards.length : cards.findIndex((card) => card.offsetTop > top));
    const to = at + by * columns;
    if (to >= 0 && to < cards.length) this.focus(cards[to]);
  }

  clicked(event) {
    if (event.target.closest("[data-compare-open]")) return this.onMarks(this.marks);
    if (event.target.closest("form[data-act=cancel] button")) this.cancelling = true;
    const info = event.target.closest("[data-info]");
    if (info && !event.metaKey && !event.ctrlKey) {
      event.preventDefault();
      info.closest("details")?.removeAttribute("open");
      return this.papers(info.closest("li.draw"));
    }
    const card = event.target.closest("li.draw");
    if (card && !event.target.closest("a, button, summary, input, label, form")) this.focus(card);
  }

  // -- the recipe panel

  async papers(card) {
    const box = document.getElementById("draw-papers");
    const url = new URL(card.dataset.papers, location.href);
    const load = async () => {
      const answer = await fetch(url, { headers: { "HX-Request": "true" } });
      if (answer.ok) box.querySelector("[data-papers]").innerHTML = await answer.text();
      return answer.ok;
    };
    if (!(await load())) return toast(this.words.unreachable, { level: "error" });
    if (!box.open) box.showModal();
    box.onsubmit = async (event) => {
      const form = event.target.closest("[data-replay-form]");
      if (!form) return;
      event.preventDefault();
      try {
        const { text } = await post(form.action, new FormData(form));
        box.querySelector("[data-papers]").innerHTML = text;
      } catch (error) { sayError(form, error.message); }
    };
    clearInterval(this.looking);
    this.looking = setInterval(() => {
      if (!box.open) return clearInterval(this.looking);
      if (box.querySelector("[data-again]")) load();
    }, 900);
    box.onclose = () => { clearInterval(this.looking); this.fetch(); card.isConnected ? card.focus() : this.card(card.dataset.draw)?.focus(); };
  }

  // -- progress

  watch(wait) {
    if (this.watching && wait) return;
    clearTimeout(this.watching);
    this.watching = this.live.length ? setTimeout(() => this.look(), wait) : 0;
    clearTimeout(this.measuring); // the light of some pictures is still to be read
    if (document.querySelector("[data-fit-waiting]")) this.measuring = setTimeout(() => this.fetch(), 2 * POLL_MS);
  }
  async look() {
    this.watching = 0;
    let told = null;
    try {
      const answer = await fetch(this.table.dataset.progress);
      if (answer.ok) told = (await answer.json()).draws;
    } catch { /* the next turn asks again */ }
    if (told) {
      for (const card of this.live) this.show_progress(card, told[card.dataset.draw]);
      if (this.live.some((card) => !told[card.dataset.draw] || told[card.dataset.draw].state !== card.dataset.state)) this.later();
    }
    this.watch(POLL_MS);
  }
  show_progress(card, far) {
    if (!far) return;
    const bar = card.querySelector("[data-progress-bar]");
    bar.classList.toggle("unknown", !far.share);
    bar.firstElementChild.style.setProperty("--share", `${far.share / 10}%`);
    if (far.share) bar.setAttribute("aria-valuenow", far.share / 10);
    card.querySelector("[data-progress-words]").textContent = this.said(far);
    const key = `${far.stage}:${far.done}`;
    if (far.state !== "running" || card.dataset.seen === key) return;
    const image = card.querySelector("[data-look]"), fresh = new Image();
    // Not there yet (204): asked for again at the next turn.
    fresh.onload = () => { card.dataset.seen = key; image.src = fresh.src; image.hidden = false; image.className = "coming"; };
    fresh.src = `${card.dataset.preview}?at=${encodeURIComponent(key)}`;
  }
  said(far) {
    if (far.stopping) return this.words.stopping;
    if (far.state === "queued") return this.words.waiting;
    if (!far.total) return this.words.starting;
    if (["loading", "decoding", "saving"].includes(far.stage)) return this.words[far.stage];
    const how = far.total === 100 ? `${far.done} %` : this.words.step.replace("%(n)s", far.done).replace("%(all)s", far.total);
    return far.left && far.share < 985 ? `${how} · ${this.words.left.replace("%(left)s", far.left)}` : how;
  }
}
