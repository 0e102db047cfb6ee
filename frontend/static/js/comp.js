// The comp page: what is looked at (frame, view, layer) and with which settings; everything else hears of it from here.
import { sayError, toast } from "./app.js";
import { Params } from "./comp_params.js";
import { Preview } from "./comp_preview.js";
import { Store } from "./comp_store.js";
import { Timeline } from "./comp_timeline.js";

const json = (id) => JSON.parse(document.getElementById(id).textContent);
const $ = (id) => document.getElementById(id);
const data = json("comp-page"), words = data.words, fps = data.fps[0] / data.fps[1];
const VIEWS = ["comp", "matte", "foreground", "plate", "difference"], LETTERS = { c: 0, m: 1, f: 2, p: 3, d: 4 };
const stage = $("comp-picture"), still = $("comp-still"), film = $("comp-before-film"), label = $("comp-label");
let facts = json("comp-layers-data"), view = "comp", selected = null, picking = null, before = null, resting = null;

const params = new Params($("comp-params"), {
  drag: () => show(true),
  commit: () => { show(); store.save(params.values); if ($("comp-start")) clearErrors($("comp-start")); },
});
const store = new Store(data.urls, data.settings, {
  settings: (told) => adopt(told),
  state: () => paintHistory(),
  failed: (sentence) => sayError($("comp-params"), sentence),
}, words);
const preview = still && new Preview(data.urls.preview, still, {
  working: (yes) => { $("comp-working").textContent = yes ? words.rendering : ""; },
  report: (answer) => { clearErrors(stage); tell(answer); },
  failed: (sentence) => { $("comp-working").textContent = ""; sayError(stage, sentence); },
}, words);
let timeline = null; // its first word comes while it is still being made
timeline = still && new Timeline(data.start, facts.frames, (_frame, dragging) => {
  if (!timeline) return;
  show(dragging);
  if (!film.hidden) seekBefore();
});

function clearErrors(place) { place.querySelectorAll(".error-here").forEach((line) => line.remove()); }
function keyed() { return Object.keys(facts.layers).filter((id) => facts.layers[id].keyed && !(params.values.hidden ?? []).includes(id)); }

/** Ask for the picture as things stand; while a hand drags, a smaller one. */
function show(dragging = false) {
  if (!preview) return;
  clearTimeout(resting);
  const box = stage.getBoundingClientRect(), ratio = data.size[0] / data.size[1];
  const wide = Math.min(box.width, box.height * ratio) * Math.min(2, window.devicePixelRatio || 1);
  const layers = keyed();
  const layer = layers.length > 1 && view !== "comp" && view !== "difference" ? (layers.includes(selected) ? selected : layers.at(-1)) : "";
  preview.want({ values: params.values, frame: timeline.frame, view, layer, width: Math.max(16, Math.round(dragging ? Math.min(360, wide) : wide)) });
  if (dragging) resting = setTimeout(() => show(), 350);
}

/** What the engine found, in words, beside the frame and in the layer's panel. */
function tell({ report, seconds }) {
  const screens = report?.screens ?? {};
  params.learn(screens);
  for (const place of document.querySelectorAll("[data-screen]")) {
    const screen = screens[place.dataset.screen];
    if (screen?.method === "person") place.textContent = fill(words.person, screen);
    if (!screen) continue;
    const hue = Math.round(screen.hue_milli * 0.36), name = words.hues.find(([upto]) => hue <= upto)[1];
    const told = [fill(words.screen, { name, hue, share: Math.round(screen.share_milli / 10) })];
    if (screen.clean_plate) told.push(words.clean_plate);
    if (screen.hint) told.push(words.hint);
    place.textContent = told.join(" · ");
  }
  const found = [];
  if (report?.band_milli !== undefined && Object.keys(screens).length) found.push(words.band.replace("%s", (report.band_milli / 10).toFixed(1)));
  if (seconds) found.push(words.seconds.replace("%s", seconds.toFixed(2)));
  $("comp-found").textContent = found.join(" · ");
}
const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);

function adopt(told) {
  params.paint(structuredClone(told.values), facts.layers);
  if (told.frames && timeline && told.frames !== timeline.frames) timeline.resize(told.frames);
  paintEyes();
  paintHistory();
  show();
}
function named(steps) {
  const names = [...new Set(steps.map(([scope, name]) => (scope === "hidden" ? data.names[""] : data.names[name] ?? name)))];
  return names.length > 1 ? words.several.replace("%s", names[0]) : names[0] ?? "";
}
function paintHistory() {
  const { can_undo, can_redo, last, next } = store.now;
  for (const [button, can, steps, what, none] of [[$("comp-undo"), can_undo, last, words.undo, words.nothing_undo], [$("comp-redo"), can_redo, next, words.redo, words.nothing_redo]]) {
    button.disabled = !can || !data.may;
    button.title = can ? what.replace("%s", named(steps ?? [])) : none;
  }
  if ($("comp-reset")) $("comp-reset").disabled = !Object.keys(params.values).length;
}
function paintEyes() {
  const hidden = params.values.hidden ?? [];
  document.querySelectorAll("[data-eye]").forEach((eye) => eye.setAttribute("aria-pressed", String(!hidden.includes(eye.dataset.eye))));
  document.querySelectorAll(".comp-layer").forEach((row) => row.toggleAttribute("data-hidden", hidden.includes(row.dataset.layer)));
}

function select(id) {
  selected = id;
  document.querySelectorAll("[data-select]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.select === id)));
  document.querySelectorAll("[data-panel]").forEach((panel) => { panel.hidden = panel.dataset.panel !== id; });
  show();
}
function setView(name) {
  view = name;
  document.querySelectorAll("[data-view]").forEach((tab) => {
    tab.setAttribute("aria-selected", String(tab.dataset.view === name));
    tab.tabIndex = tab.dataset.view === name ? 0 : -1;
  });
  stage.dataset.view = name;
  show();
}

// Before and after: the newest rendered version's own film, at this frame, while B or the button is held.
function findBefore() {
  const rows = [...document.querySelectorAll(".comp-version[data-film]")];
  before = rows[0]?.dataset ?? null;
  $("comp-before").disabled = !before;
}
function seekBefore() { film.currentTime = Math.min(Number(before.frames) - 1, timeline.frame) / fps + 0.5 / fps; }
function holdBefore(yes) {
  if (!before || !timeline) return;
  $("comp-before").setAttribute("aria-pressed", String(yes));
  if (!yes) { film.hidden = label.hidden = true; return; }
  if (film.getAttribute("src") !== before.film) film.src = before.film;
  seekBefore();
  const reveal = () => { if ($("comp-before").getAttribute("aria-pressed") !== "true") return; film.hidden = false; label.textContent = before.name; label.hidden = false; };
  if (film.readyState >= 2 && !film.seeking) reveal(); else film.addEventListener("seeked", reveal, { once: true });
}

// The eyedropper reads the plate as it is shown; the hue is that of the sRGB-coded colour, as the engine counts it.
function pick(layer) {
  if (picking) return leavePick();
  picking = { layer, view };
  setView("plate");
  stage.classList.add("picking");
  label.textContent = words.pick;
  label.hidden = false;
  document.querySelectorAll(`[data-pick="${layer}"]`).forEach((button) => button.setAttribute("aria-pressed", "true"));
}
function leavePick() {
  if (!picking) return;
  stage.classList.remove("picking");
  label.hidden = true;
  document.querySelectorAll("[data-pick]").forEach((button) => button.setAttribute("aria-pressed", "false"));
  const back = picking.view;
  picking = null;
  setView(back);
}
function hueAt(event) {
  const box = still.getBoundingClientRect(), canvas = document.createElement("canvas");
  canvas.width = still.naturalWidth;
  canvas.height = still.naturalHeight;
  const pen = canvas.getContext("2d");
  pen.drawImage(still, 0, 0);
  const x = Math.round(((event.clientX - box.left) / box.width) * canvas.width), y = Math.round(((event.clientY - box.top) / box.height) * canvas.height);
  const pixels = pen.getImageData(Math.max(0, x - 3), Math.max(0, y - 3), 7, 7).data;
  const sum = [0, 0, 0];
  for (let at = 0; at < pixels.length; at += 4) for (const c of [0, 1, 2]) sum[c] += pixels[at + c];
  const [r, g, b] = sum.map((v) => v / (pixels.length / 4) / 255), most = Math.max(r, g, b), span = most - Math.min(r, g, b);
  if (span < 0.08) return null;
  const sixth = most === r ? ((g - b) / span + 6) % 6 : most === g ? (b - r) / span + 2 : (r - g) / span + 4;
  return Math.round((sixth / 6) * 1000) % 1000;
}
still?.addEventListener("click", (event) => {
  if (!picking) return;
  const hue = hueAt(event), row = document.querySelector(`[data-key="${picking.layer}.screen_hue_milli"]`);
  if (hue === null) { label.textContent = words.grey; return; }
  params.put(row, hue);
  store.save(params.values, 0);
  leavePick();
});

document.addEventListener("click", (event) => {
  const at = (name) => event.target.closest(`[data-${name}]`);
  if (at("view")) setView(at("view").dataset.view);
  else if (at("select")) select(at("select").dataset.select);
  else if (at("pick")) pick(at("pick").dataset.pick);
  else if (at("eye") && !at("eye").disabled) {
    const id = at("eye").dataset.eye, hidden = new Set(params.values.hidden ?? []);
    hidden.has(id) ? hidden.delete(id) : hidden.add(id);
    const { hidden: _old, ...rest } = params.values;
    params.values = hidden.size ? { ...rest, hidden: [...hidden].sort() } : rest;
    paintEyes();
    show();
    store.save(params.values, 0);
  } else if (at("copy-settings")) store.copy(at("copy-settings").dataset.copySettings).then((ok) => ok && toast(words.copied, { undo: () => store.undo() }));
});
$("comp-undo").addEventListener("click", () => store.undo());
$("comp-redo").addEventListener("click", () => store.redo());
$("comp-reset")?.addEventListener("click", () => store.reset());
for (const [name, yes] of [["pointerdown", true], ["pointerup", false], ["pointerleave", false], ["pointercancel", false]]) $("comp-before").addEventListener(name, () => holdBefore(yes));

document.addEventListener("keydown", (event) => {
  const field = event.target, typing = field.matches("textarea, select, [contenteditable], input:not([type=range]):not([type=checkbox]):not([type=radio])");
  if (typing) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    event.preventDefault();
    if (data.may) event.shiftKey ? store.redo() : store.undo();
    return;
  }
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "y") { event.preventDefault(); if (data.may) store.redo(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const letter = event.key.toLowerCase(), place = LETTERS[letter] ?? (/^[1-5]$/.test(event.key) ? Number(event.key) - 1 : -1);
  if (event.key === "Escape") leavePick();
  else if (place >= 0) { const tab = document.querySelector(`[data-view="${VIEWS[place]}"]`); if (!tab.disabled) setView(VIEWS[place]); }
  else if (letter === "b" && !event.repeat) holdBefore(true);
  else if (timeline && !field.matches("input[type=range], input[type=radio]") && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
    event.preventDefault();
    if (field.matches("[role=tab]")) return setViewBy(event.key === "ArrowRight" ? 1 : -1);
    timeline.step((event.key === "ArrowRight" ? 1 : -1) * (event.shiftKey ? 10 : 1));
  } else if (timeline && !field.matches("input") && event.key === "Home") { event.preventDefault(); timeline.go(0); }
  else if (timeline && !field.matches("input") && event.key === "End") { event.preventDefault(); timeline.go(timeline.frames - 1); }
});
document.addEventListener("keyup", (event) => { if (event.key.toLowerCase() === "b") holdBefore(false); });
window.addEventListener("blur", () => holdBefore(false));
function setViewBy(by) {
  const tabs = [...document.querySelectorAll("[data-view]:not([disabled])")], at = tabs.findIndex((tab) => tab.dataset.view === view);
  const next = tabs[(at + by + tabs.length) % tabs.length];
  setView(next.dataset.view);
  next.focus();
}

// A version is started from what is stored: first store what the hand just changed.
$("comp-start")?.addEventListener("htmx:confirm", (event) => {
  event.preventDefault();
  store.flush().then((ok) => { if (ok !== false) event.detail.issueRequest(true); });
});
$("comp-start")?.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful && event.target === $("comp-start")) $("comp-comment").value = ""; });
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "comp-versions" || document.getElementById("comp-versions")?.contains(event.target)) findBefore();
});

// What others change.
let refetch = null;
document.addEventListener("huo:changed", ({ detail }) => {
  if (detail.subject === "preview") return preview?.nudge();
  if (detail.key !== data.shot) return;
  if (detail.subject === "comp" && store.dirty === null) {
    store.line.then(() => { // our own save may have told us first
      const seen = store.now.seen;
      return store.fetch().then(() => { if (store.now.seen !== seen && store.now.by) toast(words.changed_by.replace("%s", store.now.by), { level: "info" }); });
    });
  }
  if (detail.subject === "shot" && /^(layer|take|draw|element)\./.test(detail.verb)) {
    clearTimeout(refetch);
    refetch = setTimeout(refreshLayers, 300);
  }
});
async function refreshLayers() {
  if (document.querySelector(".dragging")) { refetch = setTimeout(refreshLayers, 800); return; }
  if (!preview) return location.reload(); // the first layer was filled
  await Promise.all(["layers", "panels"].map((name) => window.htmx.ajax("GET", data.urls[name], { target: `#comp-${name}`, swap: "outerHTML" })));
  facts = json("comp-layers-data");
  timeline.resize(facts.frames);
  preview.forget();
  paintTabs();
  adopt(store.now);
  select(document.querySelector(`[data-panel="${selected}"]`) ? selected : first());
}
const first = () => document.querySelector("[data-screen]")?.dataset.screen ?? document.querySelector("[data-panel]")?.dataset.panel;
function paintTabs() {
  const any = Object.values(facts.layers).some((layer) => layer.keyed);
  document.querySelectorAll("[data-view]").forEach((tab) => { tab.disabled = !any && tab.dataset.view !== "comp"; });
}

paintTabs();
findBefore();
params.paint(structuredClone(data.settings.values), facts.layers);
paintEyes();
paintHistory();
select(first());
setView("comp");
new ResizeObserver(() => show()).observe(stage);
window.addEventListener("pagehide", () => { store.flush(); });
