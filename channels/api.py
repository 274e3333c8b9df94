"""The REST API as a channel: mobile apps and other portals ask, and fetch the answers by the ticket's token."""

import json
from typing import Any, ClassVar

from channels.base import Channel, Inbound, Kind, Outbound, ParseError


class Api(Channel):
    name: ClassVar[str] = "api"
    pulled: ClassVar[bool] = True
    repeatable: ClassVar[bool] = True
    buttons: ClassVar[bool] = True

    async def send(self, message: Outbound) -> str:
        """Nothing to push: whoever asked fetches it."""
        return message.id

    def parse(self, raw: bytes) -> list[Inbound]:
        try:
            said: dict[str, Any] = json.loads(raw)
            return [
                Inbound(
                    conversation=said["conversation"],
                    external_id=said["id"],
                    kind=Kind(said["kind"]),
                    text=said.get("text", ""),
                    choice=said.get("choice", ""),
                    name=said.get("contact", ""),
                    language=said.get("language", ""),
                    audience=said.get("audience", ""),
                )
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise ParseError(f"not what the API stores: {error}") from error
