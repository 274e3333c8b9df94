"""Our own web chat. The page fetches what we say by itself, so nothing is ever pushed to it from here."""

import json
from typing import Any, ClassVar

from channels.base import Channel, Inbound, Kind, Outbound, ParseError

KINDS = {"text": Kind.TEXT, "choice": Kind.CHOICE}


class WebChat(Channel):
    name: ClassVar[str] = "webchat"
    pulled: ClassVar[bool] = True
    repeatable: ClassVar[bool] = True
    buttons: ClassVar[bool] = True

    async def send(self, message: Outbound) -> str:
        """Stored is delivered: there is nothing left to do."""
        return message.id

    def parse(self, raw: bytes) -> list[Inbound]:
        try:
            said = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"no JSON: {error}") from error
        if not isinstance(said, dict):
            raise ParseError("no JSON object")
        return [_inbound(said)]


def _inbound(said: dict[str, Any]) -> Inbound:
    kind = KINDS.get(_text(said, "kind"))
    conversation, client_id = _text(said, "conversation"), _text(said, "id")
    if kind is None or not conversation or not client_id:
        raise ParseError("kind, conversation or id is missing or unknown")
    what = "choice" if kind is Kind.CHOICE else "text"
    if not _text(said, what):
        raise ParseError(f"{what} is missing")
    return Inbound(
        conversation=conversation,
        external_id=f"{conversation}:{client_id}",
        kind=kind,
        text=_text(said, "text") if kind is Kind.TEXT else "",
        choice=_text(said, "choice") if kind is Kind.CHOICE else "",
        language=_text(said, "language"),
        audience=_text(said, "audience"),
    )


def _text(said: dict[str, Any], key: str) -> str:
    value = said.get(key) or ""
    if not isinstance(value, str):
        raise ParseError(f"{key} is no text")
    return value
