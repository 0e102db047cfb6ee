// The live still: at most one request at a time, the newest wish wins, and the picture on screen stays until the next is decoded.
import { csrf } from "./app.js";

const SLOW_MS = 250; // before "rendering…" shows: what is quicker needs no word
const KEPT = 720; // answers remembered, so that scrubbing back is at once and what was played once plays at its rate
const PATIENCE_MS = 20000;

export class Preview {
  /** image: the <img>; on: {asked(), working(bool), report(answer, wish), failed(sentence)}. */
  constructor(url, image, on, words) {
    Object.assign(this, { url, image, on, words });
    this.page = `p${crypto.getRandomValues(new Uint32Array(2)).join("")}`;
    this.known = new Map();
    this.wanted = null; // newest wish not asked for yet
    this.flight = null; // {key, abort, since}
    this.shown = "";
    this.last = null;
    this.aheads = new Set(); // wishes under way that nobody waits to see
    this.hurries = new Set();
    this.waiting = []; // who waits for the newest wish to be on screen
  }

  /** wish: {values, frame, view, layer, width}. */
  want(wish) {
    const key = JSON.stringify(wish);
    this.last = { wish, key };
    if (key === this.shown && !this.flight && !this.failed) { this.wanted = null; return; }
    const answer = this.known.get(key);
    if (answer) { this.wanted = null; this.flight?.abort.abort(); return this.show(key, answer); }
    if (this.flight?.key === key) { this.wanted = null; return; }
    // One at a time, each shown as it comes: the worker makes them one after the other anyway, and a hand that drags
    // must see something move. What was wanted in between is never asked for.
    this.wanted = { key, wish };
    if (!this.flight) this.next();
  }

  /** The worker says that something is ready: ask at once instead of waiting for the next turn. */
  nudge() { for (const go of this.hurries) go(); }

  /** Have a picture made that will be wanted soon: the next of those that play, or the size that a hand drags at. lane:
      of the wishes in one lane only the newest need come. */
  async ahead(wish, lane) {
    const key = JSON.stringify(wish);
    if (this.known.has(key) || this.aheads.has(key)) return;
    this.aheads.add(key);
    try {
      const answer = await this.ask(wish, { abort: new AbortController(), since: performance.now() }, `${this.page}${lane}`);
      this.keep(key, answer);
      new Image().src = answer.url;
    } catch { /* whoever really wants it hears why */ }
    this.aheads.delete(key);
  }

  /** When the newest wish is on screen (true), or could not be had (false). */
  settled() {
    if (this.shown === this.last?.key) return Promise.resolve(true);
    return new Promise((done) => this.waiting.push(done));
  }
  tell(ok) { for (const done of this.waiting.splice(0)) done(ok); }

  keep(key, answer) {
    this.known.set(key, answer);
    if (this.known.size > KEPT) this.known.delete(this.known.keys().next().value);
  }

  forget() { this.known.clear(); this.shown = ""; }

  async next() {
    const job = this.wanted;
    if (!job) return this.busy(false);
    this.wanted = null;
    const flight = (this.flight = { key: job.key, abort: new AbortController(), since: performance.now() });
    this.busy(true);
    try {
      const answer = await this.ask(job.wish, flight);
      this.keep(job.key, answer);
      await this.show(job.key, answer);
    } catch (error) {
      this.failed ||= error.name !== "AbortError"; // back to what is still on screen has to be said, too
      if (error.name !== "AbortError") { this.on.failed(error.message); if (!this.wanted) this.tell(false); }
    }
    if (this.flight === flight) this.flight = null;
    this.next();
  }

  async ask(wish, flight, page = this.page) {
    const body = JSON.stringify({ ...wish, page });
    const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf() };
    for (let late = false; ;) {
      let answer, told;
      try {
        answer = await fetch(this.url, { method: "POST", body, headers, signal: flight.abort.signal });
        told = await answer.json();
      } catch (error) {
        if (error.name === "AbortError") throw error;
        throw new Error(answer?.status >= 500 ? this.words.broken : this.words.unreachable);
      }
      if (answer.status === 200) return told;
      if (answer.status !== 202) throw new Error(told.error || this.words.unreachable);
      if (performance.now() - flight.since > PATIENCE_MS) {
        if (page !== this.page) throw new DOMException("not needed any more", "AbortError");
        if (this.wanted) throw new DOMException("superseded", "AbortError"); // ask for what is wanted by now
        if (!late) this.on.failed(this.words.nobody); // said once; the picture still comes when the worker is back
        late = true;
      }
      let again;
      await new Promise((go) => { again = go; this.hurries.add(go); setTimeout(go, late ? 2500 : 700); });
      this.hurries.delete(again);
    }
  }

  async show(key, answer) {
    const fresh = new Image();
    fresh.src = answer.url;
    try { await fresh.decode(); } catch { this.known.delete(key); if (this.last.key === key) this.tell(false); return; }
    // While a hand drags, an older answer is still better than none; once it rests, only the last wish counts.
    if (this.last.key !== key && this.known.has(this.last.key)) return;
    this.image.src = fresh.src;
    this.image.hidden = false;
    this.shown = key;
    this.failed = false;
    this.on.report(answer);
    if (this.last.key === key) { this.busy(false); this.tell(true); }
  }

  busy(yes) {
    clearTimeout(this.slow);
    if (yes) this.on.asked();
    if (yes) this.slow = setTimeout(() => this.on.working(true), SLOW_MS);
    else this.on.working(false);
  }
}
