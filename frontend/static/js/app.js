// What every page needs: errors where the hand is, toasts, dialogs, menus, copying. Strings come from #strings (json_script).
export const strings = JSON.parse(document.getElementById("strings")?.textContent ?? "{}");

/** Show a short message at the lower right. undo: a URL to POST to, or a function. */
export function toast(text, { level = "good", undo = null, stay = false } = {}) {
  const box = document.getElementById("toasts");
  const item = document.createElement("div");
  item.className = "toast";
  item.dataset.level = level;
  const words = document.createElement("span");
  words.className = "grow";
  words.textContent = text;
  item.append(words);
  if (undo) {
    const button = document.createElement("button");
    button.className = "small";
    button.textContent = strings.undo;
    button.addEventListener("click", () => {
      item.remove();
      typeof undo === "function" ? undo() : window.htmx.ajax("POST", undo, { swap: "none" });
    });
    item.append(button);
  }
  box.append(item);
  if (!stay) {
    let timer = setTimeout(() => item.remove(), undo ? 9000 : 5000);
    item.addEventListener("pointerenter", () => clearTimeout(timer));
    item.addEventListener("pointerleave", () => { timer = setTimeout(() => item.remove(), 2500); });
  }
  return item;
}

/** Put an error sentence beside what was pressed: in the form's [data-errors] slot, else right after the element. */
export function sayError(element, text) {
  if (!element?.isConnected || element === document.body) return toast(text, { level: "error" });
  const holder = element.closest("form, dialog, [data-errors-here]") ?? element;
  clearError(holder);
  const line = document.createElement("p");
  line.className = "error-here";
  line.setAttribute("role", "alert");
  line.textContent = text;
  const slot = holder.querySelector?.("[data-errors]");
  if (slot) slot.append(line);
  else if (holder.matches("form, dialog, [data-errors-here]")) holder.append(line);
  else holder.after(line);
  return line;
}
function clearError(holder) {
  holder.querySelectorAll?.(".error-here").forEach((line) => line.remove());
  if (holder.nextElementSibling?.classList.contains("error-here")) holder.nextElementSibling.remove();
}

export const csrf = () => document.querySelector("meta[name=csrf]").content;

/** POST a form's worth of values as the page would; throws an Error with the server's sentence. */
export async function post(url, values = {}) {
  const body = values instanceof FormData ? values : new URLSearchParams(values);
  const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(sentence(text) || strings.failed);
  return { text, headers: answer.headers };
}
function sentence(html) {
  const mark = new DOMParser().parseFromString(html, "text/html").querySelector("[data-sentence]");
  return mark?.textContent.trim() ?? "";
}

document.body.addEventListener("htmx:configRequest", (event) => { event.detail.headers["X-CSRFToken"] = csrf(); });
document.body.addEventListener("htmx:beforeRequest", (event) => {
  const holder = event.detail.elt.closest("form, dialog, [data-errors-here]") ?? event.detail.elt;
  clearError(holder);
});
// A form that comes back with errors (422) is swapped in; a domain error's sentence goes beside what was pressed. Two events
// tell of it: one on the target, one on what was pressed; either may have been replaced meanwhile, and is then not heard.
const told = new WeakSet();
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status < 400) return;
  const form = xhr.status === 422 && !sentence(xhr.responseText);
  event.detail.shouldSwap = form;
  if (form) event.detail.isError = false;
  else refused(event.detail);
});
document.body.addEventListener("htmx:responseError", (event) => refused(event.detail));
function refused({ xhr, requestConfig, elt }) {
  if (told.has(xhr)) return;
  told.add(xhr);
  const pressed = requestConfig?.elt ?? elt; // the event's own elt may be the target
  const quiet = requestConfig?.triggeringEvent?.type === "live" || pressed.dataset.quiet !== undefined;
  if (!quiet) sayError(pressed, sentence(xhr.responseText) || strings.failed);
}
document.body.addEventListener("htmx:sendError", (event) => {
  if (event.detail.requestConfig?.triggeringEvent?.type !== "live") sayError(event.detail.elt, strings.unreachable);
});
// Server: HX-Trigger {"toast": {"text", "level", "undo"}}; {"close-dialog": true}
document.body.addEventListener("toast", (event) => toast(event.detail.text, event.detail));
document.body.addEventListener("close-dialog", () => document.querySelectorAll("dialog[open]").forEach((box) => box.close()));

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    event.preventDefault();
    const box = document.getElementById(opener.dataset.dialog);
    box.showModal();
    box.querySelector("[autofocus], input:not([type=hidden]), select, textarea")?.focus();
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target.matches("dialog") && !event.target.querySelector("form[data-keep]")) {
    const box = event.target.getBoundingClientRect();
    if (event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom) event.target.close();
  }
  const copier = event.target.closest("[data-copy]");
  if (copier) copyFrom(document.getElementById(copier.dataset.copy), copier);
  document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
  const field = event.target.matches("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !field) { const search = document.querySelector(".search input"); if (search) { event.preventDefault(); search.focus(); } }
});
async function copyFrom(field, button) {
  field.select();
  try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
  const before = button.textContent;
  button.textContent = strings.copied;
  setTimeout(() => { button.textContent = before; }, 1600);
}
// A form with data-confirm asks first, in the house's own dialog.
document.addEventListener("submit", (event) => {
  const form = event.target, words = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!words || form.dataset.sure) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const box = document.getElementById("confirm");
  box.querySelector("[data-words]").textContent = words;
  box.querySelector("[data-yes]").textContent = event.submitter?.textContent.trim() ?? strings.yes;
  box.showModal();
  box.onclose = () => {
    if (box.returnValue !== "yes") return;
    form.dataset.sure = "1";
    form.requestSubmit(event.submitter);
    delete form.dataset.sure;
  };
  box.returnValue = "";
}, true);
// A form with data-watch shows its .save button once something in it differs.
document.addEventListener("change", (event) => { const form = event.target.form; if (form?.dataset.watch !== undefined) form.dataset.dirty = ""; });
// Selects and checkboxes that apply at once.
document.addEventListener("change", (event) => { if (event.target.closest("[data-submit-on-change]")) event.target.form.requestSubmit(); });
document.querySelectorAll("#toasts > .toast").forEach((item) => setTimeout(() => item.remove(), 6000));
