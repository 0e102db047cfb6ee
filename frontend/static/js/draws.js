// The draw table. Here: the form that asks, with its price before; the sheet, the comparison and the keys stand beside.
import { post, sayError, toast } from "./app.js";
import { Sheet } from "./draws_sheet.js";
import { Comparison } from "./draws_compare.js";
import { watchKeys } from "./draws_keys.js";

const table = document.getElementById("draw-table");
const words = document.getElementById("draw-words").dataset;
const sheet = new Sheet(table, words);
const compare = new Comparison(document.getElementById("compare"), sheet, words);
sheet.onMarks = (marked) => { if (marked.length === 2) compare.open(...marked); };
watchKeys(sheet, compare);

const askPanel = () => document.getElementById("ask");
const openForm = () => askPanel().querySelector("form.ask:not([hidden])");

// -- what is drawn, and its price before

function choose(id) {
  for (const chip of askPanel().querySelectorAll("[data-family]")) chip.setAttribute("aria-pressed", String(chip.dataset.family === id));
  for (const form of askPanel().querySelectorAll("[data-family-form]")) form.hidden = form.dataset.familyForm !== id;
  const chip = askPanel().querySelector("[data-family][aria-pressed=true]"), mark = askPanel().querySelector("[data-chosen-origin]");
  askPanel().querySelector("[data-chosen]").textContent = chip.textContent;
  mark.dataset.origin = chip.dataset.origin;
  mark.textContent = chip.closest(".askgroup").querySelector(".origin").textContent;
  askPanel().querySelector(".chooser").open = false;
  price(openForm(), 0);
}
let timer = 0, round = 0;
/** Ask what the form as it stands would cost; the newest question's answer counts. */
function price(form, wait = 250) {
  clearTimeout(timer);
  if (!form) return;
  timer = setTimeout(async () => {
    const mine = ++round;
    const here = form.querySelector("[data-quote-here]");
    try {
      const { text } = await post(form.dataset.quote, new FormData(form));
      if (mine !== round) return;
      here.innerHTML = text;
    } catch (error) {
      if (mine !== round) return;
      const line = document.createElement("p");
      line.className = "errors small";
      line.textContent = error.message;
      here.replaceChildren(line);
    }
    gate(form);
  }, wait);
}
/** What the budget stops can't be pressed; the sentence above says why and who may lift it. */
function gate(form) {
  const quote = form?.querySelector(".quote");
  if (!quote) return;
  form.querySelector("[data-draft]").disabled = quote.dataset.stopDraft === "1";
  form.querySelector("[data-final]").disabled = quote.dataset.stopFinal === "1";
}
gate(openForm());

document.addEventListener("click", async (event) => {
  const chip = event.target.closest("[data-family]");
  if (chip) return choose(chip.dataset.family);
  const again = event.target.closest("[data-ask-again], [data-like]");
  if (again && !event.metaKey && !event.ctrlKey) {
    event.preventDefault();
    await renew(again.href);
    if (again.matches("[data-like]")) again.closest("details")?.removeAttribute("open");
  }
});
/** Fetch the form anew: more like a draw, another way of varying it, or nothing of it. */
export async function renew(address) {
  const url = new URL(address, location.href);
  url.searchParams.set("part", "ask");
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return toast(words.unreachable, { level: "error" });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("ask");
  askPanel().replaceWith(document.adoptNode(fresh));
  gate(openForm());
  askPanel().scrollIntoView({ block: "nearest" });
  (openForm()?.querySelector("[data-draft]") ?? askPanel()).focus({ preventScroll: true });
}
sheet.onLike = renew;

document.addEventListener("input", (event) => {
  const form = event.target.closest("form.ask");
  if (event.target.matches(".ask input[type=range]")) event.target.closest(".field").querySelector("output").value = event.target.dataset.milli ? event.target.value / 1000 : event.target.value;
  if (form) price(form);
  if (event.target.id === "plate-origin") document.querySelector("#plate-ai").checked = event.target.value === "generated";
});
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form.ask");
  if (!form) return;
  event.preventDefault();
  const values = new FormData(form, event.submitter);
  const buttons = [...form.querySelectorAll("button")];
  buttons.forEach((button) => { button.disabled = true; });
  form.querySelectorAll(".error-here").forEach((line) => line.remove());
  try {
    await sheet.send(form.action, values);
    const first = form.querySelector("[name=seed]");
    // Left empty it stays so: the studio takes the family's next free seeds.
    if (!first.readOnly && first.value !== "") first.value = Number(first.value) + Number(form.querySelector("[name=count]").value);
  } catch (error) {
    sayError(form, error.message);
  }
  buttons.forEach((button) => { button.disabled = false; });
  price(form, 0);
});
