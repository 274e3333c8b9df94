// "Take over into the answer": puts a part where the writer is, and ticks it as a source.
"use strict";

function takeOver(button) {
  const into = document.getElementById(button.dataset.into);
  const words = document.getElementById(button.dataset.take).textContent.trim();
  if (!into) return;
  for (let box = into.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  const [from, to] = [into.selectionStart, into.selectionEnd];
  const before = into.value.slice(0, from).trimEnd();
  const after = into.value.slice(to).trimStart();
  into.value = [before, words, after].filter(Boolean).join("\n\n");
  const end = (before ? before.length + 2 : 0) + words.length;
  into.focus();
  into.setSelectionRange(end, end);
  into.dispatchEvent(new Event("input", { bubbles: true }));
  for (const source of document.querySelectorAll("input[name=sources]")) {
    if (source.value === button.dataset.source) source.checked = true;
  }
}

// the page's parts come in anew while it is open, so the whole of it is listened to
const show = () => document.querySelectorAll("[data-take]").forEach((button) => { button.hidden = false; });
show();
new MutationObserver(show).observe(document.body, { childList: true, subtree: true });
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take]");
  if (button) takeOver(button);
});
