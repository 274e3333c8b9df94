/* Keeps the chat connected: a WebSocket, plain HTTP after two vain tries, and again and again while there is no network. */

import { openPolling } from "./polling.js";
import { openSocket } from "./socket.js";

const VAIN_TRIES = 2;
const LONGEST_PAUSE = 30000;
const POLICY = 1008;

export class Line {
  #talk;
  #way = null;
  #vain = 0;
  #failures = 0;
  #timer = 0;

  constructor(talk) {
    this.#talk = talk;
    addEventListener("online", () => this.#again(0));
    addEventListener("offline", () => this.#way?.close());
    addEventListener("pagehide", () => this.#way?.close());
    addEventListener("pageshow", (event) => event.persisted && this.#again(0));
    document.addEventListener("visibilitychange", () => !document.hidden && !this.#way && this.#again(0));
  }

  open() {
    clearTimeout(this.#timer);
    if (this.#way) return;
    this.#talk.state("connecting");
    const polling = this.#vain >= VAIN_TRIES;
    try {
      this.#way = (polling ? openPolling : openSocket)(this.#talk, (end) => this.#ended(end, polling));
    } catch {
      this.#ended({ welcomed: false, code: 0 }, polling); // some browsers throw where a policy forbids WebSockets
    }
  }

  /** Hands it to the network if there is one; whoever calls keeps it until it is stored. */
  send(item) {
    this.#way?.send(item);
  }

  welcomed() {
    this.#failures = this.#vain = 0;
    this.#talk.state("open");
  }

  restart() {
    this.#way?.close();
    this.#again(0);
  }

  #ended({ welcomed, code }, polling) {
    this.#way = null;
    this.#failures += 1;
    if (polling) this.#vain = 0;
    else if (!welcomed && navigator.onLine) this.#vain += 1;
    if (this.#failures > 1 || !navigator.onLine) this.#talk.state("offline");
    const pause = Math.min(LONGEST_PAUSE, 500 * 2 ** Math.min(this.#failures, 6)) * (0.5 + Math.random() / 2);
    // Without a network the browser says when there is one again; we try now and then, in case it is mistaken.
    this.#again(code === POLICY || !navigator.onLine ? LONGEST_PAUSE : pause);
  }

  #again(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.open(), pause);
  }
}
