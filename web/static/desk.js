// Small comforts; everything works without them.
"use strict";

document.querySelector("[data-focus]")?.focus();

// An impatient second click sends nothing twice; the server would not mind either.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || "again" in form.dataset) return; // a download may be wanted twice
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

const offerToCopy = (part) => {
  for (const button of part.querySelectorAll("[data-copy]")) {
    const field = document.getElementById(button.dataset.copy);
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      field.select();
      await navigator.clipboard.writeText(field.value);
      button.textContent = button.dataset.copied;
    });
  }
};
offerToCopy(document);
// A part of the page that came in later: desk_live.js.
document.addEventListener("htmx:load", ({ detail }) => detail.elt !== document.body && offerToCopy(detail.elt));

// A long list of institutions gets a field that narrows it, blind to the signs on Latvian letters.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
for (const list of document.querySelectorAll("[data-filter]")) {
  const field = document.createElement("input");
  field.type = "search";
  field.setAttribute("aria-label", list.dataset.filter);
  field.placeholder = list.dataset.filter;
  field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  field.addEventListener("input", () => {
    for (const item of list.querySelectorAll("[data-name]")) {
      item.hidden = !plain(item.dataset.name).includes(plain(field.value)) && !item.querySelector("input").checked;
    }
  });
  list.querySelector(".boxes").before(field);
}
