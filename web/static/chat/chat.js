/* The web chat: what the citizen says is kept here until the server has stored it, and shown with all that is answered. */

import { Composer } from "./composer.js";
import { Line } from "./line.js";
import { Log } from "./log.js";
import { forget, recall, remember } from "./memory.js";
import { Unsent } from "./unsent.js";

const THINKING_AT_MOST = 15000;
const AGAIN = { 429: 20000, 503: 5000 }; // refused for now: after how long to try again

class Talk {
  last = 0;
  #unsent = new Unsent();
  #line = new Line(this);
  #seen = new Set();
  #timer = 0;

  constructor(section) {
    this.words = JSON.parse(section.querySelector("#chat-words").textContent);
    this.language = section.dataset.language;
    this.token = recall("token") ?? (section.dataset.token || null);
    this.status = section.querySelector("#state");
    this.examples = section.querySelector("#examples");
    this.newTalk = section.querySelector("#new-talk");
    this.log = new Log(section.querySelector("#log"), this.words, this.language, (about, value) => this.choose(about, value));
    this.composer = new Composer(section, this.words, (text) => this.say(text));
    for (const button of this.examples.querySelectorAll("button")) button.onclick = () => this.#ask(button);
    this.#newTalkBy(section);
  }

  start() {
    document.documentElement.classList.add("live");
    this.#showUnsent();
    this.#line.open();
  }

  say(text) {
    const item = this.#unsent.add({ type: "say", text });
    this.log.sending(item);
    this.#empty(false);
    this.#send(item);
  }

  choose(about, value) {
    const item = this.#unsent.add({ type: "choose", value, about });
    this.log.press(this.log.group(about), value);
    this.#send(item);
  }

  // What the line tells

  begun(token) {
    if (this.token !== null && token !== this.token) this.#forget();
    this.token = token;
    remember("token", token);
  }

  welcomed(token, messages) {
    this.begun(token);
    this.#line.welcomed();
    this.#take(messages, { quietly: true });
    this.#empty(this.#seen.size + this.#unsent.size === 0);
    this.#sendAll();
  }

  received(messages) {
    this.#take(messages);
    if (messages.some((message) => message.direction === "out")) tellFrame("message");
  }

  stored(id) {
    this.log.stored(id);
    this.#unsent.remove(id);
  }

  refused(id, status) {
    if (status in AGAIN) {
      this.#say(status === 429 ? this.words.too_many : "");
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#sendAll(), AGAIN[status]);
      return;
    }
    const item = this.#unsent.find((one) => one.id === id);
    this.#unsent.remove(id);
    this.log.refused(id);
    this.#thinking(false);
    if (item?.type === "choose") this.log.press(this.log.group(item.about), item.value, false);
    this.composer.trouble(this.words.refused, item?.text);
  }

  state(state) {
    this.#say({ connecting: this.last ? "" : this.words.connecting, offline: this.words.offline }[state] ?? "");
  }

  // Inside

  #take(messages, how) {
    const fresh = messages.filter((message) => !this.#seen.has(message.id));
    for (const message of fresh) {
      this.#seen.add(message.id);
      this.last = Math.max(this.last, message.id);
      if (message.client_id) this.#unsent.remove(message.client_id);
    }
    if (fresh.length === 0) return;
    if (fresh.at(-1).direction === "out") this.#thinking(false);
    this.log.show(fresh, (id) => this.#unsent.find((item) => item.about === id)?.value, how);
    this.#empty(false);
  }

  #send(item) {
    this.#line.send(item);
    this.#thinking(true);
  }

  #sendAll() {
    for (const item of this.#unsent) this.#line.send(item);
  }

  #showUnsent() {
    for (const item of this.#unsent) if (item.type === "say") this.log.sending(item);
  }

  #ask(button) {
    this.say(button.textContent);
    this.composer.focus();
  }

  #forget() {
    this.last = 0;
    this.#seen.clear();
    this.log.clear();
    this.#showUnsent();
  }

  #thinking(on) {
    clearTimeout(this.thinkingTimer);
    this.log.thinking(on);
    this.#say(on ? this.words.thinking : "");
    if (on) this.thinkingTimer = setTimeout(() => this.#thinking(false), THINKING_AT_MOST);
  }

  /** Whether nothing has been said: then there are examples to ask, and nothing to leave behind. */
  #empty(empty) {
    this.examples.hidden = !empty;
    this.newTalk.hidden = empty;
  }

  #say(status) {
    this.status.textContent = status;
  }

  #newTalkBy(section) {
    const dialog = section.querySelector("dialog");
    this.newTalk.onclick = () => {
      dialog.returnValue = "";
      dialog.showModal();
    };
    dialog.onclose = () => dialog.returnValue === "yes" && this.#begin();
  }

  #begin() {
    this.#unsent.clear();
    this.token = null;
    forget("token");
    this.#forget();
    this.#empty(true);
    this.#line.restart();
    this.composer.focus();
  }
}

/** In a frame on another site: only that something happened, never what. */
function tellFrame(what) {
  if (window.parent !== window) window.parent.postMessage(`atbilde:${what}`, "*");
}

const talk = new Talk(document.querySelector("#chat"));
talk.start();
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) tellFrame("close");
});
addEventListener("message", (event) => {
  if (event.source === window.parent && event.data === "atbilde:opened") talk.composer.focus();
});
