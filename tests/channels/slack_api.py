"""Slack over real HTTP and WebSocket: the Web API that we use, held to slack_sdk's own types, and Socket Mode."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import WSMsgType, web
from slack_sdk.models.blocks import Block
from slack_sdk.models.metadata import Metadata
from slack_sdk.models.views import View
from slack_sdk.socket_mode.response import SocketModeResponse

from tests.channels.slack_people import BOT, CHANNEL, Json

BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-1-test", "xapp-1-test", "8f742231b10e8888abcd99yyyzzz85a5"
ALERTS = "C0ALERTS"


class Told(Exception):
    """An answer that is no success."""

    def __init__(self, error: str, status: int = 200, headers: dict[str, str] | None = None) -> None:
        super().__init__(error)
        self.error, self.status, self.headers = error, status, headers or {}


@dataclass
class SlackApi:
    """`async with SlackApi() as api`. What broke Slack's forms stands in `violations`."""

    url: str = ""
    messages: list[Json] = field(default_factory=list)
    """what stands in the channels, each as it looks now"""
    asides: list[Json] = field(default_factory=list)
    views: list[Json] = field(default_factory=list)
    calls: list[tuple[str, Json]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    acknowledged: list[Json] = field(default_factory=list)
    """by Socket Mode"""
    connections: int = 0
    down: bool = False
    expired: bool = False
    """triggers are too old"""
    holding: asyncio.Event = field(default_factory=asyncio.Event)
    _failures: list[tuple[str, Told]] = field(default_factory=list)
    _drops: list[str] = field(default_factory=list)
    _held: list[str] = field(default_factory=list)
    _sockets: list[web.WebSocketResponse] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._handle)
        app.router.add_post("/hooks/{account}/{number}", self._hook)
        app.router.add_get("/link", self._link)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @property
    def settings(self) -> dict[str, str]:
        return {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_API_BASE": f"{self.url}/api/",
            "SLACK_CHANNEL": CHANNEL,
            "SLACK_ALERTS": ALERTS,
            "SLACK_RATE": "1000",
        }

    @property
    def cards(self) -> list[Json]:
        return [message for message in self.messages if message["channel"] == CHANNEL and message["blocks"]]

    def fails_next(self, method: str, error: str = "", status: int = 200, **headers: str) -> None:
        told = Told(error, status, {name.replace("_", "-"): value for name, value in headers.items()})
        self._failures.append((method, told))

    def drops_next(self, method: str) -> None:
        """It is done, and then the line breaks."""
        self._drops.append(method)

    def holds_next(self, method: str) -> None:
        """It is done, and no answer is given; `holding` is set."""
        self._held.append(method)

    async def until(self, so: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not so():
                self._changed.clear()
                await self._changed.wait()

    async def sends(self, payload: Json, kind: str, envelope: str = "") -> str:
        """Over the newest WebSocket; returns the envelope's id."""
        await self.until(lambda: self._sockets)
        envelope = envelope or f"env-{len(self.acknowledged)}-{id(payload)}"
        wrapped = {"envelope_id": envelope, "payload": payload, "type": kind, "accepts_response_payload": False}
        await self._sockets[-1].send_str(json.dumps(wrapped))
        return envelope

    async def disconnects(self, reason: str) -> None:
        await self._sockets.pop().send_str(json.dumps({"type": "disconnect", "reason": reason}))

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if self.down:
            assert request.transport
            request.transport.abort()
            return web.Response()
        given = dict(request.query)
        if request.content_type == "application/json":
            given |= await request.json()
        else:
            given |= {name: str(value) for name, value in (await request.post()).items()}
        self.calls.append((method, given))
        try:
            token = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
            if request.headers.get("Authorization") != f"Bearer {token}":
                raise Told("invalid_auth")
            self._fail_where_told(method)
            answer = getattr(self, f"_{method.replace('.', '_')}")(given)
        except Told as told:
            return web.json_response({"ok": False, "error": told.error}, status=told.status, headers=told.headers)
        except Exception as error:
            self.violations.append(f"{method}: {error!r}")
            raise
        finally:
            self._changed.set()
        if method in self._drops:
            self._drops.remove(method)
            assert request.transport
            request.transport.abort()
        if method in self._held:
            self._held.remove(method)
            self.holding.set()
            await asyncio.Event().wait()
        return web.json_response({"ok": True, **answer})

    def _chat_postMessage(self, given: Json) -> Json:  # noqa: N802
        channel = given["channel"]
        if channel not in (CHANNEL, ALERTS):
            raise Told("channel_not_found")
        ts = f"{time.time():.0f}.{len(self.calls):06d}"
        metadata = _loaded(given["metadata"])
        Metadata(**metadata)
        message = {"ts": ts, "channel": channel, "metadata": metadata, **self._content(given)}
        self.messages.append(message)
        return {"channel": channel, "ts": ts, "message": {"user": BOT, "type": "message", "ts": ts}}

    def _chat_update(self, given: Json) -> Json:
        found = [one for one in self.messages if (one["channel"], one["ts"]) == (given["channel"], given["ts"])]
        if not found:
            raise Told("message_not_found")
        found[0].update(self._content(given))
        return {"channel": given["channel"], "ts": given["ts"], "text": found[0]["text"]}

    def _chat_postEphemeral(self, given: Json) -> Json:  # noqa: N802
        self.asides.append({"account": given["user"], "channel": given["channel"], "text": given["text"]})
        return {"message_ts": "1.5"}

    def _conversations_history(self, given: Json) -> Json:
        found = [one for one in self.messages if one["channel"] == given["channel"]]
        found = [one for one in found if float(one["ts"]) >= float(given.get("oldest", 0))]
        page = int(given.get("cursor") or 0)
        whole = given.get("include_all_metadata") in ("1", "true", True)
        shown = found if whole else [{**one, "metadata": None} for one in found]
        more = page + 2 < len(shown)
        cursor = {"next_cursor": str(page + 2) if more else ""}
        return {"messages": shown[page : page + 2], "has_more": more, "response_metadata": cursor}

    def _views_open(self, given: Json) -> Json:
        if self.expired or not given["trigger_id"].startswith("trigger-"):
            raise Told("expired_trigger_id")
        view = _loaded(given["view"])
        parsed = View(**view)
        parsed.validate_json()
        self._checked(view["blocks"])
        for block in view["blocks"]:
            groups = block.get("element", {}).get("option_groups", [])
            if len(groups) > 100 or any(not 1 <= len(group["options"]) <= 100 for group in groups):
                raise Told("invalid_arguments")
        self.views.append({**view, "id": f"V{len(self.views)}"})
        return {"view": self.views[-1]}

    def _apps_connections_open(self, _given: Json) -> Json:
        return {"url": f"{self.url.replace('http', 'ws')}/link?ticket=1"}

    def _content(self, given: Json) -> Json:
        blocks = _loaded(given.get("blocks") or "[]")
        if len(given.get("text", "")) > 40_000:
            raise Told("msg_too_long")
        self._checked(blocks)
        return {"text": given["text"], "blocks": blocks}

    def _checked(self, blocks: list[Json]) -> None:
        """As slack_sdk reads them, nothing lost, and each part within what its models allow."""
        for block in blocks:
            parsed = Block.parse(block)
            assert parsed is not None, block
            parsed.validate_json()
            if parsed.to_dict() != block:
                self.violations.append(f"slack_sdk reads {block} as {parsed.to_dict()}")

    def _fail_where_told(self, method: str) -> None:
        for failure in self._failures:
            if failure[0] == method:
                self._failures.remove(failure)
                raise failure[1]

    async def _hook(self, request: web.Request) -> web.Response:
        given = await request.json()
        if given.get("response_type") != "ephemeral" or given.get("replace_original"):
            self.violations.append(f"an answer that others see: {given}")
        self.asides.append({"account": request.match_info["account"], "text": given["text"]})
        self._changed.set()
        return web.Response(text="ok")

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        hello = {"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0APP"}, "debug_info": {}}
        await socket.send_str(json.dumps(hello))
        self.connections += 1
        self._sockets.append(socket)
        self._changed.set()
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                given = json.loads(message.data)
                SocketModeResponse(**given)
                self.acknowledged.append(given)
                self._changed.set()
        if socket in self._sockets:
            self._sockets.remove(socket)
        return socket


def _loaded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
