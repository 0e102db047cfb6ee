// The light on the actor as it falls: a disc in the key's colour, its spread, an arrow to the face; the background's
// beside it, and the angle between the two.
export const make = (name, attributes, text) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
};
const radians = (degrees) => (degrees * Math.PI) / 180;

/** [x right, y down, z towards the lens] of where a light stands. */
export function toward(azimuth, elevation) {
  const [a, e] = [radians(azimuth), radians(elevation)];
  return [Math.sin(a) * Math.cos(e), -Math.sin(e), Math.cos(a) * Math.cos(e)];
}
export const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]).replaceAll("%%", "%");

/** light: as `studio.comps.belonging` tells it; size: the frame's. SVG nodes. */
export function lightGuides(light, [wide, tall], words) {
  const unit = wide / 1080, [x, y] = light.centre_milli.map((value, at) => (value / 1000) * [wide, tall][at]);
  const face = Math.max(70 * unit, (light.size_milli[0] / 2000) * wide);
  const frame = { x, y, face, unit, wide, tall }, ground = light.background, nodes = [];
  if (ground && !ground.even) arrow(frame, { ...ground, softness_milli: 0 }, "ground", nodes, "", words);
  if (light.believed) arrow(frame, light, "actor", nodes, fill(words.key, { n: light.azimuth, soft: Math.round(light.softness_milli / 10) }), words);
  else nodes.push(label(frame, x, y - face * 1.5, words.even, "actor"));
  if (!ground) return nodes;
  if (ground.even) nodes.push(label(frame, 60 * unit, tall - 50 * unit, `${words.ground}: ${words.even}`, "ground"));
  else if (light.believed) nodes.push(...fan(light, ground, frame, words));
  return nodes;
}

/** From above: how far to either side each light stands, whether before the actor or behind, and the angle between. */
function fan(light, ground, { unit, tall }, words) {
  const r = 190 * unit, [x, y] = [r + 40 * unit, tall - 54 * unit], group = make("g", { class: "guide-fan", ...(ground.turned ? { "data-warn": "" } : {}) });
  const at = (degrees, far) => [x + far * Math.sin(radians(degrees)), y - far * Math.cos(radians(degrees))];
  const [own, other] = [light.side, ground.aside];
  group.append(make("path", { class: "guide-fan-back", d: `M${x - r - 18 * unit} ${y + 34 * unit}v${-34 * unit}A${r + 18 * unit} ${r + 18 * unit} 0 0 1 ${x + r + 18 * unit} ${y}v${34 * unit}Z` }));
  group.append(make("path", { class: "guide-fan-rim", d: `M${x - r} ${y}A${r} ${r} 0 0 1 ${x + r} ${y}M${x} ${y}V${y - r}` }));
  const [from, to] = [at(own, r * 0.62), at(other, r * 0.62)];
  group.append(make("path", { class: "guide-fan-angle", d: `M${x} ${y}L${from}A${r * 0.62} ${r * 0.62} 0 0 ${other > own ? 1 : 0} ${to}Z` }));
  for (const [degrees, colour, whose] of [[other, ground.colour, "ground"], [own, light.colour, "actor"]]) {
    const [cx, cy] = at(degrees, r), ray = make("g", { class: "guide-light", "data-whose": whose });
    ray.style.setProperty("--c", colour);
    ray.append(make("path", { class: "guide-line", d: `M${x} ${y}L${cx} ${cy}` }), make("circle", { class: "guide-disc", cx, cy, r: (whose === "actor" ? 22 : 17) * unit }));
    group.append(ray);
  }
  const text = label({ unit, wide: 1080 * unit }, x, y + 24 * unit, fill(words.apart, { n: ground.apart }), "apart");
  text.setAttribute("x", x);
  text.setAttribute("text-anchor", "middle");
  group.append(text);
  return [group];
}

/** Draws one light's arrow into nodes, with what is said of it. */
function arrow({ x, y, face, unit, wide, tall }, light, whose, nodes, said, words) {
  const [dx, dy, dz] = toward(light.azimuth, light.elevation), flat = Math.hypot(dx, dy);
  // A light straight from the front has no side on the picture: it is drawn above the face, short.
  const [ux, uy] = flat > 0.12 ? [dx / flat, dy / flat] : [0, -1];
  const disc = (whose === "actor" ? 44 : 30) * unit, edge = 24 * unit + disc;
  const reach = face * 1.25 + (110 + 330 * flat) * unit;
  const cx = Math.min(wide - edge, Math.max(edge, x + ux * reach)), cy = Math.min(tall - edge, Math.max(edge, y + uy * reach));
  const away = Math.max(1, Math.hypot(cx - x, cy - y)), [vx, vy] = [(cx - x) / away, (cy - y) / away];
  const tip = Math.min(face * 1.12, away * 0.6), [tx, ty] = [x + vx * tip, y + vy * tip], back = disc + 6 * unit;
  const [bx, by] = [cx - vx * back, cy - vy * back];
  const group = make("g", { class: "guide-light", "data-whose": whose, ...(dz < -0.17 ? { "data-behind": "" } : {}) });
  group.style.setProperty("--c", light.colour);
  if (whose === "actor") {
    // Soft light comes from a wide place: the wedge opens with it.
    const half = (8 + 0.09 * light.softness_milli) * unit;
    group.append(make("path", { class: "guide-spread", d: `M${cx - vy * half} ${cy + vx * half} L${tx - vy * half * 0.5} ${ty + vx * half * 0.5} L${tx + vy * half * 0.5} ${ty - vx * half * 0.5} L${cx + vy * half} ${cy - vx * half}Z` }));
    group.append(make("circle", { class: "guide-halo", cx, cy, r: disc + half * 0.6 }));
  }
  const head = 26 * unit, line = `M${bx} ${by}L${tx} ${ty}M${tx + vx * head - vy * head * 0.6} ${ty + vy * head + vx * head * 0.6}L${tx} ${ty}L${tx + vx * head + vy * head * 0.6} ${ty + vy * head - vx * head * 0.6}`;
  group.append(make("path", { class: "guide-under", d: line }), make("path", { class: "guide-line", d: line }), make("circle", { class: "guide-disc", cx, cy, r: disc }));
  nodes.push(group);
  const more = flat <= 0.12 && dz > 0 ? ` · ${words.front}` : dz < -0.17 ? ` · ${words.behind}` : "";
  if (said) nodes.push(label({ unit, wide, tall }, cx, cy > tall * 0.8 ? cy - disc - 22 * unit : cy + disc + 40 * unit, said + more, whose));
}

export function label({ unit, wide }, x, y, text, whose) {
  const near = 0.34 * wide, anchor = x < near ? "start" : x > wide - near ? "end" : "middle";
  const at = anchor === "start" ? Math.max(16 * unit, x - 60 * unit) : anchor === "end" ? Math.min(wide - 16 * unit, x + 60 * unit) : x;
  const node = make("text", { class: "guide-text", x: at, y, "text-anchor": anchor, "data-whose": whose }, text);
  node.style.setProperty("--size", `${32 * unit}px`);
  return node;
}
