/* What the citizen has said and the server has not stored yet. Each under its own key, so that tabs do not undo each other. */

import { forget, recallAll, remember } from "./memory.js";

export class Unsent {
  #items = recallAll("unsent.").sort((a, b) => a.at.localeCompare(b.at));

  get size() {
    return this.#items.length;
  }

  [Symbol.iterator]() {
    return [...this.#items][Symbol.iterator]();
  }

  /** Keeps it, with an id of its own: however often it is sent, it is stored once. */
  add(item) {
    const kept = { ...item, id: crypto.randomUUID?.() ?? randomId(), at: new Date().toISOString() };
    this.#items.push(kept);
    remember(`unsent.${kept.id}`, kept);
    return kept;
  }

  find(fits) {
    return this.#items.find(fits);
  }

  remove(id) {
    forget(`unsent.${id}`);
    this.#items = this.#items.filter((item) => item.id !== id);
  }

  clear() {
    for (const { id } of this.#items) this.remove(id);
  }
}

/** Where the page is not served securely, the browser makes no UUIDs. */
function randomId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
