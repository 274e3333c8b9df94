"""One WebSocket as the chat uses it: JSON objects in text frames, bounded in size and number."""

import time
from collections import deque
from contextlib import suppress

import orjson
from fastapi import WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from web.problems import TITLES
from web.talk import Json

LARGEST = 32 * 1024
"""bytes of a frame"""
FRAMES_A_MINUTE = 240
NORMAL, POLICY, TOO_BIG, OUR_MISTAKE = 1000, 1008, 1009, 1011


class Closing(Exception):
    """Ends the connection."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Line:
    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._times: deque[float] = deque(maxlen=FRAMES_A_MINUTE)

    async def frame(self) -> Json:
        """The next frame to act on; pings and what is no frame at all are answered here.

        Raises Closing for one that is too large or one too many, WebSocketDisconnect at the end.
        """
        while True:
            received = await self._socket.receive()
            if received["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(received.get("code", 1005))
            text, binary = received.get("text"), received.get("bytes")
            self._check(len(text.encode("utf-8", "replace") if text is not None else binary or b""))
            frame = _object(text)
            if frame is None:
                await self.refuse({}, 400, "A frame is a JSON object in text.")
            elif frame.get("type") == "ping":
                await self.send({"type": "pong"})
            else:
                return frame

    async def send(self, frame: Json) -> None:
        await self._socket.send_text(orjson.dumps(frame).decode())

    async def refuse(self, frame: Json, status: int, detail: str) -> None:
        """Says what was wrong with a frame; the connection stays."""
        about = {"id": frame["id"]} if isinstance(frame.get("id"), str) else {}
        await self.send({"type": "error", **about, "status": status, "title": TITLES[status], "detail": detail})

    async def close(self, code: int, reason: str) -> None:
        with suppress(RuntimeError, WebSocketDisconnect):  # the other side may have gone meanwhile
            await self._socket.close(code, reason[:100])

    def _check(self, size: int) -> None:
        if size > LARGEST:
            raise Closing(TOO_BIG, f"a frame has at most {LARGEST} bytes")
        at = time.monotonic()
        if len(self._times) == FRAMES_A_MINUTE and self._times[0] > at - 60:
            raise Closing(POLICY, "too many frames")
        self._times.append(at)


def said_of(error: ValidationError) -> str:
    """What is wrong, in one line."""
    lines = []
    for one in error.errors(include_url=False, include_input=False):
        where, what = ".".join(str(part) for part in one["loc"]), one["msg"].removeprefix("Value error, ")
        lines.append(f"{where}: {what}" if where else what)
    return "; ".join(lines)


def _object(text: str | None) -> Json | None:
    try:
        frame = orjson.loads(text) if text is not None else None
    except orjson.JSONDecodeError:
        return None
    return frame if isinstance(frame, dict) else None
