"""Slack's Web API by slack_sdk, with its refusals in our words. Takes a while to import: see slack.py."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from channels.base import SendError
from channels.slack_blocks import MESSAGE, blocks_of, cut, plain, view_of
from channels.slack_card import Form, Post

SECONDS = 15
KIND = "atbilde_post"
"""of the metadata by which a message is found again"""
PAGES = 10
BEFORE = timedelta(minutes=5)
"""Slack's clock may be behind ours by so much"""
PASSING = ("ratelimited", "rate_limited", "service_unavailable", "request_timeout", "team_added_to_org")
PERHAPS_DONE = ("fatal_error", "internal_error")
"""after which, as Slack says, some of it may have been done"""
GONE = ("message_not_found", "cant_update_message", "edit_window_closed")


class Api:
    """Each method raises SendError. Nothing is tried again here: whoever calls knows whether that may be done."""

    def __init__(self, token: str, base: str) -> None:
        self.client = AsyncWebClient(token=token, base_url=base, timeout=SECONDS, retry_handlers=[])
        parts = urlsplit(base)
        self._hooks = (f"https://hooks.{parts.hostname}/", f"{parts.scheme}://{parts.netloc}/")
        """where an answer to one person may be put; Slack gives the whole address with what is to be answered"""

    async def post(self, post: Post) -> str:
        """Returns `channel/ts`."""
        metadata = {"event_type": KIND, "event_payload": {"id": post.id}}
        sent = await _asked(
            self.client.chat_postMessage(
                channel=post.conversation, metadata=metadata, unfurl_links=False, unfurl_media=False, **_shown(post)
            )
        )
        if not sent.get("ts") or not sent.get("channel"):
            raise SendError("Slack took the message, but did not say where it is", doubtful=True)
        return f"{sent['channel']}/{sent['ts']}"

    async def update(self, post: Post) -> None:
        """What somebody deleted in Slack stays deleted."""
        channel, _, ts = post.replaces.partition("/")
        try:
            await _asked(self.client.chat_update(channel=channel, ts=ts, **_shown(post)))
        except SendError as error:
            if str(error) not in GONE:
                raise

    async def aside(self, post: Post) -> None:
        """To one person, below what he did."""
        if not post.answer_to:
            await _asked(self.client.chat_postEphemeral(channel=post.conversation, user=post.only_to, text=_text(post)))
            return
        if not post.answer_to.startswith(self._hooks):
            raise SendError("an answer would not go to Slack", permanent=True)
        hook = AsyncWebhookClient(post.answer_to, timeout=SECONDS, retry_handlers=[])
        async with _carried():
            answer = await hook.send(text=_text(post), response_type="ephemeral", replace_original=False)
        if answer.status_code != 200:
            raise _refused(answer.status_code, str(answer.body)[:200], dict(answer.headers))

    async def find(self, post: Post) -> str:
        """`channel/ts` of the message that an earlier try left there; empty where there is none.

        Raises SendError, doubtful where Slack does not let us look.
        """
        if post.since is None:
            raise SendError("it is not known since when to look", doubtful=True)
        cursor = ""
        for _ in range(PAGES):
            page = await self._history(post.conversation, post.since - BEFORE, cursor)
            for message in page.get("messages", []):
                metadata = message.get("metadata") or {}
                payload = metadata.get("event_payload") or {}
                if metadata.get("event_type") == KIND and payload.get("id") == post.id:
                    return f"{post.conversation}/{message['ts']}"
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return ""
        raise SendError("there are too many messages to find it among", doubtful=True)

    async def open(self, trigger: str, form: Form) -> None:
        await _asked(self.client.views_open(trigger_id=trigger, view=view_of(form)))

    async def _history(self, channel: str, since: datetime, cursor: str) -> dict[str, Any]:
        try:
            return await _asked(
                self.client.conversations_history(
                    channel=channel,
                    oldest=f"{since.timestamp():.6f}",
                    include_all_metadata=True,
                    limit=200,
                    cursor=cursor or None,
                )
            )
        except SendError as error:
            if not error.permanent:  # looking can be tried again
                raise SendError(str(error), retry_after=error.retry_after) from error
            raise SendError(f"it may have been posted, and we may not look: {error}", doubtful=True) from error


def _shown(post: Post) -> dict[str, Any]:
    return {"text": _text(post), "blocks": blocks_of(post.card)} if post.card else {"text": _text(post)}


def _text(post: Post) -> str:
    return cut(plain(post.text), MESSAGE)


async def _asked(call: Awaitable[Any]) -> dict[str, Any]:
    async with _carried():
        try:
            answer: dict[str, Any] = (await call).data
            return answer
        except SlackApiError as error:
            response = error.response
            data = getattr(response, "data", None)
            reason = data.get("error", "") if isinstance(data, dict) else ""
            status = getattr(response, "status_code", None) or getattr(response, "status", 0)
            raise _refused(int(status or 0), str(reason), dict(getattr(response, "headers", None) or {})) from error


@asynccontextmanager
async def _carried() -> AsyncIterator[None]:
    """What goes wrong on the line."""
    try:
        yield
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise SendError(f"Slack cannot be reached: {type(error).__name__}") from error
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise SendError(f"the line to Slack broke: {type(error).__name__}", doubtful=True) from error


def _refused(status: int, reason: str, headers: dict[str, str]) -> SendError:
    wait = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    after = float(wait) if wait.isdigit() else None
    if status == 429 or reason in PASSING:
        return SendError(reason or "too many messages", retry_after=after or (1.0 if status == 429 else None))
    if reason in PERHAPS_DONE or (status >= 500 and not reason):
        return SendError(reason or f"Slack answered {status}", doubtful=True)
    return SendError(reason or f"Slack answered {status}", permanent=True)
