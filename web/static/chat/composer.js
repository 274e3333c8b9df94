/* Where the citizen writes: Enter sends, Shift+Enter begins a line, and the limit is told before it is reached. */

const TELL_LEFT_BELOW = 500;

export class Composer {
  #form;
  #text;
  #left;
  #trouble;
  #words;
  #longest;
  #say;

  constructor(section, words, say) {
    this.#form = section.querySelector("#composer");
    this.#text = section.querySelector("#text");
    this.#left = section.querySelector("#left");
    this.#trouble = section.querySelector("#trouble");
    this.#words = words;
    this.#longest = Number(section.dataset.longest);
    this.#say = say;
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#text.addEventListener("keydown", (event) => this.#key(event));
    this.#text.addEventListener("input", () => this.#count());
    this.#count();
  }

  focus() {
    this.#text.focus();
  }

  /** Says what is wrong, and gives the words back where nothing new has been written. */
  trouble(what, text = "") {
    this.#trouble.textContent = what;
    if (what) this.#text.setAttribute("aria-invalid", "true");
    else this.#text.removeAttribute("aria-invalid");
    if (text && !this.#text.value) this.#text.value = text;
    this.#count();
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  #submit(event) {
    event.preventDefault();
    const text = this.#text.value.trim();
    const over = [...text].length - this.#longest;
    if (!text) this.trouble(this.#words.empty);
    else if (over > 0) this.trouble(this.#words.too_long.replace("{n}", over));
    else {
      this.#text.value = "";
      this.trouble("");
      this.#say(text);
    }
    this.focus();
  }

  #count() {
    const left = this.#longest - [...this.#text.value.trim()].length;
    this.#left.textContent = left < TELL_LEFT_BELOW && left >= 0 ? this.#words.left.replace("{n}", left) : "";
    if (left < 0) this.#left.textContent = this.#words.too_long.replace("{n}", -left);
    this.#text.style.height = "auto"; // set by script, so the Content-Security-Policy has nothing against it
    this.#text.style.height = `${Math.min(this.#text.scrollHeight + 2, 160)}px`;
  }
}
