// The comp page: what is looked at (frame, view, layer) and with which settings; everything else hears of it from here.
import { sayError, toast } from "./app.js";
import { Belonging } from "./comp_belonging.js";
import { Compare } from "./comp_compare.js";
import { History } from "./comp_history.js";
import { Loupe } from "./comp_loupe.js";
import { Masks } from "./comp_masks.js";
import { Params } from "./comp_params.js";
import { Pick, doubtful } from "./comp_pick.js";
import { Play } from "./comp_play.js";
import { Preview } from "./comp_preview.js";
import { ownFrame } from "./comp_shapes.js";
import { Store } from "./comp_store.js";
import { Timeline } from "./comp_timeline.js";
import { keyboard } from "./comp_keys.js";

const json = (id) => JSON.parse(document.getElementById(id).textContent);
const $ = (id) => document.getElementById(id);
const data = json("comp-page"), words = data.words;
const DRAG_PX = 270, PLAY_PX = 540; // wide: what a hand sees while it moves, and what is played
const stage = $("comp-picture"), still = $("comp-still"), label = $("comp-label"), KEYED_VIEWS = (name) => name !== "comp" && name !== "difference";
let facts = json("comp-layers-data"), view = "comp", backing = data.backings[0], mode = localStorage.getItem("huo:comp-preview") ?? "fast";
let selected = null, resting = null, asked = null;

const params = new Params($("comp-params"), {
  drag: () => show(true),
  commit: () => { show(); store.save(params.values); if ($("comp-start")) clearErrors($("comp-start")); },
});
const store = new Store(data.urls, data.settings, {
  settings: (told) => adopt(told),
  state: () => paintHistory(),
  failed: (sentence) => sayError($("comp-params"), sentence),
}, words);
const history = new History(store, data.urls.history, {
  go: (position) => store.go(position),
  against: (step) => compare?.set(compare.mode || "wipe", `step:${step.id}`),
  said: (step) => named(step.changed),
}, words);

// Everything below looks at a picture; without one there is only the way to the shot's layers.
const preview = still && new Preview(data.urls.preview, still, {
  asked: () => { if (stage.dataset.preview !== "rendering") state("waiting"); },
  working: (yes) => { if (yes) state("rendering"); else if (stage.dataset.preview !== "stale") state("fresh"); },
  report: (answer) => { state("fresh"); clearErrors(stage); tell(answer); belonging.told(answer); loupe.draw(); masks.paint(true); },
  failed: (sentence) => { state("stale"); sayError(stage, sentence); },
}, words);
const belonging = still && new Belonging($("comp-belonging"), $("comp-guides"), {
  params, may: data.may, size: data.size, show: () => show(), save: () => { show(); store.save(params.values, 0); },
}, words.belonging);
const quiet = { asked: () => {}, working: () => {}, failed: (sentence) => sayError(stage, sentence) };
const compare = still && new Compare({
  bar: $("comp-comparing"), button: $("comp-compare"), select: $("comp-other-choice"), other: $("comp-other"), line: $("comp-wipe"),
  label, labelB: $("comp-label-b"), frameA: $("comp-frame-a"), frameB: $("comp-frame-b"),
}, new Preview(data.urls.preview, $("comp-other"), { ...quiet, working: (yes) => compare.working(yes), report: () => compare.paint() }, words), {
  wish: () => asked, changed: () => { askLoupe(); history.shown && history.paint(); }, steps: () => history.fetch(),
}, words);
let overB = false; // the pointer is on what the picture is held against
const loupe = still && new Loupe($("comp-lens"), stage, () => $(overB && compare.mode === "side" ? "comp-frame-b" : "comp-frame-a"), { width: data.size[0], words });
const sharp = still && new Image();
const fine = still && new Preview(data.urls.preview, sharp, { ...quiet, report: () => { if (loupe.on && !pick.layer) loupe.show(sharp); } }, words);
const pick = still && new Pick(still, $("comp-patch"), loupe, {
  look: (rgb) => { if (rgb) swatch(pick.layer, rgb); },
  picked: (layer, hue, rgb) => {
    if (hue === null) return say(words.grey);
    const found = params.found[layer];
    const row = document.querySelector(`[data-key="${layer}.screen_hue_milli"]`);
    params.put(row, hue);
    swatch(layer, rgb);
    store.save(params.values, 0);
    pick.stop();
    const told = doubtful(hue, rgb, found, words);
    if (told) toast(told, { level: "warning", undo: () => store.undo() });
  },
  left: () => { setView(picking.view); hush(); document.querySelectorAll("[data-pick]").forEach((button) => button.setAttribute("aria-pressed", "false")); stage.classList.remove("picking"); },
});
let picking = null, play = null, timeline = null; // the timeline's first word comes while it is still being made
const masks = still && new Masks($("comp-params"), {
  layer: () => (facts.layers[selected] ? { id: selected, facts: facts.layers[selected], values: params.values[selected] ?? {} } : null),
  view: () => view,
  frame: () => timeline?.frame ?? 0,
  go: (frame) => timeline.go(frame),
  drag: (layer, list) => { params.set(layer, "masks", list); show(true); },
  commit: (layer, list) => { params.set(layer, "masks", list); show(); store.save(params.values, 0); },
  say, hush,
  ready: () => { pick.stop(); if (compare.mode) compare.set(""); leaveLoupe(); },
}, { may: data.may, words, frames: () => ({ start: data.start, count: timeline?.frames ?? facts.frames }) });
timeline = still && new Timeline(data.start, facts.frames, (_frame, dragging) => {
  if (!timeline) return;
  play?.stop(true);
  show(dragging);
  masks.paint(dragging);
}, (frame) => {
  const layer = $("comp-tiles").dataset.layer, own = facts.layers[layer];
  return own?.frames ? ownFrame(frame, params.values[layer] ?? {}, own) / own.frames : frame / (timeline?.frames ?? facts.frames);
});

play = still && new Play({ button: $("comp-play"), rate: $("comp-rate"), box: $("comp-frame-a"), label: $("comp-playing") }, {
  frame: () => timeline.frame,
  frames: () => timeline.frames,
  mark: (frame) => { timeline.mark(frame); masks.paint(true); },
  show: (frame) => { timeline.mark(frame); masks.paint(true); show("playing"); },
  ahead: (frame, lane) => ahead(wishFor("playing", frame), lane),
  rest: () => show(),
  settled: () => Promise.all([preview.settled(), compare.settled()]).then((all) => all.every(Boolean)),
  film: filmOf,
  failed: (sentence) => sayError(stage, sentence),
}, data.fps, words);

/** The film of a finished version that shows what is looked at: that version's own, or of the one that the page's settings
    would give again. null: there is none, the engine has to make each picture. */
function filmOf(number) {
  const kind = { comp: "comp", matte: "matte", foreground: backing === "foreground" && "foreground" }[view];
  if (!kind || compare.mode || belonging.behind || (number === null && kind !== "comp" && keyed().length > 1)) return null;
  const row = [...document.querySelectorAll(".comp-version[data-film-comp]")].find(({ dataset }) => (number === null ? store.dirty === null && !("draft" in dataset) && store.now.recipes.includes(dataset.recipe) : Number(dataset.version) === number));
  const src = row?.dataset[{ comp: "filmComp", matte: "filmMatte", foreground: "filmForeground" }[kind]];
  return src ? { src, frames: Math.min(Number(row.dataset.frames), timeline.frames), name: row.dataset.name } : null;
}
function playVersion(number) {
  if (!play) return;
  if (play.playing && play.version === number) return play.stop();
  if (compare.mode) compare.set("");
  leaveLoupe();
  pick.stop();
  if (!filmOf(number)) setView("comp");
  play.start(1, number);
}

function clearErrors(place) { place.querySelectorAll(".error-here").forEach((line) => line.remove()); }
function say(sentence) { stage.dataset.says = ""; $("comp-says").textContent = sentence; }
function hush() { delete stage.dataset.says; $("comp-says").textContent = ""; }
function swatch(layer, rgb) { document.querySelector(`[data-swatch="${layer}"]`)?.style.setProperty("--c", `rgb(${rgb.map(Math.round).join(" ")})`); }
/** fresh: the picture shows the settings; waiting, then rendering: the next is on its way; stale: it could not be made. */
function state(now) {
  stage.dataset.preview = now;
  $("comp-working").textContent = { rendering: words.rendering, stale: words.stale }[now] ?? "";
}
function keyed() { return Object.keys(facts.layers).filter((id) => facts.layers[id].keyed && !(params.values.hidden ?? []).includes(id)); }

/** How long the comp is with these settings, as the server reckons it (recipes.frame_count): it ends with the acting. */
function lasting() {
  const hidden = params.values.hidden ?? [], acting = Object.entries(facts.layers).filter(([id, { acts, frames }]) => acts && frames && !hidden.includes(id) && !("extend" in (params.values[id] ?? {})));
  return Math.max(1, Math.min(facts.planned, ...acting.map(([id, { frames }]) => frames - (params.values[id]?.frame_offset ?? 0))));
}

/** Ask for the picture as things stand; while a hand drags, a smaller one; "playing": small, but as carefully made. */
function show(dragging = false) {
  if (!preview) return;
  if (dragging !== "playing" && play?.filming) play.stop(); // what changed is to be seen
  if (lasting() !== timeline.frames) return timeline.resize(lasting()); // which asks in turn
  clearTimeout(resting);
  asked = wishFor(dragging);
  preview.want(asked);
  compare.ask(!!dragging);
  if (!dragging) askLoupe();
  else if (dragging === true && !play?.playing) resting = setTimeout(() => show(), 350);
}
function wishFor(dragging, frame = timeline.frame) {
  const box = stage.getBoundingClientRect(), ratio = data.size[0] / data.size[1];
  const wide = Math.min(box.width, box.height * ratio) * Math.min(2, window.devicePixelRatio || 1);
  const layers = keyed();
  const layer = layers.length > 1 && KEYED_VIEWS(view) ? (layers.includes(selected) ? selected : layers.at(-1)) : "";
  return {
    values: params.values, frame, view: view === "foreground" ? backing : view, layer, mode: dragging === true ? "fast" : mode,
    width: Math.max(16, Math.round(Math.min({ true: DRAG_PX, playing: PLAY_PX }[dragging] ?? wide, wide))),
    ...(belonging.behind ? { draw: belonging.behind } : {}),
  };
}
/** Have what will be seen next made now: each in a lane of its own, and the other side's where two are compared. */
function ahead(wish, lane) {
  preview.ahead(wish, lane);
  if (compare.mode === "wipe" || compare.mode === "side") compare.preview.ahead(compare.wish(wish), lane);
}
/** A size that this clip was not yet seen at is studied first: begin when a hand comes near, not when it drags. */
function getReady() { if (preview && timeline && asked && data.may && !play.playing) preview.ahead(wishFor(true), "ready"); }
/** The loupe looks at the master's own pixels: the same picture at full width, with hardly any loss. */
function askLoupe() {
  if (!loupe?.on || pick.layer || !asked) return;
  const other = compare.otherAt(loupe.at?.[0] ?? 1, overB);
  loupe.show(other ? $("comp-other") : still);
  fine.want({ ...(other ? compare.wish(asked) : asked), width: data.size[0], fine: true });
}
function toggleLoupe() {
  if (loupe.on) return leaveLoupe();
  pick.stop();
  loupe.start();
  $("comp-loupe").setAttribute("aria-pressed", "true");
  stage.classList.add("magnifying");
  askLoupe();
}
function leaveLoupe() {
  if (!loupe?.on) return;
  loupe.stop();
  $("comp-loupe").setAttribute("aria-pressed", "false");
  stage.classList.remove("magnifying");
}

/** What the engine found, in words, beside the frame and in the layer's panel. */
function tell({ report, seconds }) {
  const screens = report?.screens ?? {};
  params.learn(screens);
  for (const place of document.querySelectorAll("[data-screen]")) {
    const screen = screens[place.dataset.screen];
    if (screen?.method === "person") { place.textContent = fill(words.person, screen); continue; }
    if (!screen?.hue_milli && screen?.hue_milli !== 0) continue;
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
  paintEyes();
  paintHistory();
  timeline?.paintTiles();
  masks?.paint();
  show();
}
function named(steps) {
  const names = [...new Set(steps.map(([scope, name, said]) => said || (scope === "hidden" ? data.names[""] : data.names[name] ?? name)))];
  return names.length > 1 ? words.several.replace("%s", names[0]) : names[0] ?? "";
}
function paintHistory() {
  const { can_undo, can_redo, last, next } = store.now;
  for (const [button, can, steps, what, none] of [[$("comp-undo"), can_undo, last, words.undo, words.nothing_undo], [$("comp-redo"), can_redo, next, words.redo, words.nothing_redo]]) {
    button.disabled = !can || !data.may;
    button.title = can ? what.replace("%s", named(steps ?? [])) : none;
  }
  if ($("comp-reset")) $("comp-reset").disabled = !Object.keys(params.values).length;
  if (history.shown) history.paint();
}
function paintEyes() {
  const hidden = params.values.hidden ?? [];
  document.querySelectorAll("[data-eye]").forEach((eye) => eye.setAttribute("aria-pressed", String(!hidden.includes(eye.dataset.eye))));
  document.querySelectorAll(".comp-layer").forEach((row) => row.toggleAttribute("data-hidden", hidden.includes(row.dataset.layer)));
}

function select(id) {
  masks?.leave();
  selected = id;
  document.querySelectorAll("[data-select]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.select === id)));
  document.querySelectorAll("[data-panel]").forEach((panel) => { panel.hidden = panel.dataset.panel !== id; });
  masks?.paint();
  show();
}
function setView(name) {
  if (name === "foreground" && view === "foreground") return setBacking(data.backings[(data.backings.indexOf(backing) + 1) % data.backings.length]);
  view = name;
  document.querySelectorAll("[data-view]").forEach((tab) => {
    tab.setAttribute("aria-selected", String(tab.dataset.view === name));
    tab.tabIndex = tab.dataset.view === name ? 0 : -1;
  });
  $("comp-backings")?.toggleAttribute("hidden", name !== "foreground");
  stage.dataset.view = name;
  masks?.paint();
  play?.playing ? play.again() : show();
}
function setBacking(name) {
  backing = name;
  document.querySelectorAll("[data-backing]").forEach((button) => button.setAttribute("aria-checked", String(button.dataset.backing === name)));
  play?.playing ? play.again() : show();
}
function setMode(name) {
  mode = name;
  localStorage.setItem("huo:comp-preview", name);
  document.querySelectorAll("[data-preview-mode]").forEach((button) => button.setAttribute("aria-checked", String(button.dataset.previewMode === name)));
  show();
}
function startPick(layer) {
  if (pick.layer) return pick.stop();
  if (!data.may || !layer || !document.querySelector(`[data-pick="${layer}"]`)) return;
  masks.leave();
  leaveLoupe();
  if (compare.mode) compare.set("");
  picking = { view };
  setView("plate");
  stage.classList.add("picking");
  say(words.pick);
  document.querySelectorAll(`[data-pick="${layer}"]`).forEach((button) => button.setAttribute("aria-pressed", "true"));
  pick.start(layer);
}

document.addEventListener("click", (event) => {
  const at = (name) => event.target.closest(`[data-${name}]`);
  if (at("view")) setView(at("view").dataset.view);
  else if (at("backing")) setBacking(at("backing").dataset.backing);
  else if (at("preview-mode")) setMode(at("preview-mode").dataset.previewMode);
  else if (at("select")) select(at("select").dataset.select);
  else if (at("pick")) startPick(at("pick").dataset.pick);
  else if (at("compare-version")) compare?.set(compare.mode || "wipe", `version:${at("compare-version").dataset.compareVersion}`);
  else if (at("play-version")) playVersion(Number(at("play-version").dataset.playVersion));
  else if (at("goto-frame")) timeline?.go(Number(at("goto-frame").dataset.gotoFrame)); // an index from 0
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
for (const name of ["pointerenter", "focusin"]) $("comp-params").addEventListener(name, getReady);
$("comp-undo").addEventListener("click", () => store.undo());
$("comp-redo").addEventListener("click", () => store.redo());
$("comp-reset")?.addEventListener("click", () => store.reset());
$("comp-loupe").addEventListener("click", toggleLoupe);
stage.addEventListener("pointermove", (event) => {
  if (!loupe?.on || pick.layer || loupe.pinned) return;
  const before = compare.otherAt(loupe.at[0], overB);
  overB = !!event.target.closest("#comp-frame-b");
  loupe.move(event);
  if (compare.otherAt(loupe.at[0], overB) !== before) askLoupe();
});
stage.addEventListener("pointerdown", (event) => {
  if (!loupe?.on || pick.layer || event.target.closest("button, a, #comp-wipe, .comp-grip, [data-chosen]")) return;
  if (event.pointerType !== "mouse" && !loupe.pinned) { loupe.move(event); return; } // a finger carries it along
  loupe.pin();
  loupe.move(event);
});
keyboard({ data, store, params, stage, pick, masks, compare, loupe, history, timeline, belonging, play, setView, setMode, startPick, toggleLoupe, leaveLoupe, view: () => view, mode: () => mode, selected: () => selected });

// A version is started from what is stored: first store what the hand just changed.
$("comp-start")?.addEventListener("htmx:confirm", (event) => {
  event.preventDefault();
  store.flush().then((ok) => { if (ok !== false) event.detail.issueRequest(true); });
});
$("comp-start")?.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful && event.target === $("comp-start")) $("comp-comment").value = ""; });

// What others change.
let refetch = null, fetching = false;
document.addEventListener("huo:changed", ({ detail }) => {
  if (detail.subject === "preview") { for (const one of [preview, compare?.preview, fine]) one?.nudge(); return; }
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
/** For what stands on this page beside us: take over settings that a service just stored. */
document.addEventListener("comp:refetch", () => store.line.then(() => store.fetch()));
async function refreshLayers() {
  if (fetching || document.querySelector(".dragging") || masks?.drawing) { refetch = setTimeout(refreshLayers, 800); return; }
  if (!preview) return location.reload(); // the first layer was filled
  fetching = true; // each by its own element, one after the other: htmx drops what waits behind its like
  await Promise.all(["layers", "panels"].map((name) => window.htmx.ajax("GET", data.urls[name], { source: `#comp-${name}`, target: `#comp-${name}`, swap: "outerHTML" }))).finally(() => { fetching = false; });
  facts = json("comp-layers-data");
  for (const one of [preview, compare.preview, fine]) one.forget();
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
params.paint(structuredClone(data.settings.values), facts.layers);
for (const paint of [paintEyes, paintHistory]) paint();
select(first());
setMode(mode === "best" ? "best" : "fast");
setView("comp");
new ResizeObserver(() => { show(); masks?.paint(true); }).observe(stage);
window.addEventListener("pagehide", () => { store.flush(); });
