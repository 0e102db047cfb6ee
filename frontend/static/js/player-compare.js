// Holding one film against another: wipe, side by side, difference. The second one follows frame by frame;
// two films that run freely drift by about a frame, so a pause seeks both to the same frame again.
import { Reel } from "./player-reel.js";

const MODES = ["wipe", "side", "diff"];

export class Compare {
  constructor(player) {
    this.player = player;
    this.mode = null;
    this.reel = null;
    this.part = (name) => player.querySelector(`[data-part=${name}]`);
    this.select = this.part("other");
    this.line = this.part("wipe-line");
    this.select?.addEventListener("change", () => this.load());
    for (const mode of MODES) player.querySelector(`[data-compare=${mode}]`)?.addEventListener("click", () => this.toggle(mode));
    this.line?.addEventListener("pointerdown", (event) => this.#drag(event));
    this.line?.addEventListener("keydown", (event) => this.#key(event));
    player.querySelector("[data-part=gain]")?.addEventListener("click", (event) => this.#gain(event.currentTarget));
    this.wipe(50);
  }
  get able() { return !!this.select?.options.length; }

  toggle(mode) {
    if (!this.able) return;
    this.mode = this.mode === mode ? null : mode;
    this.player.dataset.compare = this.mode ?? "";
    for (const name of MODES) this.player.querySelector(`[data-compare=${name}]`)?.setAttribute("aria-pressed", String(name === this.mode));
    for (const item of this.player.querySelectorAll("[data-comparing]")) item.hidden = !this.mode || (item.dataset.comparing && item.dataset.comparing !== this.mode);
    this.part("side").hidden = this.mode !== "side";
    if (!this.mode) { this.reel?.pause(); return this.player.resize(); }
    this.#place();
    this.load();
    this.player.resize();
  }
  #place() { if (this.reel) this.part(this.mode === "side" ? "side" : "over").prepend(this.reel.element); }

  async load() {
    const option = this.select.selectedOptions[0];
    if (!this.mode || !option) return;
    for (const tag of this.player.querySelectorAll("[data-other-name]")) tag.textContent = option.textContent.trim();
    if (this.reel?.src !== option.value) {
      this.reel?.remove();
      this.reel = new Reel(this.player.clock, { src: option.value, frames: Number(option.dataset.frames) || this.player.clock.frames });
      this.reel.video.muted = true;
      this.reel.onerror = () => this.player.fail(true);
      this.#place();
    }
    try { await this.reel.seek(this.player.frame); } catch { return; }
    if (this.player.playing && this.player.speed > 0) this.reel.play(this.player.speed).catch(() => {});
  }

  seek(frame) { return this.mode && this.reel ? this.reel.seek(frame) : null; }
  async play(rate) {
    if (!this.mode || !this.reel) return;
    await this.reel.seek(this.player.frame);
    if (this.player.playing) await this.reel.play(rate).catch(() => {});
  }
  pause() { this.reel?.pause(); }
  jump(frame) { if (this.mode && this.reel) { this.reel.jump(frame); this.reel.video.play().catch(() => {}); } }
  /** While both play: more than a frame and a half apart, the second one jumps. */
  follow(frame) {
    if (!this.mode || !this.reel || this.reel.running || this.reel.drawn === null) return;
    if (Math.abs(this.reel.drawn - frame) > 1.5 && frame < this.reel.frames - 2) this.reel.jump(frame + 1);
  }

  wipe(percent) {
    this.share = Math.min(100, Math.max(0, percent));
    this.player.style.setProperty("--wipe", `${this.share}%`);
    this.line?.setAttribute("aria-valuenow", String(Math.round(this.share)));
  }
  #drag(event) {
    event.preventDefault();
    event.stopPropagation();
    this.line.focus({ preventScroll: true });
    this.line.setPointerCapture(event.pointerId);
    const box = this.part("frame").getBoundingClientRect();
    const move = (next) => this.wipe(((next.clientX - box.left) / box.width) * 100);
    this.line.addEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) this.line.addEventListener(name, () => this.line.removeEventListener("pointermove", move), { once: true });
  }
  #key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    this.wipe(this.share + step * (event.shiftKey ? 10 : 1));
  }
  #gain(button) {
    const next = { 1: 4, 4: 16, 16: 1 }[this.player.dataset.gain ?? 4];
    this.player.dataset.gain = next;
    this.player.style.setProperty("--gain", next);
    button.querySelector("[data-figure]").textContent = `×${next}`;
  }
}
