// The shot's settings on the server: saved one after the other, each naming what it changed; undo and redo live there.
import { csrf } from "./app.js";

export class Store {
  /** on: {settings(told), failed(sentence), state()}. */
  constructor(urls, settings, on, words) {
    Object.assign(this, { urls, now: settings, on, words, dirty: null, waiting: 0 });
    this.line = Promise.resolve();
  }

  /** Save soon: a slider moved by keys is one step, not twenty. */
  save(values, wait = 300) {
    this.dirty = values;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), wait);
  }
  flush() {
    clearTimeout(this.timer);
    if (this.dirty === null) return this.line;
    const values = this.dirty;
    this.dirty = null;
    return this.send("PUT", this.urls.settings, { values });
  }
  async undo() { await this.flush(); return this.send("POST", this.urls.undo); }
  async redo() { await this.flush(); return this.send("POST", this.urls.redo); }
  async reset() { this.dirty = null; return this.send("POST", this.urls.reset); }
  /** Straight to one state of the history. */
  async go(position) { await this.flush(); return this.send("POST", this.urls.go, { position }); }
  async copy(url) { await this.flush(); return this.send("POST", url); }
  fetch() { return this.send("GET", this.urls.settings); }

  send(method, url, body = {}) {
    this.waiting += 1;
    this.line = this.line.then(async () => {
      this.waiting -= 1;
      const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf() };
      let answer, told;
      try {
        answer = await fetch(url, { method, headers, keepalive: true, body: method === "GET" ? undefined : JSON.stringify({ ...body, seen: this.now.seen }) });
        told = await answer.json();
      } catch {
        if (body.values && this.dirty === null && !this.waiting) this.dirty = body.values; // kept for the next try
        this.on.failed(this.words.unreachable);
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
