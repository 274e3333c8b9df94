"""Which channels are on: named in settings; one that lacks its settings says so and stays off."""

from collections.abc import Callable, Collection

import structlog

from channels.api import Api
from channels.base import Channel, Opened
from channels.email import Email
from channels.mail.identity import identity, sender
from channels.mail.opened import opened
from channels.mail.settings import EmailSettings
from channels.slack import Slack, SlackSettings
from channels.telegram import Telegram, TelegramSettings
from channels.webchat import WebChat
from config.settings import Settings

log = structlog.get_logger()
LARGEST_LETTER = Email.largest
"""bytes"""


def make_channels(settings: Settings, key: bytes) -> dict[str, Channel]:
    """The channels that are on, by name; `key` signs what letters are known by.

    Raises ValueError for a name that no channel has.
    """
    made = {name: _make(name, settings, key) for name in settings.channel_names}
    return {name: channel for name, channel in made.items() if channel is not None}


def make_slack() -> Slack | None:
    """Where coordinators may be besides the desk. It is no channel of citizens, so CHANNELS does not name it."""
    own = SlackSettings()
    if reason := own.missing():
        log.info("Slack is off", reason=reason)
        return None
    return Slack(own)


def why_off(settings: Settings, on: Collection[str]) -> dict[str, str]:
    """Of every channel that there is, by name: why it is off, in one line; empty where it is on."""
    return {
        name: "" if name in on else reason() or f"CHANNELS={settings.channels}" for name, (reason, _) in MAKERS.items()
    } | {"slack": SlackSettings().missing()}


def letters_are_approved() -> bool:
    """Whether a coordinator looks at an institution's letter before the citizen has it."""
    return EmailSettings().answers == "approved"


def open_letter(raw: bytes) -> Opened:
    """A letter as people look at it, also while its channel is off."""
    return opened(raw)


def known_by(raw: bytes) -> tuple[str, str]:
    """The id and the conversation under which its channel hands a raw letter in."""
    return identity(raw), sender(raw)


def _make(name: str, settings: Settings, key: bytes) -> Channel | None:
    if name not in MAKERS:
        raise ValueError(f"CHANNELS names {name!r}, which is no channel")
    reason, make = MAKERS[name]
    if why := reason():
        log.info("channel is off", channel=name, reason=why)
        return None
    return make(settings, key)


def _telegram(settings: Settings, _key: bytes) -> Telegram:
    return Telegram(TelegramSettings(), f"{settings.link_base}/channels/telegram")


def _email(settings: Settings, key: bytes) -> Email:
    own = EmailSettings(maildir=settings.data_dir / "mail")
    if own.smtp is None:
        log.warning("letters are not sent, only put into a folder: EMAIL_SMTP_URL is not set", folder=str(own.maildir))
    if own.newcomers:
        log.info("letters can be handed in on this machine, by SMTP", at=own.smtp_listen, to=own.address)
    return Email(own, key)


def _never() -> str:
    return ""


MAKERS: dict[str, tuple[Callable[[], str], Callable[[Settings, bytes], Channel]]] = {
    "webchat": (_never, lambda _settings, _key: WebChat()),
    "api": (_never, lambda _settings, _key: Api()),
    "telegram": (lambda: TelegramSettings().missing(), _telegram),
    "email": (lambda: EmailSettings().missing(), _email),
}
"""by name: why it cannot be on, empty where it can; and how it is made of the settings and the key that signs"""
