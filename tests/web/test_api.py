"""The REST API, as other portals and mobile apps rely on it."""

import itertools
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from bot.app import House, create_app
from config.settings import Settings
from models.moments import now, riga_date
from models.queue import InboxRow
from models.ticket import Ticket
from routing.clocks import due
from tests.conftest import postgres_copy
from web.limits import LARGEST_BODY

KNOWN = "Kā deklarēt dzīvesvietu portālā latvija.gov.lv ar eParakstu?"
MIDDLE = "Kā saņemt bērna pabalstu?"
UNKNOWN = "Kāds rīt būs laiks Marsā un kur nopirkt raķeti?"
PER_MINUTE = 12
KEY = "a key for tests that is long enough"
numbers = itertools.count(1)


class Portal:
    """The application and somebody who uses its API."""

    def __init__(self, client: TestClient, house: House) -> None:
        self.client = client
        self.house = house

    def asks(self, text: str = UNKNOWN, **more: object) -> httpx.Response:
        return self.client.post("/api/v1/questions", json={"text": text, **more})  # type: ignore[return-value]

    def asked(self, text: str = UNKNOWN, **more: object) -> dict[str, Any]:
        answer = self.asks(text, **more)
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def post(self, asked: dict[str, Any], what: str, **body: object) -> httpx.Response:
        address = f"/api/v1/tickets/{asked['ticket']}/{what}"
        return self.client.post(address, json=body, headers=bearer(asked["token"]))  # type: ignore[return-value]

    def does(self, asked: dict[str, Any], what: str, **body: object) -> dict[str, Any]:
        answer = self.post(asked, what, **body)
        assert answer.status_code == 201, answer.text
        done: dict[str, Any] = answer.json()
        return done

    def looks(self, asked: dict[str, Any]) -> dict[str, Any]:
        answer = self.client.get(f"/api/v1/tickets/{asked['ticket']}", headers=bearer(asked["token"]))
        assert answer.status_code == 200, answer.text
        seen: dict[str, Any] = answer.json()
        return seen

    def tickets(self, client_id: str) -> int:
        with self.house.database.read() as session:
            rows = session.exec(select(InboxRow).where(col(InboxRow.external_id) == f"q:{client_id}")).all()
            return len(session.exec(select(Ticket).where(col(Ticket.id).in_([row.ticket_id for row in rows]))).all())


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def portal(request: pytest.FixtureRequest, learnt: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    folder = shutil.copytree(learnt, tmp_path_factory.mktemp("portal"), dirs_exist_ok=True)
    with ExitStack() as stack:
        if request.param == "sqlite":
            shutil.copy(request.getfixturevalue("prepared_sqlite"), folder / "atbilde.db")
            url = f"sqlite:///{folder / 'atbilde.db'}"
        else:
            url = stack.enter_context(postgres_copy(request.getfixturevalue("postgres")))
        yield stack.enter_context(opened(url, folder))


class opened:  # noqa: N801 - reads as what it does
    """`with opened(url, folder) as portal`: the real application with its workers, until the end of the block."""

    def __init__(self, url: str, folder: Path, **given: Any) -> None:
        settings = {"channels": "webchat,api", "secret_key": KEY, "questions_per_minute": PER_MINUTE, **given}
        self.app = create_app(Settings(database_url=url, data_dir=folder, **settings))
        self.client = TestClient(
            self.app, base_url="http://portal", raise_server_exceptions=False, client=("127.0.0.1", 5000)
        )

    def __enter__(self) -> Portal:
        self.client.__enter__()
        return Portal(self.client, self.app.state.house)

    def __exit__(self, *_: object) -> None:
        self.client.__exit__(None, None, None)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def own_id() -> str:
    return f"app-{next(numbers)}"


def is_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body.keys() >= {"type", "title", "status", "detail"}
    assert body["status"] == status
    assert body["detail"]
    return body


def test_a_question_gets_a_ticket_a_token_a_reply_and_a_date(portal: Portal) -> None:
    asked = portal.asked(UNKNOWN, language="lv", audience="resident", contact="anna@example.lv", client_id=own_id())
    assert asked.keys() == {"ticket", "token", "reply", "due"}
    assert asked["reply"].keys() == {"kind", "text", "choices", "service", "source"}
    assert asked["ticket"].startswith("LV-")
    assert asked["reply"]["kind"] == "route"
    assert asked["reply"]["source"] is None
    assert asked["ticket"] in asked["reply"]["text"]


def test_the_due_date_is_the_laws(portal: Portal) -> None:
    asked = portal.asked()
    received = datetime.fromisoformat(portal.looks(asked)["received_at"])
    assert now() - received < timedelta(minutes=1)
    assert date.fromisoformat(asked["due"]["answer"]) == due("answer", riga_date(received)).on


def test_a_known_question_is_answered_with_its_source(portal: Portal) -> None:
    asked = portal.asked(KNOWN)
    reply = asked["reply"]
    assert reply["kind"] == "answer"
    assert reply["source"].keys() >= {"url", "version", "published_on"}
    assert reply["source"]["url"] in reply["text"]
    assert reply["service"]
    assert len(reply["choices"]) == 2


def test_a_question_of_several_meanings_is_asked_back_and_a_choice_answers_it(portal: Portal) -> None:
    asked = portal.asked(MIDDLE)
    assert asked["reply"]["kind"] == "clarify"
    assert portal.looks(asked)["state"] == "clarifying"
    chosen = portal.does(asked, "messages", choice=asked["reply"]["choices"][0]["value"])
    assert (chosen["ticket"], chosen["reply"]["kind"]) == (asked["ticket"], "answer")
    assert portal.looks(asked)["state"] == "answered"


def test_even_a_greeting_is_a_ticket_here(portal: Portal) -> None:
    assert portal.asked("Labdien!")["reply"]["kind"] == "route"


@pytest.mark.parametrize(("language", "word"), [("lv", "atbild"), ("en", "answer"), ("ru", "ответ")])
def test_the_reply_is_in_the_language_that_was_asked_for(portal: Portal, language: str, word: str) -> None:
    asked = portal.asked("12345 67890", language=language)
    assert word in asked["reply"]["text"].lower()
    assert portal.looks(asked)["language"] == language


def test_businesses_are_coordinated_by_liaa(portal: Portal) -> None:
    asked = portal.asked(audience="business")
    assert {clock["owner"] for clock in portal.looks(asked)["clocks"]} == {"LIAA"}


@pytest.mark.parametrize("text", [KNOWN, MIDDLE, UNKNOWN])
def test_the_same_client_id_again_gives_the_same_ticket_token_and_reply(portal: Portal, text: str) -> None:
    name = own_id()
    first = portal.asked(text, client_id=name)
    assert portal.asked(text, client_id=name) == first
    assert portal.tickets(name) == 1


def test_ten_times_the_same_client_id_at_once_is_one_ticket(portal: Portal) -> None:
    name = own_id()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: portal.asked(KNOWN, client_id=name), range(10)))
    assert answers == [answers[0]] * 10
    assert portal.tickets(name) == 1


def test_many_different_questions_at_once_are_as_many_tickets(portal: Portal) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: portal.asked(f"{UNKNOWN} {n}", client_id=own_id()), range(30)))
    assert len({answer["ticket"] for answer in answers}) == 30
    assert len({answer["token"] for answer in answers}) == 30


@pytest.mark.parametrize("changed", [{"text": "Cits jautājums?"}, {"language": "en"}, {"contact": "cits@example.lv"}])
def test_the_same_client_id_with_another_content_is_refused(portal: Portal, changed: dict[str, Any]) -> None:
    name = own_id()
    portal.asked(UNKNOWN, client_id=name)
    is_problem(portal.asks(**{"text": UNKNOWN, "client_id": name, **changed}), 409)


def test_without_a_client_id_the_same_words_are_two_questions(portal: Portal) -> None:
    assert portal.asked()["ticket"] != portal.asked()["ticket"]


def test_the_ticket_shows_its_messages_and_clocks(portal: Portal) -> None:
    asked = portal.asked()
    seen = portal.looks(asked)
    assert seen.keys() >= {"ticket", "state", "messages", "clocks"}
    assert seen["state"] == "triage"
    said, told = seen["messages"]
    assert (said["direction"], said["text"]) == ("in", UNKNOWN)
    assert (told["direction"], told["text"]) == ("out", asked["reply"]["text"])
    assert said["at"] <= told["at"]
    clocks = {clock["kind"]: clock for clock in seen["clocks"]}
    assert clocks.keys() == {"answer", "forward"}
    assert clocks["answer"]["due"] == asked["due"]["answer"]
    assert clocks["forward"]["due"] <= clocks["answer"]["due"]
    assert {clock["outcome"] for clock in clocks.values()} == {"running"}


def test_each_clock_says_day_by_day_why_it_is_due_then(portal: Portal) -> None:
    asked = portal.asked()
    address = f"/api/v1/tickets/{asked['ticket']}?explain=true"
    clocks = portal.client.get(address, headers=bearer(asked["token"])).json()["clocks"]
    answer = next(clock for clock in clocks if clock["kind"] == "answer")
    assert [day["number"] for day in answer["days"] if day["counted"]] == [1, 2, 3, 4, 5, 6, 7]
    assert answer["days"][-1]["on"] == answer["due"]
    assert answer["calendar_version"].startswith("holidays ")
    assert "MK 400" in answer["source"]
    assert portal.looks(asked)["clocks"][0]["days"] is None, "only who asks for it"


def test_an_answer_stops_the_clock_in_time(portal: Portal) -> None:
    seen = portal.looks(portal.asked(KNOWN))
    assert [(clock["kind"], clock["outcome"]) for clock in seen["clocks"]] == [("answer", "in time")]


def test_further_words_join_the_open_ticket(portal: Portal) -> None:
    asked = portal.asked()
    more = portal.does(asked, "messages", text="Un vēl: tas ir steidzami.")
    assert more["ticket"] == asked["ticket"]
    assert more["due"] == asked["due"]
    assert [m["text"] for m in portal.looks(asked)["messages"] if m["direction"] == "in"][1:] == [
        "Un vēl: tas ir steidzami."
    ]


def test_further_words_after_the_answer_are_a_ticket_of_their_own(portal: Portal) -> None:
    asked = portal.asked(KNOWN)
    portal.does(asked, "rating", helped=True)
    more = portal.does(asked, "messages", text=UNKNOWN)
    assert more["ticket"] != asked["ticket"]
    assert portal.looks(more)["state"] == "triage"


def test_a_further_message_with_the_same_client_id_is_heard_once(portal: Portal) -> None:
    asked, name = portal.asked(), own_id()
    first = portal.does(asked, "messages", text="Un vēl.", client_id=name)
    assert portal.does(asked, "messages", text="Un vēl.", client_id=name) == first
    is_problem(portal.post(asked, "messages", text="Kas cits.", client_id=name), 409)
    assert [m["text"] for m in portal.looks(asked)["messages"]].count("Un vēl.") == 1


def test_ten_further_messages_at_once_are_all_heard_on_one_ticket(portal: Portal) -> None:
    asked = portal.asked()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: portal.does(asked, "messages", text=f"{UNKNOWN} {n}"), range(10)))
    assert {answer["ticket"] for answer in answers} == {asked["ticket"]}
    heard = [m["text"] for m in portal.looks(asked)["messages"] if m["direction"] == "in"]
    assert sorted(heard[1:]) == sorted(f"{UNKNOWN} {n}" for n in range(10))


@pytest.mark.parametrize("body", [{}, {"text": "a", "choice": "b"}, {"choice": ""}, {"text": "  "}, {"choice": 1}])
def test_a_further_message_is_either_words_or_a_choice(portal: Portal, body: dict[str, Any]) -> None:
    is_problem(portal.post(portal.asked(), "messages", **body), 422)


def test_yes_it_helped_closes_the_ticket(portal: Portal) -> None:
    asked = portal.asked(KNOWN)
    portal.does(asked, "rating", helped=True)
    assert portal.looks(asked)["state"] == "closed"


def test_no_it_did_not_help_sends_it_to_people_with_the_first_date(portal: Portal) -> None:
    asked = portal.asked(KNOWN)
    rated = portal.does(asked, "rating", helped=False)
    seen = portal.looks(asked)
    assert (rated["ticket"], rated["reply"]["kind"], seen["state"]) == (asked["ticket"], "route", "triage")
    assert rated["due"] == asked["due"]
    assert {clock["kind"]: clock["outcome"] for clock in seen["clocks"]} == {"answer": "running", "forward": "running"}


def test_a_ticket_without_an_answer_cannot_be_rated_away(portal: Portal) -> None:
    asked = portal.asked()
    portal.does(asked, "rating", helped=True)
    assert portal.looks(asked)["state"] == "triage"


def test_a_complaint_about_an_answer_brings_people_in(portal: Portal) -> None:
    asked = portal.asked(KNOWN)
    complained = portal.does(asked, "complaint", text="Atbilde ir nepareiza.")
    assert (complained["ticket"], complained["reply"]["kind"]) == (asked["ticket"], "route")
    assert portal.looks(asked)["state"] == "triage"
    with portal.house.database.read() as session:
        assert session.exec(select(Ticket.attention).where(col(Ticket.ref) == asked["ticket"])).one() == "complaint"


@pytest.mark.parametrize("what", ["", "/messages", "/rating", "/complaint"])
def test_only_the_tickets_own_token_opens_it(portal: Portal, what: str) -> None:
    mine, other = portal.asked(), portal.asked()
    token = mine["token"]
    forged = token[:-9] + ("a" if token[-9] != "a" else "b") + token[-8:]
    wrong = [{}, bearer(other["token"]), bearer(forged), bearer(""), bearer(mine["ticket"]), bearer(token[:-4])]
    wrong += [{"Authorization": token}, {"Authorization": f"Basic {token}"}, bearer(f"{mine['ticket']}~")]
    body = {"": None, "/messages": {"text": "a"}, "/rating": {"helped": True}, "/complaint": {"text": "a"}}[what]
    method = "POST" if what else "GET"
    for headers in wrong:
        answer = portal.client.request(method, f"/api/v1/tickets/{mine['ticket']}{what}", json=body, headers=headers)
        is_problem(answer, 401)  # type: ignore[arg-type]
        assert answer.headers["www-authenticate"] == "Bearer"
    assert len(portal.looks(mine)["messages"]) == 2


def test_a_ticket_that_is_not_there_is_told_from_a_wrong_token_by_nobody(portal: Portal) -> None:
    asked = portal.asked()
    there = portal.client.get(f"/api/v1/tickets/{asked['ticket']}", headers=bearer("x"))
    nowhere = portal.client.get("/api/v1/tickets/LV-2026-999999", headers=bearer("x"))
    assert (there.status_code, there.json()) == (nowhere.status_code, nowhere.json())


def test_a_token_for_the_chat_does_not_open_a_ticket(portal: Portal) -> None:
    asked = portal.asked()
    token = portal.house.signing.sign("chat", asked["ticket"])
    is_problem(portal.client.get(f"/api/v1/tickets/{asked['ticket']}", headers=bearer(token)), 401)  # type: ignore[arg-type]


def test_an_address_that_asks_too_often_is_told_when_to_come_back(portal: Portal) -> None:
    busy = {"X-Forwarded-For": "198.51.100.7"}
    other = {"X-Forwarded-For": "198.51.100.8"}
    body = {"text": UNKNOWN}
    answers = [portal.client.post("/api/v1/questions", json=body, headers=busy) for _ in range(PER_MINUTE + 1)]
    assert [answer.status_code for answer in answers[:-1]] == [201] * PER_MINUTE
    is_problem(answers[-1], 429)  # type: ignore[arg-type]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert portal.client.post("/api/v1/questions", json=body, headers=other).status_code == 201


def test_nobody_escapes_the_limit_by_what_he_writes_before_the_proxys_word(portal: Portal) -> None:
    statuses = [
        portal.client.post(
            "/api/v1/questions", json={"text": UNKNOWN}, headers={"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.9"}
        ).status_code
        for n in range(PER_MINUTE + 1)
    ]
    assert statuses[-1] == 429


def test_the_machine_itself_is_not_limited(portal: Portal) -> None:
    assert {portal.asks().status_code for _ in range(PER_MINUTE + 3)} == {201}


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/api/v1/nowhere", 404),
        ("GET", "/static/nowhere.css", 404),
        ("GET", "/api/v1/questions", 405),
        ("DELETE", "/api/v1/tickets/LV-2026-000001", 405),
        ("PUT", "/api/v1/questions", 405),
    ],
)
def test_every_error_is_a_problem_document(portal: Portal, method: str, address: str, status: int) -> None:
    is_problem(portal.client.request(method, address), status)  # type: ignore[arg-type]


def test_a_body_that_is_too_large_is_refused_whether_declared_or_not(portal: Portal) -> None:
    body = b'{"text": "' + b"a" * LARGEST_BODY + b'"}'
    headers = {"Content-Type": "application/json"}
    declared = portal.client.post("/api/v1/questions", content=body, headers=headers)
    is_problem(declared, 413)  # type: ignore[arg-type]
    chunks = (body[at : at + 65536] for at in range(0, len(body), 65536))
    chunked = portal.client.post("/api/v1/questions", content=chunks, headers=headers)
    is_problem(chunked, 413)  # type: ignore[arg-type]


def test_what_is_not_json_is_refused(portal: Portal) -> None:
    for content, kind, statuses in (
        (b'{"text": ', "application/json", {400}),
        (b"text=abc", "application/x-www-form-urlencoded", {415, 422}),
        (b'{"text": "abc"}', "text/plain", {415, 422}),
        (b"", "application/json", {400, 422}),
    ):
        answer = portal.client.post("/api/v1/questions", content=content, headers={"Content-Type": kind})
        assert answer.status_code in statuses, (content, answer.text)
        is_problem(answer, answer.status_code)  # type: ignore[arg-type]


def test_a_mistake_names_the_field(portal: Portal) -> None:
    body = is_problem(portal.asks("a", language="fr", surprise=1), 422)
    assert {error["field"] for error in body["errors"]} == {"language", "surprise"}


def test_questions_survive_a_restart(sqlite_url: str, data_dir: Path) -> None:
    with opened(sqlite_url, data_dir) as before:
        asked = before.asked(KNOWN, client_id="app-restart")
    with opened(sqlite_url, data_dir) as after:
        assert after.asked(KNOWN, client_id="app-restart") == asked
        assert after.looks(asked)["state"] == "answered"


def test_the_server_says_that_it_lives_and_is_ready_and_counts(portal: Portal) -> None:
    portal.asked()
    assert portal.client.get("/healthz").text == "ok\n"
    assert portal.client.get("/readyz").status_code == 200
    assert 'atbilde_tickets{channel="api",state="triage"}' in portal.client.get("/metrics").text


def test_a_server_without_its_database_is_not_ready(
    sqlite_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(sqlite_url, data_dir) as portal:
        monkeypatch.setattr(portal.house.database, "read", lambda: 1 / 0)
        body = is_problem(portal.client.get("/readyz"), 503)  # type: ignore[arg-type]
        assert "database" in body["detail"]
        monkeypatch.undo()


def test_a_server_whose_clock_is_off_is_not_ready(
    sqlite_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(sqlite_url, data_dir) as portal:
        monkeypatch.setattr("bot.app.time_of", lambda session: now() - timedelta(minutes=5))
        body = is_problem(portal.client.get("/readyz"), 503)  # type: ignore[arg-type]
        assert "300 s off" in body["detail"]
