// <huo-player>: shows exactly the frame it names. The markup stands in reviews/_player.html; this gives it life.
//   .seek(frame) -> Promise of the drawn frame     .frame  .frames  .play(rate) .pause() .step(n) .show(viewKey) .mark(markers)
//   events (bubbling): huo:frame {frame}, huo:range {first, last, set}, huo:view {key, layer}, huo:playing {speed}
// Keys go to the page when it says keys="page", else to the player while the focus is in it.
import { Compare } from "./player-compare.js";
import { Reel } from "./player-reel.js";
import { Strip } from "./player-strip.js";
import { Clock } from "./player-time.js";

const SPEEDS = [1, 2, 4, 8];

export class HuoPlayer extends HTMLElement {
  connectedCallback() {
    if (this.clock) return; // moved in the page (hx-preserve), not born
    const number = (name, otherwise) => Number(this.getAttribute(name) ?? otherwise);
    this.clock = new Clock(number("fps-num", 24), number("fps-den", 1), number("frames", 1), number("start-frame", 1001));
    this.aspect = number("width", 9) / number("height", 16);
    Object.assign(this, { frame: 0, speed: 0, first: null, last: null, loop: true, reels: new Map(), held: new Set() });
    this.piece = (name) => this.querySelector(`[data-part=${name}]`);
    this.stage = this.piece("stage");
    this.strip = this.piece("strip") && new Strip(this.piece("strip"), this);
    this.compare = new Compare(this);
    this.#wire();
    this.view = this.querySelector("[data-view]")?.dataset.view ?? "main";
    this.#use(this.#reel(this.view));
    new ResizeObserver(() => this.resize()).observe(this.stage);
    const asked = Number(new URLSearchParams(location.search).get("frame"));
    this.seek(this.getAttribute("keys") === "page" && asked ? this.clock.clamp(asked - this.clock.start) : 0);
    this.#range();
  }
  disconnectedCallback() { queueMicrotask(() => { if (!this.isConnected) { this.pause(); this.unlisten?.abort(); } }); }

  get frames() { return this.clock.frames; }
  get playing() { return this.speed !== 0; }
  get from() { return this.first ?? 0; }
  get to() { return this.last ?? this.clock.last; }

  // Views: each has its own film, kept once loaded, so that going back and forth keeps the frame and flashes nothing.
  #reel(key) {
    if (this.reels.has(key)) return this.reels.get(key);
    const tab = this.querySelector(`[data-view="${CSS.escape(key)}"]`);
    const reel = new Reel(this.clock, {
      src: tab?.dataset.src ?? this.getAttribute("src"), kind: tab?.dataset.kind, offset: Number(tab?.dataset.offset ?? 0),
      frames: tab?.dataset.offset && Number(tab.dataset.offset) ? Infinity : this.clock.frames,
    });
    reel.element.style.opacity = "0";
    if (!reel.still) Object.assign(reel.video, { muted: this.muted ?? false, volume: this.volume ?? 1 });
    reel.onerror = () => { if (this.reel === reel) this.fail(true); };
    this.piece("films").append(reel.element);
    this.reels.set(key, reel);
    return reel;
  }
  #use(reel) {
    const before = this.reel;
    this.reel = reel;
    reel.onframe = (frame) => this.#drawn(frame);
    reel.onended = () => this.#end();
    reel.element.style.opacity = "1";
    if (before && before !== reel) { before.pause(); before.onframe = null; before.onended = null; before.element.style.opacity = "0"; }
  }
  async show(key) {
    const tab = this.querySelector(`[data-view="${CSS.escape(key)}"]`);
    if (!tab || key === this.view) return;
    const speed = this.speed;
    this.#halt();
    this.view = key;
    for (const other of this.querySelectorAll("[data-view]")) other.setAttribute("aria-selected", String(other === tab));
    this.piece("view-name").textContent = tab.dataset.label ?? "";
    const reel = this.#reel(key);
    this.fail(false);
    this.setAttribute("aria-busy", "true");
    try { await reel.seek(this.frame); } catch { if (this.view === key) { this.#use(reel); this.fail(true); } } finally { this.removeAttribute("aria-busy"); }
    if (this.view !== key) return;
    this.#use(reel);
    this.#say("view", { key, layer: tab.dataset.layer ?? "" });
    if (speed) this.play(speed);
  }

  // Moving
  async seek(frame) {
    const aim = this.clock.clamp(frame);
    this.aim = aim;
    const [shown] = await Promise.all([this.reel.seek(aim).catch(() => this.fail(true)), this.compare.seek(aim)?.catch(() => {})]);
    if (this.aim === aim) this.aim = null;
    return shown;
  }
  step(by) {
    if (this.playing) this.#halt();
    return this.seek((this.aim ?? this.frame) + by);
  }
  play(rate = 1) {
    if (rate > 0 && this.frame >= this.to && this.loop === false) this.seek(this.from);
    this.#halt();
    this.speed = rate;
    this.#shown();
    if (rate < 0 || this.reel.still) return this.#walk();
    this.reel.play(rate * this.rate).catch(() => { if (this.speed === rate) this.pause(); });
    this.compare.play(rate * this.rate);
  }
  pause() {
    if (!this.playing) return;
    this.#halt();
    this.#shown();
    return this.seek(this.frame); // what the browser has drawn, on both films, from its middle
  }
  toggle() { this.playing ? this.pause() : this.play(1); }
  /** J and L: each press doubles the speed in its direction; against it, it starts at one. With K held: one frame. */
  shuttle(direction) {
    if (this.held.has("k")) return this.step(direction);
    const now = Math.sign(this.speed) === direction ? Math.abs(this.speed) : 0;
    this.play(direction * (SPEEDS[SPEEDS.indexOf(now) + 1] ?? SPEEDS.at(-1)));
  }
  #halt() {
    this.speed = 0;
    cancelAnimationFrame(this.walking);
    this.reel.pause();
    this.compare.pause();
  }
  /** Backwards, and over stills: frame by frame against the clock, leaving out what can't be drawn in time. */
  #walk() {
    const began = performance.now(), origin = this.frame;
    let start = origin, since = began;
    const tick = (now) => {
      if (!this.playing) return;
      this.walking = requestAnimationFrame(tick);
      if (this.reel.running) return;
      let aim = start + Math.round((((now - since) / 1000) * this.speed * this.rate * this.clock.num) / this.clock.den);
      if (aim < this.from || aim > this.to) {
        if (!this.loop) return this.pause();
        aim = start = aim < this.from ? this.to : this.from;
        since = now;
      }
      if (aim !== this.frame) { this.reel.seek(aim).catch(() => {}); this.compare.seek(aim)?.catch(() => {}); }
    };
    this.walking = requestAnimationFrame(tick);
  }
  #drawn(frame) {
    if (frame < 0) return;
    this.frame = Math.min(frame, this.clock.last);
    this.#count();
    this.#say("frame", { frame: this.frame });
    if (this.speed > 0 && !this.reel.still) {
      if (this.frame >= this.to && (this.to < this.clock.last || !this.loop)) this.#end();
      else this.compare.follow(this.frame);
    }
  }
  #end() {
    if (!this.playing) return;
    if (!this.loop) { this.#halt(); this.#shown(); return this.seek(this.to); }
    this.reel.jump(this.from);
    this.reel.video.play().catch(() => {});
    this.compare.jump(this.from);
  }

  // In, out, loop
  setIn(frame = this.frame) { this.first = frame; if (this.to < frame) this.last = null; this.#range(); }
  setOut(frame = this.frame) { this.last = frame; if (this.from > frame) this.first = null; this.#range(); }
  clearRange() { this.first = this.last = null; this.#range(); }
  #range() {
    const set = this.first !== null || this.last !== null;
    this.strip?.between(this.from, this.to, set);
    this.piece("in").textContent = this.first === null ? "–" : this.clock.label(this.first);
    this.piece("out").textContent = this.last === null ? "–" : this.clock.label(this.last);
    this.piece("clear").hidden = !set;
    this.#say("range", { first: this.from, last: this.to, set });
  }
  mark(markers) { this.strip?.mark(markers); }

  // What it says of itself
  #count() {
    const field = this.piece("frame-field");
    if (document.activeElement !== field) field.value = this.clock.label(this.frame);
    this.piece("timecode").textContent = this.clock.timecode(this.frame);
    this.strip?.at(this.frame);
    this.dataset.frame = this.frame;
  }
  #shown() {
    this.dataset.speed = this.speed;
    const button = this.piece("play");
    button.setAttribute("aria-label", this.playing ? button.dataset.pause : button.dataset.play);
    button.dataset.playing = this.playing ? "yes" : "no";
    this.piece("speed").textContent = Math.abs(this.speed) > 1 || this.speed < 0 ? `${this.speed < 0 ? "−" : ""}${Math.abs(this.speed)}×` : "";
    this.#say("playing", { speed: this.speed });
  }
  #say(name, detail) { this.dispatchEvent(new CustomEvent(`huo:${name}`, { bubbles: true, detail })); }
  /** The film can't be shown: a sentence on the stage, with a way to try again. */
  fail(yes) { this.piece("error").hidden = !yes; }
  resize() {
    const box = this.stage.getBoundingClientRect(), style = getComputedStyle(this.stage), two = this.compare?.mode === "side" ? 2 : 1;
    const inner = (length, a, b) => length - parseFloat(style[a]) - parseFloat(style[b]);
    const width = (inner(box.width, "paddingLeft", "paddingRight") - (two - 1) * 16) / two, height = inner(box.height, "paddingTop", "paddingBottom");
    const high = Math.max(80, Math.min(height, width / this.aspect));
    this.style.setProperty("--frame-height", `${Math.floor(high)}px`);
  }

  // Hands
  #wire() {
    const on = (name, run) => this.piece(name)?.addEventListener("click", run);
    on("play", () => this.toggle());
    on("back", () => this.shuttle(-1));
    on("forward", () => this.shuttle(1));
    on("previous", () => this.step(-1));
    on("next", () => this.step(1));
    on("set-in", () => this.setIn());
    on("set-out", () => this.setOut());
    on("clear", () => this.clearRange());
    on("loop", () => this.#loop());
    on("mute", () => this.#mute());
    on("full", () => this.fullscreen());
    on("keys", () => this.piece("help").showModal());
    on("retry", () => this.#retry());
    on("guides", () => this.guides());
    on("touch", () => this.toggle());
    for (const tab of this.querySelectorAll("[data-view]")) tab.addEventListener("click", () => this.show(tab.dataset.view));
    this.piece("volume")?.addEventListener("input", (event) => this.#volume(Number(event.target.value) / 100));
    this.rate = 1;
    this.piece("rate")?.addEventListener("change", (event) => { this.rate = Number(event.target.value); if (this.playing) this.play(this.speed); });
    const field = this.piece("frame-field");
    field.addEventListener("focus", () => { this.pause(); field.select(); });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { const frame = this.clock.read(field.value, this.frame); field.blur(); if (frame !== null) this.seek(frame); }
      if (event.key === "Escape") field.blur();
      event.stopPropagation();
    });
    field.addEventListener("blur", () => { field.value = this.clock.label(this.aim ?? this.frame); });
    this.unlisten = new AbortController();
    const target = this.getAttribute("keys") === "page" ? document : this, signal = this.unlisten.signal;
    target.addEventListener("keydown", (event) => this.#key(event), { signal });
    document.addEventListener("keyup", (event) => this.held.delete(event.key.toLowerCase()), { signal });
    window.addEventListener("blur", () => this.held.clear(), { signal });
  }
  #retry() { const reel = this.reels.get(this.view); this.reels.delete(this.view); reel?.remove(); this.fail(false); this.#use(this.#reel(this.view)); this.seek(this.frame); }
  #loop() { this.loop = !this.loop; this.piece("loop").setAttribute("aria-pressed", String(this.loop)); }
  #mute() {
    this.muted = !this.muted;
    for (const reel of this.reels.values()) if (!reel.still) reel.video.muted = this.muted;
    this.piece("mute")?.setAttribute("aria-pressed", String(this.muted));
  }
  #volume(share) {
    this.volume = share;
    if (this.muted && share > 0) this.#mute();
    for (const reel of this.reels.values()) if (!reel.still) reel.video.volume = share;
  }
  fullscreen() { document.fullscreenElement ? document.exitFullscreen() : this.requestFullscreen?.(); }
  /** What phones lay over a vertical film: none, then each platform in turn. */
  guides() {
    const all = [...this.querySelectorAll("[data-guide]")], now = all.findIndex((guide) => !guide.hidden);
    all.forEach((guide, index) => { guide.hidden = index !== now + 1; });
    this.piece("guides")?.setAttribute("aria-pressed", String(now + 1 < all.length));
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const at = event.target;
    if (at.closest?.("input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]")) return;
    const key = event.key.toLowerCase();
    if ((key === " " || key === "enter") && at.closest?.("button, a, summary, label, input")) return;
    const view = [...this.querySelectorAll("[data-view]")].find((tab) => tab.dataset.shortcut?.toLowerCase() === key && !event.shiftKey);
    const run = view ? () => this.show(view.dataset.view) : this.#commands(event)[key];
    if (!run) return;
    event.preventDefault();
    if (key === "k") this.held.add("k");
    if (event.repeat && ["j", "l", "k", " ", "m", "f", "g", "w", "x", "b"].includes(key) && !(this.held.has("k") && key !== "k")) return;
    run();
  }
  #commands(event) {
    const far = event.shiftKey ? 10 : 1, second = Math.round(this.clock.num / this.clock.den);
    return {
      " ": () => this.toggle(),
      k: () => this.pause(),
      j: () => this.shuttle(-1),
      l: () => this.shuttle(1),
      arrowleft: () => this.step(-far),
      arrowright: () => this.step(far),
      arrowup: () => this.step(-second),
      arrowdown: () => this.step(second),
      home: () => { this.pause(); this.seek(this.from); },
      end: () => { this.pause(); this.seek(this.to); },
      i: () => this.setIn(),
      o: () => this.setOut(),
      p: () => this.clearRange(),
      r: () => this.#loop(),
      m: () => this.#mute(),
      f: () => this.fullscreen(),
      g: () => this.guides(),
      w: () => this.compare.toggle("wipe"),
      b: () => this.compare.toggle("side"),
      x: () => this.compare.toggle("diff"),
      "?": () => this.piece("help").showModal(),
    };
  }
}

customElements.define("huo-player", HuoPlayer);
