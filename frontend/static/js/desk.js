// The desk beside the picture: a figure's frame is a click away, and settings are copied shot by shot with their progress shown.
import { csrf, sayError, strings } from "./app.js";

/** Show frame `index` (from 0) on whichever page this is: the review player or the comp page's frame field. */
function goTo(index) {
  const player = document.querySelector("huo-player");
  if (player?.clock) { player.pause?.(); player.seek(index); return player; }
  const number = document.getElementById("comp-number");
  if (!number) return null;
  number.value = Number(number.min) + index;
  number.dispatchEvent(new Event("change", { bubbles: true }));
  return document.getElementById("comp-picture");
}

/** The frame whose column of a sparkline is under the pointer; the highest one where there is no pointer. */
function frameOf(link, event) {
  const frames = link.dataset.frames?.split(" ").map(Number);
  if (!frames || !event.clientX) return Number(link.dataset.goFrame);
  const box = link.getBoundingClientRect();
  return frames[Math.min(frames.length - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * frames.length)))];
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-go-frame]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const shown = goTo(frameOf(link, event));
  if (!shown) return;
  event.preventDefault();
  if (window.matchMedia("(max-width: 1000px)").matches) shown.scrollIntoView({ block: "nearest" });
});
document.addEventListener("pointermove", (event) => {
  const link = event.target.closest?.(".qc-spark");
  if (!link) return;
  const at = link.querySelector(".qc-at"), box = link.getBoundingClientRect();
  at.textContent = frameOf(link, event) + Number(link.dataset.start);
  at.style.setProperty("--at", `${Math.min(Math.max(event.clientX - box.left, 18), box.width - 18)}px`);
});

// A page opened with ?frame=1013 begins there (the player reads it itself).
const asked = Number(new URLSearchParams(location.search).get("frame"));
const field = document.getElementById("comp-number");
if (asked && field) requestAnimationFrame(() => goTo(asked - Number(field.min)));

// Copying: one shot after the other, so that it can be seen how far it is; each answers with its own line.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id !== "copies-form") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  copy(form);
}, true);
async function copy(form) {
  const all = new FormData(form), codes = all.getAll("targets");
  if (!codes.length) return send(form, all).catch((error) => sayError(form, error.message));
  const row = form.querySelector(".copy-go"), bar = row.querySelector("progress"), far = row.querySelector("[data-far]");
  const list = document.createElement("ul");
  list.className = "plain copied";
  form.querySelectorAll("button, input").forEach((part) => { part.disabled = true; });
  row.hidden = false;
  bar.max = codes.length;
  row.after(list);
  for (const [done, code] of codes.entries()) {
    far.textContent = `${done} / ${codes.length}`;
    bar.value = done;
    const one = new FormData();
    for (const name of ["csrfmiddlewaretoken", "groups"]) all.getAll(name).forEach((value) => one.append(name, value));
    one.append("targets", code);
    try {
      const answer = new DOMParser().parseFromString(await send(form, one), "text/html");
      for (const item of answer.querySelectorAll("#copied-list > li")) { list.append(document.adoptNode(item)); window.htmx.process(item); }
    } catch (error) { sayError(form, error.message); break; }
  }
  bar.value = list.childElementCount;
  far.textContent = `${list.childElementCount} / ${codes.length}`;
  list.setAttribute("tabindex", "-1");
  list.focus();
}
async function send(form, body) {
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" } });
  } catch { throw new Error(strings.unreachable); }
  const text = await answer.text();
  if (answer.ok) return text;
  throw new Error(new DOMParser().parseFromString(text, "text/html").querySelector("[data-sentence]")?.textContent.trim() || strings.failed);
}

// A list that fetches itself again leaves open what was open: the links appear where the progress was watched.
let unfolded = [];
document.addEventListener("htmx:beforeSwap", (event) => { unfolded = [...event.detail.target.querySelectorAll("details[open][id]")].map(({ id }) => id); });
document.addEventListener("htmx:afterSwap", () => {
  for (const id of unfolded.splice(0)) { const box = document.getElementById(id); if (box && !box.open) box.open = true; }
});
