"""The web chat as a channel: the page fetches what we say, sending has nothing to do, parsing reads our own words."""

import json
from typing import Any

import pytest

from channels.base import Channel, Kind, Outbound, ParseError
from channels.webchat import WebChat
from tests.channels.contract import CHOICES, LONG_TEXT, ChannelContract, Citizen

SAID = {
    "conversation": "c0ffee",
    "id": "11111111-aaaa",
    "kind": "text",
    "text": "Kā deklarēt dzīvesvietu?",
    "language": "lv",
    "audience": "resident",
}
PRESSED = {"conversation": "c0ffee", "id": "22222222-bbbb", "kind": "choice", "choice": "s:LV-2026-000001:0"}


class Page:
    """A citizen's page; nothing is pushed to it."""

    address = "c0ffee"

    def texts(self) -> list[str]:
        return []

    def buttons(self) -> list[Any]:
        return []

    def refuse_next(self) -> None:
        """There is nobody who could refuse."""


class TestWebChat(ChannelContract):
    @pytest.fixture
    def citizen(self) -> Citizen:
        return Page()

    @pytest.fixture
    def channel(self) -> Channel:
        return WebChat()

    @pytest.fixture
    def parser(self) -> Channel:
        return WebChat()

    @pytest.fixture
    def payloads(self) -> list[bytes]:
        return [json.dumps(said).encode() for said in (SAID, PRESSED)]

    async def test_a_message_arrives_and_has_an_id(self, channel: Channel, citizen: Citizen) -> None:
        """Stored is delivered: only the id is left to be told."""
        assert channel.pulled
        assert await channel.send(Outbound("7", citizen.address, "Labdien!")) == "7"

    async def test_a_long_text_arrives_whole(self, channel: Channel, citizen: Citizen) -> None:
        assert await channel.send(Outbound("8", citizen.address, LONG_TEXT)) == "8"

    async def test_choices_reach_the_citizen(self, channel: Channel, citizen: Citizen) -> None:
        assert channel.buttons
        assert await channel.send(Outbound("9", citizen.address, "Vai palīdzēja?", choices=CHOICES)) == "9"

    async def test_what_is_not_taken_is_told_as_an_error(self, channel: Channel, citizen: Citizen) -> None:
        """Nobody can refuse it, and sending it twice shows it once."""
        assert channel.repeatable
        assert {await channel.send(Outbound("9", citizen.address, "Labdien!")) for _ in "12"} == {"9"}


def test_a_text_becomes_the_citizens_words() -> None:
    (said,) = WebChat().parse(json.dumps(SAID).encode())
    assert (said.kind, said.text, said.conversation) == (Kind.TEXT, "Kā deklarēt dzīvesvietu?", "c0ffee")
    assert said.external_id == "c0ffee:11111111-aaaa"
    assert (said.language, said.audience) == ("lv", "resident")


def test_a_pressed_button_becomes_a_choice() -> None:
    (pressed,) = WebChat().parse(json.dumps(PRESSED).encode())
    assert (pressed.kind, pressed.choice, pressed.text) == (Kind.CHOICE, "s:LV-2026-000001:0", "")


@pytest.mark.parametrize(
    "spoilt",
    [
        {"kind": "shout"},
        {"kind": None},
        {"conversation": ""},
        {"id": ""},
        {"text": ""},
        {"text": 5},
        {"language": ["lv"]},
    ],
)
def test_what_we_did_not_write_is_refused(spoilt: dict[str, Any]) -> None:
    with pytest.raises(ParseError):
        WebChat().parse(json.dumps(SAID | spoilt).encode())
