// <huo-upload data-permit-url="..." [data-form="#id"] [data-fields='{"shot": "..."}']>: drop or choose files, see each on its way.
// Emits `uploaded` (bubbling; detail {upload, filename, size}) for each file whose every byte has arrived. Words: data-t-*.
import { Upload, fingerprint, forget, unfinished } from "./upload.js";

const AT_ONCE = 2; // more lines do not make a slow line faster
const going = new Set();
window.addEventListener("beforeunload", (event) => { if (going.size) event.preventDefault(); });

class UploadList extends HTMLElement {
  connectedCallback() {
    if (this.ready) return;
    this.ready = true;
    this.uploads = new Map(); // Upload -> row
    this.input = this.querySelector("input[type=file]");
    this.rows = this.querySelector(".uploads");
    this.input.addEventListener("change", () => { this.add([...this.input.files]); this.input.value = ""; });
    let depth = 0; // enter and leave come for every child
    this.addEventListener("dragenter", (event) => { event.preventDefault(); depth += 1; this.classList.add("over"); });
    this.addEventListener("dragleave", () => { depth -= 1; if (depth <= 0) this.classList.remove("over"); });
    this.addEventListener("dragover", (event) => { event.preventDefault(); event.dataTransfer.dropEffect = "copy"; });
    this.addEventListener("drop", (event) => {
      event.preventDefault();
      depth = 0;
      this.classList.remove("over");
      this.add([...event.dataTransfer.files]);
    });
    for (const ticket of unfinished(this.dataset.permitUrl)) this.#showUnfinished(ticket);
  }

  disconnectedCallback() {
    queueMicrotask(() => { if (!this.isConnected) for (const upload of this.uploads?.keys() ?? []) upload.pause(); });
  }

  /** Files, as the picker or a drop gives them. */
  add(files) {
    for (const file of this.input.multiple ? files : files.slice(0, 1)) {
      const key = fingerprint(this.dataset.permitUrl, file);
      if ([...this.uploads.keys()].some((known) => known.key === key && !["failed", "cancelled", "done"].includes(known.state))) continue;
      this.rows.querySelector(`[data-key="${CSS.escape(key)}"]`)?.remove();
      const upload = new Upload(file, {
        permitUrl: this.dataset.permitUrl,
        fields: this.#fields(),
        csrf: document.querySelector("meta[name=csrf]")?.content ?? "",
        failed: this.dataset.tFailed,
        onchange: () => this.#changed(upload),
      });
      this.uploads.set(upload, this.#row(upload));
      this.#changed(upload);
    }
    this.#next();
  }

  #fields() {
    const form = this.dataset.form ? document.querySelector(this.dataset.form) : this.closest("form");
    const values = form ? Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string")) : {};
    delete values.csrfmiddlewaretoken;
    return { ...JSON.parse(this.dataset.fields || "{}"), ...values };
  }

  #next() {
    const all = [...this.uploads.keys()];
    let free = AT_ONCE - all.filter((upload) => upload.active).length;
    for (const upload of all) if (free > 0 && upload.state === "waiting") { free -= 1; upload.start(); }
  }

  #row(upload) {
    const row = document.createElement("li");
    row.className = "upload";
    row.innerHTML = `<div class="row between"><span class="grow ellipsis name"></span><span class="num dim figures"></span></div>
      <div class="progress" role="progressbar" aria-valuemin="0" aria-valuemax="100"><i></i></div>
      <div class="row between"><span class="dim said" role="status"></span><span class="row tools"></span></div>
      <p class="error-here" role="alert" hidden></p>`;
    row.querySelector(".name").textContent = upload.file.name;
    row.querySelector(".progress").setAttribute("aria-label", upload.file.name);
    const tools = row.querySelector(".tools");
    tools.append(this.#button("pause", () => upload.pause()), this.#button("resume", () => upload.resume()));
    tools.append(this.#button("again", () => { upload.fields = this.#fields(); upload.resume(); }), this.#button("cancel", () => upload.cancel()), this.#button("dismiss", () => {
      this.uploads.delete(upload);
      row.remove();
    }));
    this.rows.append(row);
    return row;
  }

  #button(what, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small quiet";
    button.dataset.act = what;
    button.textContent = this.dataset[`t${what[0].toUpperCase()}${what.slice(1)}`];
    button.addEventListener("click", act);
    return button;
  }

  #changed(upload) {
    const row = this.uploads.get(upload);
    if (!row) return;
    const { state } = upload, percent = Math.floor(upload.share * 100);
    row.dataset.state = state;
    const bar = row.querySelector(".progress");
    bar.style.setProperty("--share", `${upload.share * 100}%`);
    bar.dataset.state = state === "failed" ? "failed" : state;
    bar.setAttribute("aria-valuenow", percent);
    row.querySelector(".figures").textContent = `${bytes(upload.offset)} / ${bytes(upload.size)}`;
    row.querySelector(".said").textContent = this.#say(upload, percent);
    const error = row.querySelector(".error-here");
    error.hidden = !upload.error;
    error.textContent = upload.error;
    const offered = { pause: upload.active, resume: state === "paused", again: state === "failed", cancel: !["done", "cancelled", "failed"].includes(state), dismiss: ["done", "cancelled", "failed"].includes(state) };
    for (const button of row.querySelectorAll("[data-act]")) button.hidden = !offered[button.dataset.act];
    upload.active ? going.add(upload) : going.delete(upload);
    if (["done", "failed", "paused", "cancelled"].includes(state)) queueMicrotask(() => this.#next());
    if (state === "done" && !upload.announced) {
      upload.announced = true;
      const detail = { upload: upload.ticket.upload, filename: upload.file.name, size: upload.size };
      this.dispatchEvent(new CustomEvent("uploaded", { bubbles: true, detail }));
    }
  }

  #say(upload, percent) {
    if (upload.state !== "sending") return this.dataset[`t${upload.state[0].toUpperCase()}${upload.state.slice(1)}State`] ?? "";
    const parts = [`${percent} %`];
    if (upload.speed > 0) parts.push(`${bytes(upload.speed)}/s`);
    if (upload.secondsLeft !== null) parts.push(this.dataset.tLeft.replace("{time}", clock(upload.secondsLeft)));
    return parts.join(" · ");
  }

  /** A row for what an earlier page began: choosing the same file goes on where it stopped. */
  #showUnfinished(ticket) {
    const row = document.createElement("li");
    row.className = "upload";
    row.dataset.state = "paused";
    row.dataset.key = ticket.key;
    row.innerHTML = `<div class="row between"><span class="grow ellipsis name"></span><span class="num dim"></span></div>
      <div class="progress"><i></i></div><div class="row between"><span class="dim said"></span><span class="row tools"></span></div>`;
    row.querySelector(".name").textContent = ticket.name;
    row.querySelector(".num").textContent = `${Math.floor(ticket.share * 100)} % · ${bytes(ticket.size)}`;
    row.querySelector(".progress").style.setProperty("--share", `${ticket.share * 100}%`);
    row.querySelector(".said").textContent = this.dataset.tUnfinished;
    const tools = row.querySelector(".tools");
    tools.append(this.#button("choose", () => this.input.click()), this.#button("cancel", () => { row.remove(); forget(ticket); }));
    this.rows.append(row);
  }
}

function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  while (count >= 1000 && at < units.length - 1) { count /= 1000; at += 1; }
  return `${count.toFixed(at > 1 && count < 100 ? 1 : 0)} ${units[at]}`;
}
function clock(seconds) {
  const hours = Math.floor(seconds / 3600), minutes = Math.floor((seconds % 3600) / 60), rest = String(seconds % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

customElements.define("huo-upload", UploadList);
