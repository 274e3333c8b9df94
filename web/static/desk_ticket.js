// The ticket's page: fetches the reasons, puts prepared texts where the cursor is, helps to name colleagues.
"use strict";

for (const part of document.querySelectorAll("[data-load]")) {
  fetch(part.dataset.load, { credentials: "same-origin" })
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
    .then((html) => { part.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes); })
    .catch(() => { part.append(Object.assign(document.createElement("p"), { className: "hint", textContent: part.dataset.failed })); });
}

function put(field, text, from = field.selectionStart, to = field.selectionEnd) {
  field.focus();
  field.setRangeText(text, from, to, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-insert]");
  if (!button) return;
  event.preventDefault();
  const choice = button.parentElement.querySelector("select");
  if (!choice.value) { choice.focus(); return; }
  try {
    const answer = await fetch(button.dataset.from + choice.value, { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (!answer.ok) throw answer.status;
    const { text, missing } = await answer.json();
    put(document.getElementById(button.dataset.insert), text);
    let said = button.parentElement.parentElement.querySelector(".insert-said");
    if (!said) { said = Object.assign(document.createElement("p"), { className: "insert-said" }); said.setAttribute("role", "status"); button.parentElement.after(said); }
    said.textContent = missing.length ? button.dataset.missing : "";
  } catch { button.form.requestSubmit(button); }
}, true);

for (const list of document.querySelectorAll("[data-mentions]")) {
  const field = document.getElementById(list.dataset.mentions);
  const people = [...list.querySelectorAll("[data-login]")].map((one) => ({ login: one.dataset.login, name: one.textContent }));
  const box = Object.assign(document.createElement("div"), { className: "suggestions", hidden: true });
  field.after(box);
  field.addEventListener("input", () => {
    const begun = field.value.slice(0, field.selectionStart).match(/(?:^|[^\p{L}\p{N}_.@-])@([\p{L}\p{N}_.-]*)$/u);
    const fitting = begun ? people.filter((one) => one.name.toLowerCase().includes(begun[1].toLowerCase())).slice(0, 6) : [];
    box.hidden = !fitting.length;
    box.replaceChildren(...fitting.map((one) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: one.name });
      button.addEventListener("click", () => { put(field, `@${one.login} `, field.selectionStart - begun[1].length - 1); box.hidden = true; });
      return button;
    }));
  });
  field.addEventListener("keydown", (event) => {
    if (box.hidden) return;
    if (event.key === "Escape") { box.hidden = true; event.stopPropagation(); }
    if (event.key === "ArrowDown") { event.preventDefault(); box.firstElementChild.focus(); }
  });
}
