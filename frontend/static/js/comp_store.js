// The shot's settings on the server: saved one after the other, each naming what it changed; undo and redo live there.
import { csrf } from "./app.js";

/** What was changed from `base` to `values`, done to `now`: an answer that came in between (an undo) is not taken back. */
function rebased(values, base, now) {
  const out = structuredClone(now), differ = (one, other) => JSON.stringify(one) !== JSON.stringify(other);
  for (const scope of new Set([...Object.keys(base), ...Object.keys(values)])) {
    const was = base[scope], is = values[scope];
    if (!differ(was, is)) continue;
    if (Array.isArray(was ?? is)) { out[scope] = is ?? []; continue; }
    const part = { ...out[scope] };
    for (const name of new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})])) {
      if (!differ(was?.[name], is?.[name])) continue;
      if (is?.[name] === undefined) delete part[name]; else part[name] = is[name];
    }
    out[scope] = part;
  }
  return out;
}

export class Store {
  /** on: {settings(told), failed(sentence), state()}. */
  constructor(urls, settings, on, words) {
    Object.assign(this, { urls, now: settings, on, words, dirty: null, waiting: 0 });
    this.line = Promise.resolve();
  }

  /** Save soon: a slider moved by keys is one step, not twenty. */
  save(values, wait = 300) {
    if (this.dirty === null) this.base = this.sent ?? this.now.values; // what the page showed before this change
    this.dirty = values;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), wait);
  }
  flush() {
    clearTimeout(this.timer);
    if (this.dirty === null) return this.line;
    const values = this.dirty;
    this.dirty = null;
    this.sent = values;
    return this.send("PUT", this.urls.settings, { values }, this.base).then((ok) => { if (this.sent === values) this.sent = null; return ok; });
  }
  async undo() { await this.flush(); return this.send("POST", this.urls.undo); }
  async redo() { await this.flush(); return this.send("POST", this.urls.redo); }
  async reset() { this.dirty = null; return this.send("POST", this.urls.reset); }
  /** Straight to one state of the history. */
  async go(position) { await this.flush(); return this.send("POST", this.urls.go, { position }); }
  async copy(url) { await this.flush(); return this.send("POST", url); }
  fetch() { return this.send("GET", this.urls.settings); }

  send(method, url, body = {}, base = null) {
    this.waiting += 1;
    this.line = this.line.then(async () => {
      this.waiting -= 1;
      const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf() };
      let answer, told;
      if (base) body = { ...body, values: rebased(body.values, base, this.now.values) };
      try {
        answer = await fetch(url, { method, headers, keepalive: true, body: method === "GET" ? undefined : JSON.stringify({ ...body, seen: this.now.seen }) });
        told = await answer.json();
      } catch {
        if (body.values && this.dirty === null && !this.waiting) this.dirty = body.values; // kept for the next try
        this.on.failed(answer?.status >= 500 ? this.words.broken : this.words.unreachable);
        return false;
      }
      const settings = answer.ok ? told : told.settings;
      if (settings) {
        this.now = { ...this.now, ...settings };
        // What the hand has done since is on the page and on its way: an older answer must not take it back.
        if (this.dirty === null && !this.waiting) this.on.settings(this.now, method); else this.on.state();
      }
      if (!answer.ok) this.on.failed(told.error);
      return answer.ok;
    });
    return this.line;
  }
}
