"""Which channels are on: named in settings; one that lacks its settings says so and stays off."""

import structlog

from channels.api import Api
from channels.base import Channel
from channels.telegram import Telegram, TelegramSettings
from channels.webchat import WebChat
from config.settings import Settings

log = structlog.get_logger()


def make_channels(settings: Settings) -> dict[str, Channel]:
    """The channels that are on, by name. Raises ValueError for a name that no channel has."""
    made = {name: _make(name, settings) for name in settings.channel_names}
    return {name: channel for name, channel in made.items() if channel is not None}


def _make(name: str, settings: Settings) -> Channel | None:
    if name == "api":
        return Api()
    if name == "webchat":
        return WebChat()
    if name == "telegram":
        own = TelegramSettings()
        if reason := own.missing():
            log.info("channel is off", channel=name, reason=reason)
            return None
        return Telegram(own, f"{settings.link_base}/channels/telegram")
    raise ValueError(f"CHANNELS names {name!r}, which is no channel")
