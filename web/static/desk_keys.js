// Single keys that do something; never while somebody types. Each person can switch them off (WCAG 2.1.4).
"use strict";

(() => {
  const close = document.currentScript?.dataset.close ?? "×";
  const first = (...selectors) => selectors.map((one) => document.querySelector(one)).find(Boolean);
  const links = () => [...document.querySelectorAll("main .row h3 a")];
  let before = "";

  const goTo = (field) => {
    if (!field) return false;
    for (let box = field.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    field.focus();
    field.scrollIntoView({ block: "center" });
    return true;
  };
  const press = (button) => {
    button?.click();
    return Boolean(button);
  };
  const step = (by) => {
    const all = links();
    if (!all.length) return false;
    const at = all.indexOf(document.activeElement);
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  };
  const help = async () => {
    const page = await fetch("/desk/keys", { headers: { Accept: "text/html" } });
    const sheet = new DOMParser().parseFromString(await page.text(), "text/html").getElementById("keys");
    if (!page.ok || !sheet) return;
    const dialog = document.createElement("dialog");
    dialog.className = "key-sheet";
    dialog.setAttribute("aria-labelledby", "keys-title");
    const button = document.createElement("button");
    button.textContent = close;
    button.className = "second";
    button.addEventListener("click", () => dialog.close());
    dialog.append(button, document.adoptNode(sheet));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    button.focus({ preventScroll: true });
    dialog.scrollTop = 0;
  };

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => links().includes(document.activeElement) && step(1),
    ArrowUp: () => links().includes(document.activeElement) && step(-1),
    o: () => links().includes(document.activeElement) && press(document.activeElement),
    "/": () => goTo(first("#q", "input[type=search]")),
    t: () => press(first('form[action$="/take"] button')),
    f: () => goTo(first("#forward-institutions")),
    a: () => goTo(first("#answer-text")),
    n: () => goTo(first("#note-text")),
    "?": () => !help(),
    "g i": () => location.assign("/desk") ?? true,
  };

  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (target.closest("input, textarea, select, [contenteditable]")) {
      if (key === "Escape") target.blur();
      if (!target.matches("[type=checkbox], [type=radio]")) return;
    }
    const both = `${before} ${key}`;
    before = key === "g" ? "g" : "";
    const act = keys[both] ?? keys[key];
    if (act?.()) event.preventDefault();
  });
})();
