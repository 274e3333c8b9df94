// What is typed is kept on the server every few seconds, and nothing too long is sent off to be refused.
"use strict";

(() => {
  const pause = 1500; // milliseconds without a key
  const longest = 5000; // and at most so long while somebody types on

  for (const button of document.querySelectorAll("[data-save]")) {
    const { form } = button;
    const said = document.getElementById(button.dataset.save);
    let timer, since, sending, again;

    const save = async (leaving = false) => {
      clearTimeout(timer);
      since = undefined;
      if (sending && !leaving) {
        again = true;
        return;
      }
      again = false;
      sending = new AbortController();
      const body = new URLSearchParams(new FormData(form));
      const tell = (text) => said.textContent !== text && (said.textContent = text);
      try {
        const answer = await fetch(button.formAction, {
          method: "POST", body, keepalive: leaving && body.toString().length < 60000, signal: sending.signal,
          headers: { "HX-Request": "true", Accept: "application/json" },
        });
        if (answer.ok) tell(await answer.text());
        else tell(answer.status === 401 || answer.status === 403 ? button.dataset.over : button.dataset.failed);
      } catch (error) {
        if (error.name !== "AbortError") tell(button.dataset.failed);
      }
      sending = undefined;
      if (again) save();
    };
    form.addEventListener("input", () => {
      since ??= Date.now();
      clearTimeout(timer);
      timer = setTimeout(save, Math.min(pause, Math.max(0, since + longest - Date.now())));
    });
    form.addEventListener("submit", () => {
      clearTimeout(timer);
      since = undefined;
      again = false;
      sending?.abort();
    });
    document.addEventListener("visibilitychange", () => document.hidden && since && save(true));
    window.addEventListener("pagehide", () => since && save(true));
  }

  // Before desk.js marks the form as sent.
  document.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("data-discard")) return;
    for (const field of event.target.querySelectorAll("textarea[data-limit]")) {
      const limit = Number(field.dataset.limit);
      const { length } = field.value;
      const id = `${field.id}-too-long`;
      document.getElementById(id)?.remove();
      field.removeAttribute("aria-invalid");
      if (length <= limit) continue;
      event.preventDefault();
      event.stopImmediatePropagation();
      const told = document.createElement("p");
      told.id = id;
      told.className = "wrong";
      told.setAttribute("role", "alert");
      told.textContent = field.dataset.tooLong
        .replace("{n}", length.toLocaleString(document.documentElement.lang))
        .replace("{limit}", limit.toLocaleString(document.documentElement.lang));
      field.before(told);
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${id}`.trim());
      field.focus();
    }
  }, true);
})();
