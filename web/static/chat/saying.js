/* How a message is set out: DOM nodes only, so that nothing in a text is ever taken for markup. */

const LINK = /https?:\/\/[^\s<>"„”»]*[^\s<>"„”».,;:!?)\]]/g;
const LABEL = /^([^:\n]{2,40}):\s/;

export function node(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== false && value !== null) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

export function paragraphs(message, words) {
  const texts = message.text.split(/\n\s*\n/).filter((text) => text.trim());
  return texts.map((text, number) => paragraph(text, number, message.source?.url, words));
}

function paragraph(text, number, url, words) {
  if (!url) return node("p", {}, ...linked(text, words));
  if (text.endsWith(url)) return node("p", { class: "source" }, link(text.slice(0, -url.length).trim(), url, words));
  if (number === 0) return node("p", { class: "quoted-title" }, ...linked(text, words));
  const label = LABEL.exec(text);
  if (!label) return node("p", {}, ...linked(text, words));
  return node("p", {}, node("strong", {}, `${label[1]}:`), " ", ...linked(text.slice(label[0].length), words));
}

function linked(text, words) {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(LINK)) {
    parts.push(text.slice(at, found.index), link(found[0], found[0], words));
    at = found.index + found[0].length;
  }
  return [...parts, text.slice(at)];
}

function link(text, url, words) {
  const safe = /^https?:\/\//.test(url);
  if (!safe) return text;
  const hint = node("span", { class: "unseen" }, ` (${words.new_tab})`);
  return node("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text, hint);
}

export function when(at, language) {
  const moment = new Date(at);
  const today = moment.toDateString() === new Date().toDateString();
  const form = today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(language, form).format(moment);
}
