// Playing: what is on screen, set in motion. A finished version's own film runs at its rate; anything else is played
// picture by picture as the engine makes them, and at the production's rate once all of them are there.
import { Clock } from "./player-time.js";
import { Reel } from "./player-reel.js";

const SPEEDS = [1, 2, 4, 8];
const AHEAD = 2; // pictures asked for beyond the one waited for: the engine is never idle between two
const KEPT = 4; // films held ready: each holds a decoder
const TOLD_MS = 400; // how often the rate reached is told

export class Play {
  /** parts: {button, rate, box, label}; page: {frame(), frames(), mark(frame), show(frame), ahead(frame, lane), rest(),
      settled(), film(version), failed(sentence)}; rate: [num, den]; words. film gives {src, frames, name}, or null where only the engine can show it. */
  constructor(parts, page, rate, words) {
    Object.assign(this, { ...parts, page, words, speed: 0, turn: 0, version: null, film: null, reels: new Map() });
    this.clock = new Clock(...rate, 1);
    this.still = this.rate.textContent;
    this.button.addEventListener("click", () => this.toggle());
  }

  get playing() { return this.speed !== 0; }
  get filming() { return this.playing && !!this.film; }
  toggle() { this.playing ? this.stop() : this.start(1); }
  /** J and L: each press doubles the speed in its direction; against it, it starts at one. */
  shuttle(direction) {
    const now = Math.sign(this.speed) === direction ? Math.abs(this.speed) : 0;
    this.start(direction * (SPEEDS[SPEEDS.indexOf(now) + 1] ?? SPEEDS.at(-1)));
  }

  /** version: play that version's film; null: what stands on the page now. */
  async start(speed = 1, version = this.playing ? this.version : null) {
    if (this.page.frames() < 2) return;
    const turn = ++this.turn;
    this.reel?.pause();
    Object.assign(this, { speed, version, film: this.page.film(version) });
    this.paint();
    if (!this.film) { this.hide(); return this.walk(turn, (frame) => this.page.show(frame), () => this.page.settled(), this.page.frames()); }
    const reel = this.reelOf(this.film);
    try { await reel.seek(Math.min(this.page.frame(), this.film.frames - 1)); } catch { return this.lost(turn); }
    if (turn !== this.turn) return;
    this.hide(reel);
    this.reel = reel;
    reel.element.hidden = false;
    this.paint();
    reel.onframe = (frame) => { if (turn === this.turn && frame >= 0) this.page.mark(Math.min(frame, this.film.frames - 1)); };
    reel.onended = () => { if (turn === this.turn) { reel.jump(0); reel.video.play().catch(() => {}); } };
    if (speed < 0) return this.walk(turn, (frame) => reel.seek(frame), () => reel.running, this.film.frames);
    reel.play(speed).catch(() => { if (turn === this.turn) this.stop(); });
  }
  /** What is looked at changed: go on with it, in the same way. */
  again() { if (this.playing) this.start(this.speed); }

  /** moved: the hand went to another frame meanwhile, which stays. */
  stop(moved = false) {
    if (!this.playing) return;
    const turn = ++this.turn, { film, reel } = this;
    Object.assign(this, { speed: 0, version: null });
    this.paint();
    if (!film || !reel) return this.page.rest();
    reel.pause();
    // The film stays on the frame that was seen until the still of that very frame is there.
    const there = moved ? Promise.resolve() : reel.seek(this.page.frame()).catch(() => {});
    this.page.rest();
    there.then(() => this.page.settled()).then(() => { if (turn === this.turn) this.hide(); });
  }

  /** Frame by frame against the clock: none is left out that was not there in time, the next waits for it. */
  async walk(turn, show, shown, frames) {
    const span = (1000 * this.clock.den) / this.clock.num;
    let due = performance.now(), told = due, count = 0;
    while (turn === this.turn) {
      due = Math.max(due + span, performance.now());
      const at = (step) => (((this.page.frame() + step * this.speed) % frames) + frames) % frames, next = at(1);
      show(next);
      for (let step = 2; !this.film && step <= AHEAD + 1; step += 1) this.page.ahead(at(step), `a${at(step) % (AHEAD + 1)}`);
      if ((await shown()) === false) return turn === this.turn && this.stop();
      await new Promise((go) => setTimeout(go, Math.max(0, due - performance.now())));
      count += 1;
      const now = performance.now();
      if (now - told > TOLD_MS) { if (turn === this.turn) this.tell((count * 1000) / (now - told)); told = now; count = 0; }
    }
  }

  reelOf({ src, frames }) {
    if (!this.reels.has(src)) {
      const old = this.reels.size < KEPT ? null : [...this.reels].find(([, reel]) => reel !== this.reel);
      if (old) { old[1].remove(); this.reels.delete(old[0]); }
      const reel = new Reel(new Clock(this.clock.num, this.clock.den, frames), { src, frames });
      reel.element.hidden = true;
      this.box.querySelector("img:last-of-type").after(reel.element);
      this.reels.set(src, reel);
    }
    return this.reels.get(src);
  }
  lost(turn) {
    if (turn !== this.turn) return;
    this.reels.get(this.film.src)?.remove();
    this.reels.delete(this.film.src);
    this.hide(); // another film, that played before, would stand over the still
    this.stop();
    this.page.failed(this.words.film_lost);
  }
  hide(but = null) {
    for (const reel of this.reels.values()) if (reel !== but) { reel.pause(); reel.element.hidden = true; }
    if (!but) this.reel = null;
    this.paint();
  }
  tell(rate) { this.rate.textContent = this.words.reached.replace("%(now)s", rate < 9.95 ? rate.toFixed(1) : Math.round(rate)).replace("%(rate)s", this.still); }
  paint() {
    const { button, playing } = this;
    button.dataset.playing = playing ? "yes" : "no";
    button.setAttribute("aria-label", playing ? button.dataset.pause : button.dataset.play);
    button.title = `${playing ? button.dataset.pause : button.dataset.play} (${button.dataset.key})`;
    if (!playing || this.film) this.rate.textContent = this.still;
    const fast = Math.abs(this.speed) > 1 || this.speed < 0 ? ` ${this.speed < 0 ? "−" : ""}${Math.abs(this.speed)}×` : "";
    this.label.textContent = this.reel ? `${this.film?.name ?? ""}${fast}` : playing ? fast.trim() : "";
    this.label.hidden = !this.label.textContent;
  }
}
