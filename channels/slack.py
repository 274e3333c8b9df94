"""Slack, where coordinators are: cards and alerts go there, buttons and forms come back. No citizen is there.

Nothing of Slack's libraries here: they take a second to import, so they are brought in a thread at first use.
"""

import asyncio
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from fastapi import APIRouter
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from channels.base import Channel, Inbound, Outbound, Receive, SendError
from channels.slack_card import Form, Post
from channels.slack_http import webhooks
from config.settings import FromEnvironment

if TYPE_CHECKING:
    from channels.slack_api import Api

log = logging.getLogger(__name__)
ASIDES_LAST = timedelta(minutes=30)
"""then a word to one person is stale, and Slack does not take it any more"""


class SlackSettings(FromEnvironment):
    """`SLACK_…`, as docs/operate.md explains them."""

    model_config = SettingsConfigDict(env_prefix="SLACK_", hide_input_in_errors=True)

    bot_token: SecretStr | None = None
    app_token: SecretStr | None = None
    """for Socket Mode, where Slack need not reach us"""
    signing_secret: SecretStr | None = None
    """for HTTP, where it does"""
    channel: str = ""
    """id of the Slack channel that the cards go to"""
    alerts: str = ""
    """id of the one that is told of what is due and overdue; empty: the same"""
    coordinator: str = "VDAA"
    """code of the coordinating institution whose questions they are"""
    language: Literal["lv", "en"] = "lv"
    api_base: str = "https://slack.com/api/"
    rate: float = Field(1.0, gt=0)
    """messages a second"""

    def missing(self) -> str:
        """Why there is no Slack, in one line; empty where there is."""
        token, app_token = _plain(self.bot_token), _plain(self.app_token)
        if not token:
            return "SLACK_BOT_TOKEN is not set"
        if not re.fullmatch(r"xoxb-[\w-]+", token, re.ASCII):
            return "SLACK_BOT_TOKEN is not a bot's token (xoxb-…)"
        if app_token and not re.fullmatch(r"xapp-[\w-]+", app_token, re.ASCII):
            return "SLACK_APP_TOKEN is not an app's token (xapp-…)"
        if not app_token and not _plain(self.signing_secret):
            return "neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set"
        for name, value in (("CHANNEL", self.channel), ("ALERTS", self.alerts or self.channel)):
            if not re.fullmatch(r"[CGD][A-Z0-9]{2,20}", value, re.ASCII):
                return f"SLACK_{name} is not the id of a channel (C…)"
        return ""


class Slack(Channel):
    """One workspace. Raises ValueError with the reason where the settings do not suffice."""

    name: ClassVar[str] = "slack"
    buttons: ClassVar[bool] = True
    looks: ClassVar[bool] = True
    concurrency: ClassVar[int] = 4
    largest: ClassVar[int] = 1024 * 1024

    def __init__(self, settings: SlackSettings) -> None:
        if reason := settings.missing():
            raise ValueError(reason)
        self.settings = settings
        self.rate = settings.rate
        self._opening = asyncio.Lock()
        self._api: Api | None = None

    async def open(self) -> None:
        """Loads what is needed, so that nobody who presses a button has to wait for that."""
        await self._opened()

    async def send(self, message: Outbound) -> str:
        post, api = as_post(message), await self._opened()
        if post.nothing:
            return ""
        if post.aside:
            await self._aside(api, post)
            return ""
        if post.replaces:
            await api.update(post)
            return post.replaces
        return await api.post(post)

    async def sent_before(self, message: Outbound) -> str:
        post = as_post(message)
        if post.nothing or post.aside or post.replaces:  # shown twice, it looks the same
            return ""
        return await (await self._opened()).find(post)

    async def ask(self, trigger: str, form: Form) -> None:
        """Opens the form for who pressed the button within the last three seconds. Raises SendError."""
        await (await self._opened()).open(trigger, form)

    def parse(self, raw: bytes) -> list[Inbound]:
        """Nothing that anybody does in Slack is a citizen's; see slack_parse."""
        return []

    async def listen(self, receive: Receive) -> None:
        if self.settings.app_token is None:
            return
        api = await self._opened()
        from channels.slack_receive import listen, receiver

        await listen(receiver(api.client, receive), _plain(self.settings.app_token))

    def router(self, receive: Receive) -> APIRouter | None:
        secret = _plain(self.settings.signing_secret).encode()
        if not secret:
            return None
        made: list[Any] = []

        async def hand(body: str, headers: Mapping[str, str]) -> tuple[int, str, str]:
            api = await self._opened()
            from channels.slack_receive import handed_in, receiver

            if not made:
                made.append(receiver(api.client, receive))
            answer = await handed_in(made[0], body, headers)
            return answer.status, answer.body, answer.headers.get("content-type", [""])[0]

        return webhooks(secret, hand)

    async def _aside(self, api: "Api", post: Post) -> None:
        """Best effort: the card shows what happened in any case."""
        if post.since and datetime.now(UTC) - post.since > ASIDES_LAST:
            log.info("slack: a word to one person came too late and was not sent")
            return
        try:
            await api.aside(post)
        except SendError as error:
            if not error.permanent:
                raise
            log.info("slack: a word to one person was not taken: %s", error)

    async def _opened(self) -> "Api":
        async with self._opening:
            if self._api is None:
                self._api = await asyncio.to_thread(_open, self.settings)
        return self._api


def as_post(message: Outbound) -> Post:
    if isinstance(message, Post):
        return message
    return Post(message.id, message.conversation, message.text)


def _open(settings: SlackSettings) -> "Api":
    import channels.slack_receive  # noqa: F401 - it takes longest of all
    from channels.slack_api import Api

    base = settings.api_base.rstrip("/") + "/"
    return Api(_plain(settings.bot_token), base)


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
