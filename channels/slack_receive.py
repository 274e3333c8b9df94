"""What arrives from Slack, by either way: stored raw, and only then acknowledged. slack-bolt knows Slack's manners.

Its own listeners are not used: they would be run again for whatever Slack sends again, and lost with the process.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from channels.base import Receive
from channels.slack_parse import id_of

log = logging.getLogger(__name__)
bolt_log = logging.getLogger("slack_bolt.atbilde")
bolt_log.setLevel(logging.ERROR)
PING = 10.0
"""seconds"""


def receiver(client: AsyncWebClient, receive: Receive) -> AsyncApp:
    """A Bolt app with one thing to do, before anything that would have to ask Slack who we are."""

    async def store(req: AsyncBoltRequest, next: Callable[[], Awaitable[BoltResponse]]) -> BoltResponse:
        if req.body.get("type") == "url_verification":
            return await next()
        if external_id := id_of(req.body):
            try:
                await receive(external_id, json.dumps(req.body, ensure_ascii=False).encode("utf-8", "replace"))
            except Exception:
                log.exception("slack: could not be stored, and was not acknowledged")
                return BoltResponse(status=503, body="")
        return BoltResponse(status=200, body="")

    return AsyncApp(
        client=client,
        signing_secret="",
        logger=bolt_log,
        name="atbilde",
        before_authorize=store,
        request_verification_enabled=False,  # slack_http has looked at the raw body before anything was parsed
    )


async def handed_in(app: AsyncApp, body: str, headers: Mapping[str, str]) -> BoltResponse:
    """One request of Slack's, whose signature is right. Raises ValueError where it is none of Slack's forms."""
    try:
        request = AsyncBoltRequest(body=body, headers=dict(headers), mode="http")
    except Exception as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    return await app.async_dispatch(request)


async def listen(app: AsyncApp, app_token: str) -> None:
    """Socket Mode, until cancelled. slack_sdk connects again when Slack asks for that or the line breaks."""
    handler = AsyncSocketModeHandler(app, app_token, logger=bolt_log, ping_interval=PING)
    try:
        await handler.connect_async()  # type: ignore[no-untyped-call]
        await asyncio.Event().wait()
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
