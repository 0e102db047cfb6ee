// The history of the settings as a list: who changed what and when; any state may be gone back to, or compared with.
const $ = (id) => document.getElementById(id);

export class History {
  /** on: {go(position), against(step), said(step)}; store: knows the address and what is seen now. */
  constructor(store, url, on, words) {
    Object.assign(this, { store, url, on, words, box: $("comp-history"), list: $("comp-history-list"), button: $("comp-history-open") });
    this.row = $("comp-history-row").content.firstElementChild;
    this.button.addEventListener("click", () => this.open(this.box.hidden));
    this.box.addEventListener("click", (event) => {
      if (event.target.closest("[data-history-close]")) return this.open(false);
      const row = event.target.closest(".comp-step");
      if (!row) return;
      const step = this.steps.find(({ position }) => position === Number(row.dataset.position));
      event.target.closest("[data-against]") ? this.on.against(step) : this.on.go(step.position);
    });
  }
  get shown() { return !this.box.hidden; }
  async open(yes) {
    this.box.hidden = !yes;
    this.button.setAttribute("aria-expanded", String(yes));
    if (yes) { await this.paint(); this.list.querySelector("[aria-current] button, button")?.focus({ preventScroll: true }); }
  }
  /** The states, newest first, each with its words. */
  async fetch() {
    await this.store.flush();
    const answer = await fetch(this.url).catch(() => null);
    this.steps = answer?.ok ? (await answer.json()).steps : [];
    for (const step of this.steps) step.said = step.position === 0 && !step.changed.length ? this.words.start : this.on.said(step);
    return this.steps;
  }
  async paint() {
    await this.fetch();
    const day = new Intl.DateTimeFormat(document.documentElement.lang || undefined, { dateStyle: "medium", timeStyle: "short" });
    this.list.replaceChildren(...this.steps.map((step) => {
      const row = this.row.cloneNode(true);
      row.dataset.position = step.position;
      row.toggleAttribute("data-later", this.steps.some((other) => other.now && other.position < step.position));
      if (step.now) row.setAttribute("aria-current", "step");
      row.querySelector("[data-what]").textContent = step.said;
      row.querySelector("[data-who]").textContent = [step.by, step.at && day.format(new Date(step.at))].filter(Boolean).join(" · ");
      row.querySelector("[data-against]").hidden = step.now;
      return row;
    }));
    if (!this.steps.length) {
      const empty = document.createElement("li");
      empty.className = "small dim";
      empty.textContent = this.words.no_history;
      this.list.append(empty);
    }
  }
}
