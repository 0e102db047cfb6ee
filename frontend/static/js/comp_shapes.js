// Masks as data, the page's side of compositing/polygons.py: points in ten-thousandths of the layer's frame, keys by the
// layer's own frames. Every function gives new values and leaves what it was given alone.

export const UNIT = 10000;
const LOW = -UNIT, HIGH = 2 * UNIT;
export const bounded = ([x, y]) => [x, y].map((value) => Math.min(HIGH, Math.max(LOW, Math.round(value))));

/** Points of a mask at its layer's frame: straight and even between two keys, at rest before and after. */
export function pointsAt({ keys }, frame) {
  const after = keys.findIndex((key) => key.frame > frame);
  const first = keys[after < 0 ? keys.length - 1 : Math.max(0, after - 1)], second = keys[after < 0 ? keys.length - 1 : after];
  const span = second.frame - first.frame, part = span > 0 ? Math.min(1, Math.max(0, (frame - first.frame) / span)) : 0;
  return first.points.map(([x, y], at) => [x + part * (second.points[at][0] - x), y + part * (second.points[at][1] - y)]);
}
export const keyAt = (mask, frame) => mask.keys.find((key) => key.frame === frame);

/** The mask with a key at `frame`, whose points are `points` or where they stand there anyway. */
export function withKey(mask, frame, points = pointsAt(mask, frame)) {
  const keys = mask.keys.filter((key) => key.frame !== frame);
  return { ...mask, keys: [...keys, { frame, points: points.map(bounded) }].sort((a, b) => a.frame - b.frame) };
}
export function withoutKey(mask, frame) { return { ...mask, keys: mask.keys.filter((key) => key.frame !== frame) }; }

/** A point more in every key, half way between point `at` and the next; or one less. */
export function inserted(mask, at) {
  const keys = mask.keys.map(({ frame, points }) => {
    const [a, b] = [points[at], points[(at + 1) % points.length]];
    return { frame, points: [...points.slice(0, at + 1), bounded([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]), ...points.slice(at + 1)] };
  });
  return { ...mask, keys };
}
export function removed(mask, at) {
  return { ...mask, keys: mask.keys.map(({ frame, points }) => ({ frame, points: points.filter((_, place) => place !== at) })) };
}

/** Where the layer's frame stands in the picture, and back: mirrored, sized, moved as its settings say. */
export function placing(values, plain) {
  const { flip = 0, scale_milli: size = 1000, x_milli: across = 0, y_milli: down = 0 } = plain ? {} : values;
  const scale = size / 1000, [dx, dy] = [across / 1000, down / 1000];
  const out = ([x, y]) => [((flip ? 1 - x / UNIT : x / UNIT) - 0.5) * scale + 0.5 + dx, (y / UNIT - 0.5) * scale + 0.5 + dy];
  const back = ([x, y]) => {
    const own = (x - 0.5 - dx) / scale + 0.5;
    return [(flip ? 1 - own : own) * UNIT, ((y - 0.5 - dy) / scale + 0.5) * UNIT];
  };
  return { out, back };
}

/** The layer's own frame at the comp's `frame`, as the engine counts it (Source.own_frame). */
export function ownFrame(frame, values, { frames, looped }) {
  const at = frame + (values.frame_offset ?? 0);
  if (!frames) return at;
  const end = values.extend ?? (looped ? "loop" : "hold");
  if (at >= 0 && at < frames) return at;
  if (end === "clear") return at;
  return end === "loop" ? ((at % frames) + frames) % frames : Math.min(frames - 1, Math.max(0, at));
}
