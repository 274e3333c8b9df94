/* The chat over plain HTTP, for networks that block WebSockets. `ended` is called once, however it ends. */

const WAIT = 20;
const PATIENCE = 35000;

export function openPolling(talk, ended) {
  const asking = new Set();
  let welcomed = false;
  let over = false;
  let sending = Promise.resolve();
  const end = () => {
    if (over) return;
    over = true;
    for (const one of asking) one.abort();
    ended({ welcomed, code: 0 });
  };
  const ask = async (path, options = {}) => {
    const headers = { "Content-Type": "application/json" };
    if (talk.token) headers.Authorization = `Bearer ${talk.token}`;
    const control = new AbortController();
    const patience = setTimeout(() => control.abort(), PATIENCE);
    asking.add(control);
    try {
      const how = { headers, signal: control.signal, credentials: "omit", cache: "no-store" };
      const answer = await fetch(path, { ...options, ...how });
      return { ok: answer.ok, status: answer.status, body: answer.ok ? await answer.json() : null };
    } finally {
      clearTimeout(patience);
      asking.delete(control);
    }
  };
  const news = async (wait) => {
    const answer = await ask(`/chat/messages?after=${talk.last}&wait=${wait}`);
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.body.messages;
  };
  const poll = async () => {
    const begun = await ask("/chat/session", { method: "POST", body: JSON.stringify({ token: talk.token }) });
    if (!begun.ok) throw new Error(`${begun.status}`);
    talk.begun(begun.body.token);
    const first = await news(0);
    welcomed = true;
    talk.welcomed(talk.token, first);
    while (!over) talk.received(await news(WAIT));
  };
  const post = async ({ id, text, value }) => {
    const body = JSON.stringify(value === undefined ? { id, text, language: talk.language } : { id, value });
    const answer = await ask("/chat/messages", { method: "POST", body });
    if (answer.ok) talk.stored(id);
    else if (answer.status === 401) throw new Error("401");
    else talk.refused(id, answer.status);
  };
  poll().catch(end);
  return {
    send: (item) => {
      sending = sending.then(() => post(item)).catch(end); // one after the other, so that they keep their order
    },
    close: end,
  };
}
