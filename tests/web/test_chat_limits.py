"""What the chat does not take: bad frames, too much, too often, from the wrong place."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import orjson
import pytest
from websockets.exceptions import ConnectionClosed

from tests.web.chat_house import Chat, ChatHouse, texts
from web import chat_house, chat_socket


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ChatHouse]:
    with ChatHouse(tmp_path).open() as house:
        yield house


@pytest.fixture(scope="module")
def busy_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatHouse]:
    """One for many tests, each of which brings a visitor of its own."""
    with ChatHouse(tmp_path_factory.mktemp("busy")).open() as house:
        yield house


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "no json",
        "[]",
        "null",
        '"say"',
        "{}",
        "[" * 10_000,
        b"\x00\x01",
        b'{"type":"ping"}',
        {"type": "shout", "id": "11111111"},
        {"type": ["say"], "id": "11111111"},
        {"type": "say", "id": "11111111"},
        {"type": "say", "id": "short", "text": "a"},
        {"type": "say", "id": "a" * 65, "text": "a"},
        {"type": "say", "id": "ļļļļļļļļ", "text": "a"},
        {"type": "say", "id": 12345678, "text": "a"},
        {"type": "say", "id": "11111111", "text": 5},
        {"type": "say", "id": "11111111", "text": " \n\t "},
        {"type": "say", "id": "11111111", "text": "\u0000\u200b\u202e"},
        {"type": "say", "id": "11111111", "text": "ā" * 4001},
        '{"type":"say","id":"11111111","text":"\\ud800"}',
        {"type": "choose", "id": "11111111"},
        {"type": "choose", "id": "11111111", "value": ""},
        {"type": "choose", "id": "11111111", "value": "a" * 201},
        {"type": "choose", "id": "11111111", "value": "a\u0000"},
        {"type": "hello", "token": None},
    ],
)
def test_a_bad_frame_is_told_and_the_talk_goes_on(busy_house: ChatHouse, frame: object) -> None:
    with busy_house.chat() as alice:
        alice.hello()
        alice.send(frame)
        error = alice.hear("error")
        assert error["title"]
        assert error["detail"]
        if isinstance(frame, dict) and isinstance(frame.get("id"), str):
            assert error["id"] == frame["id"]
        alice.say("Labdien")
        alice.hear("stored")
        assert [m["text"] for m in alice.messages(2)] == ["Labdien", "echo Labdien"]
        assert alice.says_nothing_more()


@pytest.mark.parametrize("hello", [{"last": -1}, {"last": "3"}, {"last": 2**63}, {"last": 1.5}, {"type": "say"}])
def test_a_bad_hello_is_told_and_may_be_said_better(busy_house: ChatHouse, hello: dict[str, object]) -> None:
    with busy_house.chat() as alice:
        alice.send({"type": "hello"} | hello)
        assert "hello" in alice.hear("error")["detail"]
        alice.hello()


def test_a_text_may_have_four_thousand_letters_and_loses_what_cannot_be_seen(house: ChatHouse) -> None:
    with house.chat() as alice:
        alice.hello()
        alice.say("  " + "ā" * 4000 + "\n")
        alice.hear("stored")
        assert alice.messages(2)[0]["text"] == "ā" * 4000
        alice.say("viens\r\ndivi\u0000\u0007\u202e", "22222222")
        alice.hear("stored")
        assert alice.messages(2)[0]["text"] == "viens\ndivi"


def test_too_long_a_text_says_how_long_it_may_be(house: ChatHouse) -> None:
    with house.chat() as alice:
        alice.hello()
        alice.say("ā" * 4001)
        assert "4001" in (detail := alice.hear("error")["detail"])
        assert "4000" in detail


@pytest.mark.parametrize("frame", ["a" * 33_000, b"a" * 33_000, "a" * 70_000])
def test_a_frame_that_is_too_large_ends_the_connection(busy_house: ChatHouse, frame: str | bytes) -> None:
    with busy_house.chat() as alice:
        alice.hello()
        alice.send(frame)
        assert closed_with(alice) == 1009


def test_whoever_writes_too_much_is_told_and_then_closed(tmp_path: Path) -> None:
    with ChatHouse(tmp_path, questions_per_minute=3).open() as house:
        with house.chat() as alice:
            alice.hello()
            for number in range(30):
                alice.say("x", f"client-{number:02}")
            kinds, code = rest_of(alice)
        assert code == 1008
        assert kinds.count("stored") == 3
        assert kinds.count("error") == chat_socket.REFUSALS
        assert [text for text in texts(house) if text == "x"] == ["x"] * 3


def test_a_flood_of_frames_ends_the_connection(house: ChatHouse) -> None:
    with house.chat() as alice:
        alice.hello()
        flood = threading.Thread(target=pings, args=(alice,))
        flood.start()
        assert closed_with(alice) == 1008
        flood.join()


def test_one_visitor_has_only_so_many_connections(house: ChatHouse) -> None:
    with ExitStack() as open_chats:
        first, *others, last = [open_chats.enter_context(house.chat()) for _ in range(chat_house.CONNECTIONS + 1)]
        token = first.hello()["token"]
        for alice in others:
            alice.hello(token)
        last.send({"type": "hello", "token": token})
        assert closed_with(last) == 1008
    with house.chat() as later:
        later.hello(token)


def test_a_silent_connection_is_closed(house: ChatHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_socket, "IDLE", 0.1)
    monkeypatch.setattr(chat_socket, "GREETING", 0.1)
    with house.chat() as alice:
        alice.hello()
        assert closed_with(alice) == 1000
    with house.chat() as nobody:
        assert closed_with(nobody) == 1008


@pytest.mark.parametrize(
    ("origins", "origin", "may"),
    [
        ("*", "https://foreign.example", True),
        ("https://ours.example", "https://foreign.example", False),
        ("https://ours.example", "https://ours.example", True),
        ("https://ours.example/, https://b.example", "https://b.example", True),
        ("https://ours.example", "https://ours.example.evil.example", False),
        ("https://ours.example", "null", False),
        ("", "null", False),
        ("", "same", True),
        ("", None, True),
    ],
)
def test_only_allowed_sites_may_use_the_chat(tmp_path: Path, origins: str, origin: str | None, may: bool) -> None:
    with ChatHouse(tmp_path, widget_origins=origins).open() as house:
        headers = {"Origin": f"http://{house.address}" if origin == "same" else origin} if origin else {}
        if may:
            with house.chat(**headers) as alice:
                alice.hello()
        else:
            upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
            upgrade["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
            assert httpx.get(f"http://{house.address}/chat", headers=headers | upgrade).status_code == 403


def closed_with(chat: Chat) -> int:
    """The code with which our side closes, after whatever else it says."""
    return rest_of(chat)[1]


def rest_of(chat: Chat) -> tuple[list[str], int]:
    """The kinds of all frames until the end, and the code of the end."""
    kinds = []
    while True:
        try:
            kinds.append(orjson.loads(chat.connection.recv(5))["type"])
        except ConnectionClosed as closed:
            return kinds, closed.rcvd.code if closed.rcvd else 0


def pings(chat: Chat) -> None:
    with suppress(ConnectionClosed):
        for _ in range(1000):
            chat.send({"type": "ping"})
