// Frames and time, exactly: a frame is an integer from 0, the rate a fraction. Nothing here touches the page.

export class Clock {
  /** frames: how many there are; start: what people call the first one. */
  constructor(num, den, frames, start = 1001) {
    Object.assign(this, { num, den, frames, start });
    this.last = Math.max(0, frames - 1);
  }
  clamp(frame) { return Math.min(this.last, Math.max(0, Math.round(frame))); }
  /** The middle of a frame in seconds: the only time that names it for sure (n/fps lands on the one before in up to a third). */
  middle(frame) { return ((frame + 0.5) * this.den) / this.num; }
  /** The frame whose presentation time a video frame callback reports. */
  at(mediaTime) { return Math.round((mediaTime * this.num) / this.den); }
  /** The frame that covers a playing position (for browsers without frame callbacks). */
  under(seconds) { return Math.floor((seconds * this.num) / this.den + 1e-4); }
  label(frame) { return String(frame + this.start); }
  get base() { return Math.round(this.num / this.den); }
  /** 29.97 and 59.94 count with dropped numbers, so that the clock on the wall agrees; 23.976 never does. */
  get drops() { return this.den === 1001 && this.base % 30 === 0; }

  /** SMPTE timecode from zero: 00:00:01:14, with a semicolon where numbers are dropped. Source: SMPTE ST 12-1. */
  timecode(frame) {
    const base = this.base;
    let count = frame;
    if (this.drops) {
      const dropped = base / 15, perMinute = base * 60 - dropped, perTen = base * 600 - dropped * 9;
      const tens = Math.floor(frame / perTen), rest = frame % perTen;
      count += dropped * 9 * tens + (rest >= base * 60 ? dropped * Math.floor((rest - dropped) / perMinute) : 0);
    }
    const two = (n) => String(n).padStart(2, "0");
    const seconds = Math.floor(count / base);
    return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}${this.drops ? ";" : ":"}${two(count % base)}`;
  }

  /** What somebody typed: a frame as shown ("1039"), a step ("+10", "-5") from `now`, or a timecode. null: none of these. */
  read(text, now) {
    const typed = text.trim().replace("−", "-");
    if (/^[+-]\d+$/.test(typed)) return this.clamp(now + Number(typed));
    if (/^\d+$/.test(typed)) return this.clamp(Number(typed) - this.start);
    const parts = typed.match(/^(?:(\d+):)?(\d+):(\d+)[:;](\d+)$/);
    if (!parts) return null;
    const [hours, minutes, seconds, rest] = parts.slice(1).map((part) => Number(part || 0));
    const base = this.base, allMinutes = hours * 60 + minutes;
    let count = (allMinutes * 60 + seconds) * base + rest;
    if (this.drops) count -= (base / 15) * (allMinutes - Math.floor(allMinutes / 10));
    return this.clamp(count);
  }
}
