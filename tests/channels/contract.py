"""What every channel must do. Subclass it, name the class `Test…`, and override what raises NotImplementedError."""

import json
from typing import Any, Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.base import Channel, Choice, Inbound, Kind, Outbound, ParseError, SendError

LONG_TEXT = "\n\n".join(f"{n}. Šķūņa jumta ķieģeļi žūst ēnā 🏠 līdz pat rītam." * 5 for n in range(1, 60))
CHOICES = (Choice("yes", "Jā"), Choice("no", "Nē, man vajag ko citu"))

# Inherited tests run in several classes, and the channel is the same for all examples: parse is pure.
SHARED = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


class Citizen(Protocol):
    """The other end of the line."""

    address: str
    """where the citizen can be reached: `Outbound.conversation`"""

    def texts(self) -> list[str]:
        """What the citizen was shown, in order."""

    def buttons(self) -> list[Choice]:
        """The buttons under the last message."""

    def refuse_next(self) -> None:
        """The provider will not take the next message."""


class ChannelContract:
    @pytest.fixture
    def citizen(self) -> Citizen:
        raise NotImplementedError

    @pytest.fixture
    def channel(self) -> Channel:
        """Talks to `citizen`."""
        raise NotImplementedError

    @pytest.fixture
    def payloads(self) -> list[bytes]:
        """Payloads as the provider sends them, of every kind the channel knows."""
        raise NotImplementedError

    @pytest.fixture
    def parser(self) -> Channel:
        """The channel without its provider: `parse` needs none."""
        raise NotImplementedError

    def test_it_has_a_name(self, parser: Channel) -> None:
        assert parser.name.isidentifier()
        assert parser.name == parser.name.lower()

    def test_its_payloads_are_understood(self, parser: Channel, payloads: list[bytes]) -> None:
        assert payloads
        for payload in payloads:
            for inbound in parser.parse(payload):
                assert inbound.conversation
                assert inbound.external_id
                assert inbound.at is None or inbound.at.tzinfo
                assert (inbound.kind is Kind.CHOICE) <= bool(inbound.choice)

    def test_the_same_payload_always_means_the_same(self, parser: Channel, payloads: list[bytes]) -> None:
        for payload in payloads:
            assert parser.parse(payload) == parser.parse(bytes(payload))

    @SHARED
    @given(raw=st.binary(max_size=200) | JSON_VALUES.map(lambda value: json.dumps(value).encode()))
    def test_it_parses_whatever_bytes_arrive_or_says_that_it_cannot(self, parser: Channel, raw: bytes) -> None:
        assert_parsed_or_refused(parser, raw)

    @SHARED
    @given(data=st.data())
    def test_a_payload_with_a_part_gone_wrong_is_parsed_or_refused(
        self, parser: Channel, payloads: list[bytes], data: st.DataObject
    ) -> None:
        payload = data.draw(st.sampled_from(payloads))
        try:
            content = json.loads(payload)
        except ValueError:
            at = data.draw(st.integers(0, len(payload)))
            raw = payload[:at] + data.draw(st.binary(max_size=8)) + payload[at + 1 :]
        else:
            spoil(content, data)
            raw = json.dumps(content).encode()
        assert_parsed_or_refused(parser, raw)

    async def test_a_message_arrives_and_has_an_id(self, channel: Channel, citizen: Citizen) -> None:
        sent = await channel.send(Outbound("1", citizen.address, "Labdien! Čau, žņaudzējčūska."))
        assert sent
        assert citizen.texts() == ["Labdien! Čau, žņaudzējčūska."]

    async def test_a_long_text_arrives_whole(self, channel: Channel, citizen: Citizen) -> None:
        await channel.send(Outbound("1", citizen.address, LONG_TEXT))
        assert " ".join(citizen.texts()).split() == LONG_TEXT.split()

    async def test_choices_reach_the_citizen(self, channel: Channel, citizen: Citizen) -> None:
        await channel.send(Outbound("1", citizen.address, "Vai palīdzēja?", choices=CHOICES))
        if channel.buttons:
            assert citizen.buttons() == list(CHOICES)
        else:
            assert "1. Jā\n2. Nē, man vajag ko citu" in citizen.texts()[-1]

    async def test_what_is_not_taken_is_told_as_an_error(self, channel: Channel, citizen: Citizen) -> None:
        citizen.refuse_next()
        with pytest.raises(SendError):
            await channel.send(Outbound("1", citizen.address, "Labdien!"))


def assert_parsed_or_refused(parser: Channel, raw: bytes) -> None:
    try:
        found = parser.parse(raw)
    except ParseError:
        return
    assert all(isinstance(inbound, Inbound) for inbound in found)


def spoil(content: Any, data: st.DataObject) -> None:
    """Replaces or removes one value somewhere in the depth."""
    while isinstance(content, dict | list) and content:
        keys = sorted(content) if isinstance(content, dict) else range(len(content))
        key = data.draw(st.sampled_from(list(keys)))
        inner = content[key]
        if not (isinstance(inner, dict | list) and inner) or data.draw(st.booleans()):
            if data.draw(st.booleans()):
                del content[key]
            else:
                content[key] = data.draw(JSON_VALUES)
            return
        content = inner
