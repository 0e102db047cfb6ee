// Keeps a page true: the production's WebSocket names what changed; every element whose data-live names it fetches itself again
// (hx-get + hx-trigger="live" + hx-swap="outerHTML"). Nothing is replaced under the pointer, a focused field or a playing video.
import { strings } from "./app.js";

const address = document.body.dataset.events;
let since = Number(document.body.dataset.since || 0);
let socket = null, tries = 0, lastHeard = 0;
const waiting = new Map(); // element -> timer of the next fetch
const held = new Set(); // elements that wait for the hand to leave

const pointerHovers = window.matchMedia("(hover: hover)");
let pressed = null;
document.addEventListener("pointerdown", (event) => { pressed = event.target; }, true);
document.addEventListener("pointerup", () => { pressed = null; release(); }, true);
document.addEventListener("pointercancel", () => { pressed = null; release(); }, true);

function busy(element) {
  const focus = document.activeElement;
  if (pressed && element.contains(pressed)) return true;
  if (element.matches(".dragging") || element.querySelector(".dragging")) return true;
  if (focus && element.contains(focus) && focus.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]")) return true;
  if ([...element.querySelectorAll("video")].some((film) => !film.paused)) return true;
  if (element.querySelector("dialog[open], details.menu[open]")) return true;
  // A job's figures may move under a resting pointer; everything else waits.
  return pointerHovers.matches && !element.dataset.live.includes("job") && element.matches(":hover");
}

/** Ask an element to fetch itself, at most once per 150 ms, when the hand is off it. */
export function refresh(element) {
  if (waiting.has(element)) return;
  waiting.set(element, setTimeout(() => {
    waiting.delete(element);
    if (!element.isConnected) return;
    if (busy(element)) { held.add(element); element.classList.add("stale"); return; }
    held.delete(element);
    element.classList.remove("stale");
    window.htmx.trigger(element, "live");
  }, 150));
}
function release() {
  for (const element of [...held]) {
    if (!element.isConnected) held.delete(element);
    else if (!busy(element)) { held.delete(element); refresh(element); }
  }
}
for (const name of ["pointerout", "focusout", "pause", "close", "toggle"]) document.addEventListener(name, () => setTimeout(release, 60), true);

function heard(change) {
  lastHeard = Date.now();
  if (change.id) since = Math.max(since, change.id);
  const names = [`${change.subject}:${change.key}`, `${change.subject}:*`];
  // Whatever is entered under a shot's code (its versions, notes, takes) concerns what shows that shot.
  if (change.code) names.push(`code:${change.code.split(" ")[0]}`);
  // A running job's progress moves only what names that job.
  if (change.verb !== "job.progress") names.push("*");
  // A list of jobs (data-live="jobs") hears of those it does not show yet; each row follows its own.
  if (change.subject === "job" && !document.querySelector(`[data-live~="job:${change.key}"]`)) names.push("jobs");
  for (const element of document.querySelectorAll("[data-live]")) {
    if (names.some((name) => element.dataset.live.split(/\s+/).includes(name))) refresh(element);
  }
  document.dispatchEvent(new CustomEvent("huo:changed", { detail: change }));
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}${address}`);
  socket.onopen = () => { tries = 0; offline(false); socket.send(JSON.stringify({ since })); };
  socket.onmessage = (event) => heard(JSON.parse(event.data));
  socket.onclose = (event) => {
    if (event.code === 4403) return; // no longer a member: the next click says so
    tries += 1;
    if (tries > 2) offline(true);
    setTimeout(connect, Math.min(15000, 400 * 2 ** tries) * (0.7 + Math.random() * 0.6));
  };
}
function offline(yes) {
  let line = document.querySelector(".offline");
  if (!yes) return line?.remove();
  if (line) return;
  line = document.createElement("div");
  line.className = "offline";
  line.setAttribute("role", "status");
  line.textContent = strings.offline;
  document.body.append(line);
}

// Jobs: events come at most four a second; where none was heard for a second the element asks by itself.
setInterval(() => {
  if (document.hidden) return;
  if (Date.now() - lastHeard < 900) return;
  for (const element of document.querySelectorAll('[data-live*="job:"]')) {
    if (["queued", "leased", "running", "building"].includes(element.dataset.state)) refresh(element);
  }
}, 1000);
document.addEventListener("visibilitychange", () => { if (!document.hidden && socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ since })); });

// A fetched element that differs is lit for a moment, so that the eye finds what changed.
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.requestConfig?.triggeringEvent?.type !== "live") return;
  const fresh = document.getElementById(event.detail.elt?.id);
  if (fresh && !fresh.dataset.live?.includes("job:")) fresh.classList.add("changed");
});

if (address) connect();
