/* The messages as the citizen sees and hears them. */

import { node, paragraphs, when } from "./saying.js";

export class Log {
  #log;
  #words;
  #language;
  #choose;
  #waiting = new Map(); // what is on its way, by our id of it
  #thinking;

  constructor(log, words, language, choose) {
    this.#log = log;
    this.#words = words;
    this.#language = language;
    this.#choose = choose;
    this.#thinking = node("p", { class: "thinking", "aria-hidden": "true" }, ...[1, 2, 3].map(() => node("span")));
    this.clear();
  }

  /** Takes everything away but the greeting. */
  clear() {
    for (const message of this.#log.querySelectorAll(".message:not(.greeting)")) message.remove();
    this.#waiting.clear();
    this.thinking(false);
  }

  /** Shows messages; those from before are not read out. */
  show(messages, pressed, { quietly = false } = {}) {
    if (quietly) this.#log.setAttribute("aria-live", "off");
    for (const message of messages) this.#add(message, pressed);
    this.#scroll();
    if (quietly) requestAnimationFrame(() => this.#log.setAttribute("aria-live", "polite"));
  }

  /** Shows what is not stored yet. */
  sending({ id, text, at }) {
    if (this.#waiting.has(id)) return;
    const state = node("p", { class: "sending" }, this.#words.sending);
    const shown = this.#message({ direction: "in", author: "citizen", text, at, choices: [] }, [state]);
    this.#waiting.set(id, shown);
    this.#put(shown);
    this.#scroll();
  }

  stored(id) {
    this.#waiting.get(id)?.querySelector(".sending")?.remove();
  }

  refused(id) {
    const state = this.#waiting.get(id)?.querySelector(".sending");
    if (state) state.textContent = this.#words.not_sent;
    this.#waiting.delete(id);
  }

  thinking(on) {
    if (on) this.#log.append(this.#thinking);
    else this.#thinking.remove();
  }

  /** Marks a button as pressed, and the others beside it as no longer to be pressed. */
  press(group, value, on = true) {
    if (!group) return; // of a message that is not shown yet
    for (const button of group.querySelectorAll("button")) {
      const chosen = on && button.value === value;
      // Not `disabled`: that would take the keyboard's focus away and make the choice unreadable for some.
      button.setAttribute("aria-disabled", String(on));
      button.classList.toggle("chosen", chosen);
      button.querySelectorAll(".mark").forEach((mark) => mark.remove());
      if (chosen) {
        button.prepend(node("span", { class: "mark", "aria-hidden": "true" }, "✓ "));
        button.append(node("span", { class: "mark unseen" }, ` (${this.#words.chosen})`));
      }
    }
  }

  group(messageId) {
    return this.#log.querySelector(`[data-message="${messageId}"] .choices`);
  }

  #add(message, pressed) {
    const shown = this.#message(message, message.choices.length ? [this.#choices(message, pressed)] : []);
    const waiting = this.#waiting.get(message.client_id);
    this.#waiting.delete(message.client_id);
    if (waiting) waiting.remove();
    this.#put(shown);
  }

  /** Before those that are not stored yet, which come later than all that is. */
  #put(shown) {
    const waiting = [...this.#waiting.values()].find((one) => one !== shown && one.isConnected);
    if (waiting && !this.#isWaiting(shown)) waiting.before(shown);
    else if (this.#thinking.isConnected) this.#thinking.before(shown);
    else this.#log.append(shown);
  }

  #isWaiting(shown) {
    return [...this.#waiting.values()].includes(shown);
  }

  #message(message, more) {
    const own = message.direction === "in";
    const by = node("p", { class: "by" }, node("span", { class: "who" }, this.#by(message)), " ");
    if (message.at) by.append(node("time", { datetime: message.at }, when(message.at, this.#language)));
    return node(
      "div",
      { class: `message ${own ? "own" : "theirs"}`, "data-message": message.id ?? null },
      by,
      node("div", { class: "words", lang: message.language ?? null }, ...paragraphs(message, this.#words)),
      ...more,
    );
  }

  #by(message) {
    if (message.direction === "in") return this.#words.you;
    return message.author === "bot" ? this.#words.bot : message.author_name || this.#words.person;
  }

  #choices(message, pressed) {
    const group = node("div", { class: "choices", role: "group", "aria-label": this.#words.choices });
    for (const choice of message.choices) {
      const button = node("button", { type: "button", class: "button choice", value: choice.value }, choice.label);
      button.onclick = () => {
        if (button.getAttribute("aria-disabled") !== "true") this.#choose(message.id, choice.value);
      };
      group.append(button);
    }
    const chosen = message.chosen ?? pressed(message.id);
    if (chosen) this.press(group, chosen);
    return group;
  }

  /** So that what the citizen said last, and what came after it, is in view from its beginning. */
  #scroll() {
    const own = [...this.#log.querySelectorAll(".message.own")].at(-1);
    const last = [...this.#log.querySelectorAll(".message")].at(-1);
    const first = own && last.offsetTop - own.offsetTop < this.#log.clientHeight ? own : last;
    if (first) this.#log.scrollTop = first.offsetTop - 12;
  }
}
