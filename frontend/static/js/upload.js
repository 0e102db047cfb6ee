// Sends one file by tus 1.0 to the ingest process, whatever happens to the line: in parts, each with its checksum where the
// browser can make one; pauses, goes on after a reload (the ticket is kept, the file is chosen again) and after a dropped line.
const PART = 6 * 1024 * 1024;
const SILENCE_MS = 45_000; // nothing sent for so long: the line is dead though nobody says so
const RETRIES_MS = [500, 1000, 2000, 4000, 8000, 15_000, 30_000]; // then every 30 s
const GONE = [404, 410];
const FINAL = [400, 401, 403, 412, 413, 415, 507];
const SHELF = "huo-upload:";

/** What tells two files apart without reading them. */
export const fingerprint = (permitUrl, file) => `${SHELF}${permitUrl}|${file.name}|${file.size}|${file.lastModified}`;

/** Tickets of uploads that were begun for this address and not finished: [{key, name, size, share, permit, location}]. */
export function unfinished(permitUrl) {
  const found = [];
  for (let at = 0; at < localStorage.length; at += 1) {
    const key = localStorage.key(at);
    if (!key.startsWith(`${SHELF}${permitUrl}|`)) continue;
    const ticket = JSON.parse(localStorage.getItem(key));
    if (Date.parse(ticket.expires) > Date.now()) found.push({ key, ...ticket });
    else { localStorage.removeItem(key); at -= 1; }
  }
  return found;
}

/** Give up an unfinished upload of an earlier page. */
export async function forget(ticket) {
  localStorage.removeItem(ticket.key);
  await fetch(ticket.location, { method: "DELETE", headers: tus(ticket), credentials: "omit" }).catch(() => {});
}

const tus = (ticket, more = {}) => ({ "Tus-Resumable": "1.0.0", Authorization: `Permit ${ticket.permit}`, ...more });

class Refused extends Error {
  constructor(status, sentence) { super(sentence); this.status = status; }
}

/**
 * One file on its way. state: waiting | starting | sending | paused | retrying | done | failed | cancelled.
 * `onchange(upload)` is called at each change; offset, size, speed (bytes/s), secondsLeft and error (a sentence) say the rest.
 */
export class Upload {
  constructor(file, { permitUrl, fields = {}, csrf = "", onchange = () => {}, failed = "" }) {
    Object.assign(this, { file, permitUrl, fields, csrf, onchange, failedWords: failed });
    this.key = fingerprint(permitUrl, file);
    this.size = file.size;
    this.offset = 0; this.state = "waiting"; this.error = ""; this.ticket = null;
    this.tries = 0; this.samples = []; this.xhr = null; this.wake = null; this.running = false;
  }

  get share() { return this.size ? this.offset / this.size : 0; }
  get active() { return ["starting", "sending", "retrying"].includes(this.state); }
  get speed() {
    const first = this.samples[0], last = this.samples.at(-1);
    return first && last.at > first.at ? ((last.offset - first.offset) * 1000) / (last.at - first.at) : 0;
  }
  get secondsLeft() { return this.speed > 0 ? Math.ceil((this.size - this.offset) / this.speed) : null; }

  /** Begin, or go on. */
  async start() {
    if (this.running || ["done", "cancelled"].includes(this.state)) return;
    this.running = true;
    this.error = ""; this.tries = 0;
    this.#become("starting");
    try {
      while (this.active) await this.#attempt();
    } finally {
      this.running = false;
      if (this.resumeWanted) { this.resumeWanted = false; this.start(); }
    }
  }

  pause() {
    if (!this.active) return;
    this.#become("paused");
    this.#interrupt();
  }
  resume() {
    if (this.running) this.resumeWanted = true; else this.start();
  }
  async cancel() {
    this.#become("cancelled");
    this.#interrupt();
    localStorage.removeItem(this.key);
    if (this.ticket?.location) await fetch(this.ticket.location, { method: "DELETE", headers: tus(this.ticket), credentials: "omit" }).catch(() => {});
  }

  #become(state) { this.state = state; if (state !== "sending") this.samples = []; this.onchange(this); }
  #interrupt() { this.xhr?.abort(); this.wake?.(); }

  async #attempt() {
    try {
      await this.#open();
      while (this.active && this.offset < this.size) await this.#part();
      if (this.active) {
        localStorage.removeItem(this.key);
        this.#become("done");
      }
    } catch (error) {
      if (!this.active) return;
      if (error instanceof Refused && GONE.includes(error.status)) {
        const had = this.ticket;
        localStorage.removeItem(this.key);
        this.ticket = null; this.offset = 0;
        if (had?.resumed) return; // an old ticket: begin anew
      }
      if (error instanceof Refused && (FINAL.includes(error.status) || GONE.includes(error.status) || error.status === 422 || error.status === 409 && !this.ticket)) {
        this.error = error.message || this.failedWords;
        if (error.status === 401 || error.status === 403) localStorage.removeItem(this.key);
        return this.#become("failed");
      }
      await this.#rest();
    }
  }

  /** A ticket (kept, or asked for), a place for the bytes, and how many are there already. */
  async #open() {
    if (!this.ticket) {
      const kept = localStorage.getItem(this.key);
      this.ticket = kept ? { ...JSON.parse(kept), resumed: true } : await this.#askPermit();
    }
    if (!this.ticket.location) {
      const answer = await this.#ask("POST", this.ticket.url, { "Upload-Length": String(this.size) });
      this.ticket.location = new URL(answer.headers.get("Location"), this.ticket.url).href;
      this.#keep();
    }
    const answer = await this.#ask("HEAD", this.ticket.location);
    this.offset = Number(answer.headers.get("Upload-Offset"));
    this.#become("sending");
  }

  async #askPermit() {
    const body = JSON.stringify({ ...this.fields, filename: this.file.name, size: this.size });
    const headers = { "Content-Type": "application/json", "X-CSRFToken": this.csrf, Accept: "application/json" };
    const answer = await fetch(this.permitUrl, { method: "POST", body, headers });
    if (!answer.ok) throw new Refused(answer.status === 409 ? 422 : answer.status, sentence(await answer.text()));
    return answer.json();
  }

  async #ask(method, url, headers = {}) {
    const answer = await fetch(url, { method, headers: tus(this.ticket, headers), credentials: "omit", cache: "no-store" });
    if (!answer.ok) throw new Refused(answer.status, method === "HEAD" ? "" : sentence(await answer.text()));
    return answer;
  }

  #keep() {
    const { url, permit, upload, expires, location } = this.ticket;
    const ticket = { url, permit, upload, expires, location, name: this.file.name, size: this.size, share: this.share };
    try { localStorage.setItem(this.key, JSON.stringify(ticket)); } catch { /* full or forbidden: a reload starts anew */ }
  }

  async #part() {
    const start = this.offset, piece = this.file.slice(start, start + PART);
    const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(start) };
    // Only pages served by https or from localhost may make digests.
    if (globalThis.crypto?.subtle) headers["Upload-Checksum"] = `sha256 ${base64(await crypto.subtle.digest("SHA-256", await piece.arrayBuffer()))}`;
    if (!this.active) return;
    await this.#patch(piece, start, tus(this.ticket, headers));
    this.tries = 0;
    this.#keep();
  }

  #patch(piece, start, headers) {
    return new Promise((resolve, reject) => {
      const xhr = this.xhr = new XMLHttpRequest();
      let silence;
      const listen = () => { clearTimeout(silence); silence = setTimeout(() => xhr.abort(), SILENCE_MS); };
      xhr.open("PATCH", this.ticket.location);
      for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
      xhr.upload.onprogress = (event) => { listen(); this.#moved(start + Math.min(event.loaded, piece.size)); };
      xhr.onloadend = () => {
        clearTimeout(silence);
        if (this.xhr === xhr) this.xhr = null;
        if (xhr.status === 204) {
          this.#moved(Number(xhr.getResponseHeader("Upload-Offset")));
          return resolve();
        }
        this.offset = start;
        reject(new Refused(xhr.status, sentence(xhr.responseText)));
      };
      listen();
      xhr.send(piece);
    });
  }

  #moved(offset) {
    this.offset = offset;
    const at = performance.now();
    this.samples.push({ at, offset });
    while (this.samples.length > 2 && at - this.samples[0].at > 6000) this.samples.shift();
    this.onchange(this);
  }

  /** Wait before the next try: longer each time, shorter when the browser says that it is online again. */
  async #rest() {
    const ms = RETRIES_MS[Math.min(this.tries, RETRIES_MS.length - 1)] * (0.8 + Math.random() * 0.4);
    this.tries += 1;
    this.#become("retrying");
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => { clearTimeout(timer); resolve(); };
      window.addEventListener("online", this.wake, { once: true });
    });
    window.removeEventListener("online", this.wake);
    this.wake = null;
  }
}

function sentence(text) {
  try { return JSON.parse(text).error ?? ""; } catch { /* a page, not JSON */ }
  return new DOMParser().parseFromString(text ?? "", "text/html").querySelector("[data-sentence]")?.textContent.trim() ?? "";
}
const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
