// What is new comes in by itself, but nothing moves under somebody's hands: then it is only offered.
// The server says that something has changed; htmx fetches the page again and puts in the parts that differ.
"use strict";

(() => {
  const live = document.getElementById("live");
  if (!live || !window.EventSource || !window.htmx) return;
  const said = live.querySelector("[role=status]");
  const show = live.querySelector("[data-show]");
  const list = document.getElementById("list");
  const words = live.dataset;
  const stays = 12000; // milliseconds that a word of news stays, where nothing can be done about it
  let source, after = words.after, timer, quiet, waiting = false, insist = false;

  const alone = list?.dataset.live; // the list can be fetched without the page around it
  if (alone) {
    live.setAttribute("hx-get", alone);
    live.setAttribute("hx-target", "#list");
    live.setAttribute("hx-swap", "innerHTML");
  }

  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource(`/desk/live?place=${encodeURIComponent(words.place)}&after=${after}`);
    source.addEventListener("open", () => say(said.textContent === words.lost ? "" : said.textContent));
    source.addEventListener("changed", (event) => {
      after = event.lastEventId;
      const news = JSON.parse(event.data).said;
      if (news.length) say(news.join(". "));
      refresh();
    });
    source.addEventListener("people", (event) => {
      const people = document.getElementById("people");
      if (people) people.textContent = JSON.parse(event.data).said.join(" ");
    });
    source.addEventListener("over", () => {
      close();
      say(words.over);
      live.querySelector("[data-log-in]").hidden = false;
    });
    source.addEventListener("error", () => {
      if (source?.readyState === EventSource.CLOSED) close(); // refused: it will not come back by itself
      say(words.lost);
    });
  };
  const close = () => {
    source?.close();
    source = undefined;
  };
  const say = (text) => {
    if (said.textContent !== text) said.textContent = text;
    live.classList.toggle("live-on", Boolean(text) || !show.hidden);
    clearTimeout(quiet);
    if (text && show.hidden && text !== words.over && text !== words.lost) quiet = setTimeout(say, stays, "");
  };

  // Many pages hear of the same change: they fetch it spread over half a second, and each at most twice a second.
  const refresh = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      const parts = [...document.querySelectorAll("[data-part]")].map((part) => `#${part.id}`);
      if (!alone) live.setAttribute("hx-select-oob", parts.join(","));
      htmx.trigger(live, "changed");
    }, 100 + Math.random() * 500);
  };

  const plain = (element) => element.textContent.replace(/\s+/g, " ").trim();
  const rows = (element) => new Set([...element.querySelectorAll(".row h3 a")].map((link) => link.pathname));
  const busy = (part) => {
    const isList = part.id === "list";
    const within = part.contains(document.activeElement) && document.activeElement !== part;
    const chosen = part.querySelector("input:checked, textarea");
    const typed = chosen && (chosen.type === "checkbox" || chosen.value !== chosen.defaultValue);
    return within || typed || (isList && (part.matches(":hover") || part.getBoundingClientRect().top < -40));
  };

  // Whether the fresh part may take the place of the one that is shown.
  const mayCome = (target, fresh) => {
    if (!fresh || plain(fresh) === plain(target)) return false;
    const isList = target.id === "list";
    const more = isList ? [...rows(fresh)].filter((path) => !rows(target).has(path)).length : 0;
    const news = isList ? (more ? words.rows.replace("{n}", more) : words.moved) : words.news;
    if (!insist && busy(target)) {
      waiting = true;
      show.hidden = false;
      say(news);
      return false;
    }
    const before = target.querySelectorAll("details");
    fresh.querySelectorAll("details").forEach((one, i) => {
      if (before[i] && plain(before[i].firstElementChild) === plain(one.firstElementChild)) one.open = before[i].open;
    });
    if (more && !insist) say(news);
    return true;
  };
  document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    const fresh = fragment.querySelector(`#${target.id}`) ?? fragment;
    if (target.open !== undefined) fresh.open = target.open;
    event.detail.shouldSwap = mayCome(target, fresh);
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (!alone || event.detail.target !== list) return;
    const fresh = new DOMParser().parseFromString(event.detail.serverResponse, "text/html").body;
    event.detail.shouldSwap = event.detail.xhr.responseURL.includes("part=list") && mayCome(list, fresh);
  });
  document.body.addEventListener("htmx:afterRequest", () => {
    if (insist) {
      insist = waiting = false;
      show.hidden = true;
      say("");
      (document.querySelector("#list .row h3 a") ?? document.getElementById("main")).focus({ preventScroll: !list });
    }
  });
  show.addEventListener("click", () => {
    insist = true;
    htmx.trigger(live, "changed");
  });

  // A hidden page lets go: a browser has but six connections to one server, and nobody looks at it.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  open();
})();
