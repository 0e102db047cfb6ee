// The eyedropper: reads the plate as it is shown, a spot or a patch; the hue is that of the sRGB-coded colour, as the
// engine counts it, in thousandths of a turn.

const SPOT = 3; // half a spot's side, in the still's pixels
const STILL_PX = 5; // a hand that moved less has clicked

export class Pick {
  /** still: the plate's <img>; patch: the rectangle a drag draws; loupe; on: {picked(layer, hue, rgb), look(rgb), left()}. */
  constructor(still, patch, loupe, on) {
    Object.assign(this, { still, patch, loupe, on, layer: null, from: null });
    still.parentElement.addEventListener("pointerdown", (event) => this.down(event));
    still.parentElement.addEventListener("pointermove", (event) => this.move(event));
    still.parentElement.addEventListener("pointerup", (event) => this.up(event));
    still.parentElement.addEventListener("pointercancel", () => this.clear());
  }

  start(layer) {
    this.layer = layer;
    this.loupe.start();
    this.loupe.show(this.still, { scale: 8, caption: "" });
  }
  stop() {
    if (!this.layer) return;
    this.layer = null;
    this.clear();
    this.loupe.stop();
    this.on.left();
  }
  clear() { this.from = null; this.patch.hidden = true; }

  place(event) {
    const box = this.still.getBoundingClientRect(), within = (v) => Math.min(1, Math.max(0, v));
    return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
  }
  down(event) {
    if (!this.layer || event.button) return;
    event.preventDefault();
    event.stopPropagation();
    this.still.parentElement.setPointerCapture(event.pointerId);
    this.from = { at: this.place(event), x: event.clientX, y: event.clientY };
    this.move(event);
  }
  move(event) {
    if (!this.layer) return;
    const here = this.place(event);
    this.loupe.move(event);
    const dragged = this.from && Math.hypot(event.clientX - this.from.x, event.clientY - this.from.y) > STILL_PX;
    this.patch.hidden = !dragged;
    if (dragged) {
      const [x0, y0] = this.from.at, [x1, y1] = here;
      for (const [name, value] of [["--l", Math.min(x0, x1)], ["--t", Math.min(y0, y1)], ["--w", Math.abs(x1 - x0)], ["--h", Math.abs(y1 - y0)]]) this.patch.style.setProperty(name, `${value * 100}%`);
    }
    const rgb = this.read(dragged ? this.from.at : here, here);
    if (rgb) this.loupe.show(this.still, { scale: 8, caption: `rgb ${rgb.map(Math.round).join(" ")}` });
    this.on.look(rgb);
  }
  up(event) {
    if (!this.layer || !this.from) return;
    event.stopPropagation();
    const here = this.place(event), dragged = Math.hypot(event.clientX - this.from.x, event.clientY - this.from.y) > STILL_PX;
    const rgb = this.read(dragged ? this.from.at : here, here);
    this.clear();
    if (rgb) this.on.picked(this.layer, hueOf(rgb), rgb);
  }

  /** The mean colour, 0..255, between two corners; of a small spot where they are one. */
  read([x0, y0], [x1, y1]) {
    const { naturalWidth: width, naturalHeight: height } = this.still;
    if (!width) return null;
    if (this.sheet?.src !== this.still.src) {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [width, height];
      const pen = canvas.getContext("2d", { willReadFrequently: true });
      pen.drawImage(this.still, 0, 0);
      this.sheet = { src: this.still.src, pen };
    }
    const span = (a, b, size) => {
      const low = Math.round(Math.min(a, b) * size), high = Math.round(Math.max(a, b) * size);
      return high - low < 2 * SPOT ? [Math.max(0, Math.min(size - 2 * SPOT - 1, low - SPOT)), 2 * SPOT + 1] : [low, Math.max(1, Math.min(size, high) - low)];
    };
    const [left, wide] = span(x0, x1, width), [top, tall] = span(y0, y1, height);
    const pixels = this.sheet.pen.getImageData(left, top, wide, tall).data, sum = [0, 0, 0];
    for (let at = 0; at < pixels.length; at += 4) for (const c of [0, 1, 2]) sum[c] += pixels[at + c];
    return sum.map((value) => value / (pixels.length / 4));
  }
}

/** What to say of a hue that may not be the screen's: skin, or far from the screen the engine found by itself; "" for none. */
export function doubtful(hue, [r, g, b], found, words) {
  const degrees = hue * 0.36, apart = (one, other) => Math.abs(((one - other + 540) % 360) - 180);
  const name = (at) => words.hues.find(([upto]) => Math.round(at) <= upto)[1];
  const told = (text, values) => text.replace(/%\((\w+)\)s/g, (_, key) => values[key]);
  const mine = { name: name(degrees), hue: Math.round(degrees) }, other = found?.hue_milli * 0.36;
  if (apart(degrees, 24) < 26 && r > g && r > b) return told(words.picked_skin, mine);
  return Number.isFinite(other) && apart(degrees, other) > 40 ? told(words.picked_far, { ...mine, found: name(other), other: Math.round(other) }) : "";
}

/** Hue of [r, g, b] 0..255 in thousandths of a turn; null for what has next to no colour. */
export function hueOf(rgb) {
  const [r, g, b] = rgb.map((value) => value / 255), most = Math.max(r, g, b), span = most - Math.min(r, g, b);
  if (span < 0.08) return null;
  const sixth = most === r ? ((g - b) / span + 6) % 6 : most === g ? (b - r) / span + 2 : (r - g) / span + 4;
  return Math.round((sixth / 6) * 1000) % 1000;
}
