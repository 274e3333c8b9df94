"""The chat over plain HTTP: the same talk, asked for by long polling."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.web.chat_house import ChatHouse, texts
from web import ears


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ChatHouse]:
    with ChatHouse(tmp_path).open() as house:
        yield house


class Visitor:
    def __init__(self, house: ChatHouse, token: str | None = None) -> None:
        self.http = httpx.Client(base_url=f"http://{house.address}")
        self.token = self.http.post("/chat/session", json={"token": token}).json()["token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def say(self, text: str, client_id: str = "11111111") -> httpx.Response:
        return self.http.post("/chat/messages", json={"id": client_id, "text": text})

    def hears(self, after: int = 0, wait: float = 0) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get("/chat/messages", params={"after": after, "wait": wait}).json()[
            "messages"
        ]
        return found


@pytest.fixture
def alice(house: ChatHouse) -> Iterator[Visitor]:
    visitor = Visitor(house)
    with closing(visitor.http):
        yield visitor


def test_a_message_is_stored_and_answered(alice: Visitor) -> None:
    answer = alice.say("Labdien")
    assert (answer.status_code, answer.json()) == (201, {"stored": "11111111"})
    own, reply = alice.hears()
    assert (own["client_id"], own["text"]) == ("11111111", "Labdien")
    assert reply["text"] == "echo Labdien"
    assert [m["text"] for m in alice.hears(after=own["id"])] == ["echo Labdien"]


def test_the_same_id_is_stored_once(house: ChatHouse, alice: Visitor) -> None:
    assert [alice.say("Labdien").json() for _ in range(3)] == [{"stored": "11111111"}] * 3
    assert texts(house) == ["Labdien", "echo Labdien"]


def test_a_button_is_pressed_by_its_value(alice: Visitor) -> None:
    alice.say("value")
    alice.http.post("/chat/messages", json={"id": "22222222", "value": "h:yes"})
    assert [m["text"] for m in alice.hears()] == ["value", "echo value", "chose h:yes"]


def test_a_token_of_ours_is_kept_and_another_is_replaced(house: ChatHouse, alice: Visitor) -> None:
    alice.say("Labdien")
    with closing(Visitor(house, alice.token).http) as same, closing(Visitor(house, f"{alice.token}x").http) as other:
        assert len(same.get("/chat/messages").json()["messages"]) == 2
        assert other.get("/chat/messages").json() == {"messages": []}


def test_whoever_waits_hears_as_soon_as_something_is_said(alice: Visitor, house: ChatHouse) -> None:
    alice.say("Labdien")
    last = alice.hears()[-1]["id"]
    with closing(Visitor(house, alice.token).http) as waiting:
        heard: list[Any] = []
        ask = threading.Thread(
            target=lambda: heard.append(waiting.get("/chat/messages", params={"after": last, "wait": 20}).json())
        )
        ask.start()
        alice.say("Vēl kas", "22222222")
        ask.join(10)
    assert heard[0]["messages"][0]["text"] == "Vēl kas"


def test_whoever_waits_hears_what_another_process_stores(
    alice: Visitor, house: ChatHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ears, "LOOK_EVERY", 0.05)
    visitor = house.signing.read("visitor", alice.token) or ""
    later = threading.Timer(0.2, house.person_says, (visitor, "Cilvēka atbilde"))
    later.start()
    assert [m["text"] for m in alice.hears(wait=10)] == ["Cilvēka atbilde"]
    later.join()


def test_a_wait_in_vain_ends_empty(alice: Visitor) -> None:
    assert alice.hears(wait=0.1) == []


def test_the_talk_is_the_same_by_socket_and_by_http(house: ChatHouse, alice: Visitor) -> None:
    with house.chat() as socket:
        socket.hello(alice.token)
        alice.say("pa HTTP")
        assert [m["text"] for m in socket.messages(2)] == ["pa HTTP", "echo pa HTTP"]
        socket.say("pa ligzdu", "22222222")
        socket.hear("stored")
    assert [m["text"] for m in alice.hears()][2:] == ["pa ligzdu", "echo pa ligzdu"]


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer x", "Basic abc", "Bearer " + "ee" * 16])
def test_without_a_token_of_ours_nothing_is_said_or_heard(house: ChatHouse, token: str) -> None:
    with httpx.Client(base_url=f"http://{house.address}", headers={"Authorization": token}) as http:
        for answer in (http.get("/chat/messages"), http.post("/chat/messages", json={"id": "11111111", "text": "a"})):
            assert answer.status_code == 401
            assert answer.headers["content-type"] == "application/problem+json"
    assert texts(house) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"x", 400),
        (b"7", 400),
        (b"null", 400),
        (b'{"id":"11111111","text":"\xff"}', 400),
        (b"{}", 422),
        (b"[]", 422),
        (b'{"id":"11111111"}', 422),
        (b'{"id":"1","text":"a"}', 422),
        (b'{"id":"11111111","text":" "}', 422),
        (b'{"id":"11111111","value":7}', 422),
        (b'{"id":"11111111","text":"' + b"a" * 4001 + b'"}', 422),
        (b'{"id":"11111111","text":"' + b"a" * 40_000 + b'"}', 413),
    ],
)
def test_a_bad_message_is_told_what_is_wrong(alice: Visitor, body: bytes, status: int) -> None:
    answer = alice.http.post("/chat/messages", content=body)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert alice.hears() == []


@pytest.mark.parametrize("body", [b"x", b"[]", b'{"token":5}'])
def test_a_bad_beginning_is_told_what_is_wrong(house: ChatHouse, body: bytes) -> None:
    assert httpx.post(f"http://{house.address}/chat/session", content=body).status_code == 422


@pytest.mark.parametrize("query", ["after=-1", "after=x", "wait=-1", "wait=nan", "wait=1e9"])
def test_a_bad_question_for_messages_is_told_what_is_wrong(alice: Visitor, query: str) -> None:
    assert alice.http.get(f"/chat/messages?{query}").status_code == 422


def test_whoever_writes_too_much_is_asked_to_wait(tmp_path: Path) -> None:
    with ChatHouse(tmp_path, questions_per_minute=3).open() as house:
        alice = Visitor(house)
        with closing(alice.http):
            answers = [alice.say("x", f"client-{number}") for number in range(5)]
        assert [answer.status_code for answer in answers] == [201, 201, 201, 429, 429]
        assert int(answers[-1].headers["retry-after"]) > 0


def test_pages_of_foreign_sites_are_refused(tmp_path: Path) -> None:
    with ChatHouse(tmp_path, widget_origins="https://ours.example").open() as house:
        foreign = {"Origin": "https://foreign.example"}
        alice = Visitor(house)
        with closing(alice.http) as http:
            body = {"id": "11111111", "text": "a"}
            assert http.post("/chat/messages", json=body, headers=foreign).status_code == 403
            assert http.get("/chat/messages", headers=foreign).status_code == 403
            assert http.post("/chat/session", json={}, headers=foreign).status_code == 403
            same = {"Origin": f"http://{house.address}"}
            assert http.post("/chat/messages", json=body, headers=same).status_code == 201
