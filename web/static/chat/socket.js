/* The chat over a WebSocket. `ended` is called once, however it ends. */

const WELCOME_WITHIN = 8000;
const PING_EVERY = 30000;
const DEAD_AFTER = 45000;

export function openSocket(talk, ended) {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/chat`);
  let welcomed = false;
  let over = false;
  let heardAt = Date.now();
  const send = (frame) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  };
  const end = (code = 0) => {
    if (over) return;
    over = true;
    clearTimeout(patience);
    clearInterval(pings);
    socket.close();
    ended({ welcomed, code });
  };
  const patience = setTimeout(end, WELCOME_WITHIN);
  const pings = setInterval(() => {
    if (Date.now() - heardAt > DEAD_AFTER) end();
    else send({ type: "ping" });
  }, PING_EVERY);
  const heard = {
    welcome(frame) {
      welcomed = true;
      clearTimeout(patience);
      talk.welcomed(frame.token, frame.messages);
    },
    message: (frame) => talk.received([frame.message]),
    stored: (frame) => talk.stored(frame.id),
    error: (frame) => frame.id && talk.refused(frame.id, frame.status),
  };
  socket.onopen = () => send({ type: "hello", token: talk.token, language: talk.language, last: talk.last });
  socket.onmessage = (event) => {
    if (over) return;
    heardAt = Date.now();
    const frame = JSON.parse(event.data);
    heard[frame.type]?.(frame);
  };
  socket.onclose = (event) => end(event.code);
  socket.onerror = () => end();
  return { send: ({ type, id, text, value }) => send({ type, id, text, value }), close: () => end() };
}
