/* Atbilde on your site: <script src="https://…/widget.js" data-language="lv" async></script>
   Makes a button in the lower right corner that opens the chat in a frame. Touches nothing else of the page. */
(() => {
  "use strict";
  const words = __WORDS__;
  const script = document.currentScript;
  const home = new URL(script.src).origin;
  const wanted = script.dataset.language || document.documentElement.lang.slice(0, 2);
  const language = wanted in words ? wanted : "lv";
  const t = words[language];

  const style = `
    :host { all: initial; }
    * { box-sizing: border-box; font: 600 16px/1.3 system-ui, sans-serif; }
    button { cursor: pointer; color: #fff; background: #9e1b34; border: 2px solid #fff; min-height: 48px; }
    button:hover { background: #7d1529; }
    button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #0b57d0; }
    .open { position: fixed; right: 16px; bottom: 16px; z-index: 2147483000; padding: 12px 22px; border-radius: 28px;
      box-shadow: 0 2px 10px rgb(0 0 0 / .3); }
    .open[data-unread]::after { content: ""; position: absolute; top: -2px; right: 4px; width: 16px; height: 16px;
      border-radius: 50%; background: #ffd34d; border: 2px solid #1d1b20; }
    .panel { position: fixed; right: 16px; bottom: 16px; z-index: 2147483001; width: 400px; max-width: calc(100vw - 32px);
      height: 640px; max-height: calc(100vh - 32px); display: flex; flex-direction: column; overflow: hidden;
      background: #9e1b34; border: 1px solid #7d1529; border-radius: 12px; box-shadow: 0 8px 30px rgb(0 0 0 / .35); }
    .bar { display: flex; align-items: center; justify-content: space-between; padding: 4px 4px 4px 16px; color: #fff; }
    .bar button { min-width: 48px; border-color: transparent; font-size: 24px; line-height: 1; border-radius: 8px; }
    iframe { flex: 1; width: 100%; border: 0; background: Canvas; }
    [hidden] { display: none; }
    @media (max-width: 480px) { .panel { inset: 0; width: 100%; max-width: none; height: 100%; max-height: none;
      border: 0; border-radius: 0; } }
    @media print { .open, .panel { display: none; } }`;

  const made = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const launcher = made("button", { type: "button", class: "open", "aria-haspopup": "dialog" }, t.open);
  const close = made("button", { type: "button", "aria-label": t.close }, made("span", { "aria-hidden": "true" }, "×"));
  const bar = made("div", { class: "bar" }, made("span", {}, "Atbilde"), close);
  const panel = made("div", { class: "panel", role: "dialog", "aria-label": t.title, hidden: "" }, bar);
  const host = made("div", { role: "region", "aria-label": t.title, lang: language, "data-atbilde": "" });
  let frame = null;

  function show() {
    if (!frame) {
      frame = made("iframe", { title: t.title, src: `${home}/chat/frame?language=${language}` });
      frame.addEventListener("load", focusFrame);
      panel.append(frame);
    }
    panel.hidden = false;
    launcher.hidden = true;
    launcher.removeAttribute("data-unread");
    launcher.textContent = t.open;
    focusFrame();
  }

  function focusFrame() {
    if (panel.hidden) return;
    frame.focus();
    frame.contentWindow.postMessage("atbilde:opened", home);
  }

  function hide() {
    panel.hidden = true;
    launcher.hidden = false;
    launcher.focus();
  }

  launcher.addEventListener("click", show);
  close.addEventListener("click", hide);
  panel.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  window.addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== home) return;
    if (event.data === "atbilde:close" && !panel.hidden) hide();
    if (event.data === "atbilde:message" && panel.hidden) {
      launcher.setAttribute("data-unread", "");
      launcher.textContent = t.unread;
    }
  });

  function begin() {
    const root = host.attachShadow({ mode: "open" });
    if (root.adoptedStyleSheets) {
      const sheet = new CSSStyleSheet(); // unlike a style element, allowed by every Content-Security-Policy
      sheet.replaceSync(style);
      root.adoptedStyleSheets = [sheet];
    } else {
      root.append(made("style", {}, style)); // browsers of before 2023
    }
    root.append(launcher, panel);
    document.body.append(host);
  }
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin);
})();
