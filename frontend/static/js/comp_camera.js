// Horizon and eye line, a ruler at the actor's place, and people on the background's ground: does the scale agree?
import { fill, label, make } from "./comp_light.js";

const GHOST_X = [0.13, 0.87, 0.68]; // beside the actor, who stands in the middle more often than not

/** camera: as `studio.comps.belonging` tells it; size: the frame's; may: whether the horizon may be dragged. SVG nodes. */
export function cameraGuides(camera, [wide, tall], words, may) {
  const unit = wide / 1080, place = { unit, wide, tall }, nodes = [];
  const at = (milli) => (milli / 1000) * tall;
  if (camera.horizon_milli !== undefined) {
    for (const [index, ghost] of camera.ghosts.entries()) nodes.push(...person(ghost, GHOST_X[index] * wide, place, words));
    const y = at(camera.horizon_milli);
    nodes.push(make("path", { class: "guide-under", d: `M0 ${y}H${wide}` }), make("path", { class: "guide-horizon", d: `M0 ${y}H${wide}`, "data-from": camera.horizon_from }));
    nodes.push(label(place, 76 * unit, y - 14 * unit, `${words.horizon} · ${words[camera.horizon_from]}`, "horizon"));
    if (may) nodes.push(handle(camera.horizon_milli, wide - 70 * unit, y, unit, words));
  } else if (may) nodes.push(label(place, wide - 130 * unit, tall / 2 - 50 * unit, words.horizon, "horizon"), handle(500, wide - 70 * unit, tall / 2, unit, words));
  if (camera.metre_milli === undefined) return nodes;
  const eyes = at(camera.eyes_milli), x = (camera.face_milli / 1000) * wide, reach = (camera.metre_milli / 1000) * tall * 0.16;
  nodes.push(make("path", { class: "guide-under", d: `M${x - reach} ${eyes}H${x + reach}` }), make("path", { class: "guide-eyes", d: `M${x - reach} ${eyes}H${x + reach}` }));
  nodes.push(label(place, x, eyes - 12 * unit, words.eyes, "eyes"));
  if (camera.horizon_milli !== undefined && camera.horizon_from !== "guess") nodes.push(...ruler(camera, place, at));
  return nodes;
}

/** Heights above the background's ground at the actor's place, along the left edge. */
function ruler(camera, place, at) {
  const nodes = [], { unit, tall } = place, step = camera.metre_milli > 500 ? 0.1 : camera.metre_milli > 160 ? 0.25 : 0.5;
  let ticks = "";
  for (let high = 0; high <= 2.6; high += step) {
    const y = at(camera.horizon_milli + (camera.camera_cm / 100 - high) * camera.metre_milli);
    if (y < 20 * unit || y > tall - 10 * unit) continue;
    ticks += `M0 ${y}h${30 * unit}`;
    const text = label(place, 96 * unit, y + 9 * unit, `${high.toFixed(step < 0.2 ? 1 : 2)} m`, "ruler");
    nodes.push(text);
  }
  return ticks ? [make("path", { class: "guide-under", d: ticks }), make("path", { class: "guide-ruler", d: ticks }), ...nodes] : [];
}

/** Somebody of ordinary height, that far from the lens on the background's ground. */
function person(ghost, x, place, words) {
  const { unit, tall } = place, [head, feet] = [ghost.head, ghost.feet].map((milli) => (milli / 1000) * tall), high = feet - head;
  if (high < 24 * unit || head > tall) return [];
  const r = high * 0.066, neck = head + 2 * r, half = high * 0.125, hip = head + high * 0.5;
  const body = `M${x - half} ${neck + r}Q${x - half} ${neck} ${x} ${neck}Q${x + half} ${neck} ${x + half} ${neck + r}L${x + half * 0.8} ${hip}L${x + half * 0.62} ${feet}H${x + half * 0.12}L${x} ${hip + high * 0.06}L${x - half * 0.12} ${feet}H${x - half * 0.62}L${x - half * 0.8} ${hip}Z`;
  const group = make("g", { class: "guide-ghost" });
  group.append(make("circle", { cx: x, cy: head + r, r }), make("path", { d: body }));
  return [group, label(place, x, Math.min(feet, tall) - 12 * unit, fill(words.metres, { n: ghost.metres }), "ghost")];
}

function handle(milli, cx, cy, unit, words) {
  const node = make("g", { class: "guide-handle", "data-horizon": "", tabindex: 0, role: "slider", "aria-label": words.horizon, "aria-orientation": "vertical", "aria-valuemin": -500, "aria-valuemax": 1500, "aria-valuenow": milli });
  node.append(make("circle", { cx, cy, r: 46 * unit, class: "guide-reach" }), make("circle", { cx, cy, r: 26 * unit }), make("path", { d: `M${cx - 10 * unit} ${cy - 5 * unit}l${10 * unit} ${-9 * unit}l${10 * unit} ${9 * unit}M${cx - 10 * unit} ${cy + 5 * unit}l${10 * unit} ${9 * unit}l${10 * unit} ${-9 * unit}` }));
  return node;
}
