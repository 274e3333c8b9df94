"""The chat over a WebSocket: stored once, told once, in order, and nobody hears another's talk."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.web.chat_house import ChatHouse, texts, visitors
from web import ears


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ChatHouse]:
    with ChatHouse(tmp_path).open() as house:
        yield house


@pytest.fixture(scope="module")
def busy_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatHouse]:
    """One for many tests, each of which brings a visitor of its own."""
    with ChatHouse(tmp_path_factory.mktemp("busy")).open() as house:
        yield house


def test_a_new_visitor_is_welcomed_with_a_token(house: ChatHouse) -> None:
    with house.chat() as alice:
        welcome = alice.hello()
    assert welcome["messages"] == []
    assert len(house.signing.read("visitor", welcome["token"]) or "") == 32
    assert visitors(house) == []


def test_what_is_said_is_stored_then_told_then_answered(house: ChatHouse) -> None:
    with house.chat() as alice:
        alice.hello()
        alice.say("Kā deklarēt dzīvesvietu?", "aaaa-1111")
        assert alice.hear("stored")["id"] == "aaaa-1111"
        own, answer = alice.messages(2)
    assert (own["direction"], own["client_id"], own["author"]) == ("in", "aaaa-1111", "citizen")
    assert (answer["direction"], answer["text"]) == ("out", "echo Kā deklarēt dzīvesvietu?")
    assert answer["choices"] == [{"value": "h:yes", "label": "Jā"}, {"value": "h:no", "label": "Nē"}]
    assert answer["ticket"].startswith("LV-")
    assert own["id"] < answer["id"]


def test_the_same_id_is_stored_once_however_often_it_is_sent(house: ChatHouse) -> None:
    with house.chat() as alice:
        token = alice.hello()["token"]
        alice.say("Labdien")
        alice.hear("stored")
        alice.messages(2)
        alice.say("Labdien")
        assert alice.hear("stored")["id"] == "11111111"
        assert alice.says_nothing_more()
    with house.chat() as again:
        again.hello(token, last=2)
        again.say("Labdien")
        assert again.hear("stored")["id"] == "11111111"
        assert again.says_nothing_more()
    assert texts(house) == ["Labdien", "echo Labdien"]


def test_messages_come_in_order_and_once(house: ChatHouse) -> None:
    with house.chat() as alice:
        alice.hello()
        for number in range(20):
            alice.say(f"{number}", f"client-{number:02}")
        frames = [orjson.loads(alice.connection.recv(5)) for _ in range(60)]
        assert alice.says_nothing_more()
    ids = [frame["message"]["id"] for frame in frames if frame["type"] == "message"]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids) == 40
    assert [text for text in texts(house) if "echo" not in text] == [str(number) for number in range(20)]


def test_whoever_comes_back_gets_what_is_newer(house: ChatHouse) -> None:
    with house.chat() as alice:
        token = alice.hello()["token"]
        alice.say("pirmais", "11111111")
        alice.hear("stored")
        first = alice.messages(2)
        alice.say("otrais", "22222222")
        alice.hear("stored")
        alice.messages(2)
    with house.chat() as again:
        assert [m["text"] for m in again.hello(token, last=first[-1]["id"])["messages"]] == ["otrais", "echo otrais"]
    with house.chat() as reloaded:
        assert len(reloaded.hello(token)["messages"]) == 4


@pytest.mark.parametrize("token", ["", "x", 7, ["a"], {"a": 1}, "ee" * 16, "ee" * 16 + "~AAAA", "a" * 10_000])
def test_a_token_that_we_did_not_make_opens_no_talk(busy_house: ChatHouse, token: object) -> None:
    busy_house.person_says("ee" * 16, "tikai Alisei")
    with busy_house.chat() as mallory:
        welcome = mallory.hello(token)
    assert welcome["messages"] == []
    assert busy_house.signing.read("visitor", welcome["token"]) != "ee" * 16


def test_a_token_for_another_purpose_opens_no_talk(house: ChatHouse) -> None:
    house.person_says("ee" * 16, "tikai Alisei")
    with house.chat() as mallory:
        assert mallory.hello(house.token("ee" * 16, "ticket"))["messages"] == []


def test_what_alice_says_never_reaches_bob(house: ChatHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ears, "LOOK_EVERY", 0.05)
    with house.chat() as alice, house.chat() as bob, house.chat() as also_alice:
        token = alice.hello()["token"]
        bob.hello()
        also_alice.hello(token)
        bob.say("Boba vārdi")
        bob.hear("stored")
        assert [m["text"] for m in bob.messages(2)] == ["Boba vārdi", "echo Boba vārdi"]
        alice.say("Alises vārdi")
        alice.hear("stored")
        assert [m["text"] for m in alice.messages(2)] == ["Alises vārdi", "echo Alises vārdi"]
        assert bob.says_nothing_more()
        house.person_says(house.signing.read("visitor", token) or "", "Alisei no cilvēka")
        assert alice.messages(1)[0]["text"] == "Alisei no cilvēka"
        assert bob.says_nothing_more()
        assert [m["text"] for m in also_alice.messages(3)][-1] == "Alisei no cilvēka"


def test_what_another_process_stores_arrives(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ears, "LOOK_EVERY", 0.05)
    with ChatHouse(tmp_path, database_url=database_url).open() as house, house.chat() as alice:
        visitor = house.signing.read("visitor", alice.hello()["token"]) or ""
        house.person_says(visitor, "pirmā atbilde, pirms mēs viņu pazinām")
        assert alice.messages(1)[0]["text"].startswith("pirmā")
        house.person_says(visitor, "otrā")
        assert alice.messages(1)[0]["text"] == "otrā"
        alice.say("paldies")
        alice.hear("stored")
        assert [m["text"] for m in alice.messages(2)] == ["paldies", "echo paldies"]


def test_a_pressed_button_is_remembered(house: ChatHouse) -> None:
    with house.chat() as alice:
        token = alice.hello()["token"]
        alice.say("Labdien")
        alice.hear("stored")
        assert alice.messages(2)[1]["chosen"] is None
        alice.send({"type": "choose", "id": "22222222", "value": "h:no"})
        alice.hear("stored")
        assert alice.messages(1)[0]["text"] == "chose h:no"
    with house.chat() as again:
        assert [m["chosen"] for m in again.hello(token)["messages"]] == [None, "h:no", None]


def test_what_could_not_be_stored_is_said_so_and_may_be_sent_again(house: ChatHouse) -> None:
    house.fail = 1
    with house.chat() as alice:
        alice.hello()
        alice.say("Labdien")
        error = alice.hear("error")
        assert (error["id"], error["status"]) == ("11111111", 503)
        assert "disk" not in error["detail"]
        alice.say("Labdien")
        alice.hear("stored")
    assert texts(house) == ["Labdien", "echo Labdien"]


def test_a_message_whose_sender_hangs_up_at_once_is_still_stored(house: ChatHouse) -> None:
    with house.chat() as alice:
        token = alice.hello()["token"]
        alice.say("Labdien")
    with house.chat() as again:
        again.hello(token)
        again.say("Labdien")
        again.hear("stored")
    assert texts(house) == ["Labdien", "echo Labdien"]
