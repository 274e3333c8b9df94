"""Whatever is sent to the API: an answer that says what is wrong, never a mistake of ours, never a lost message."""

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlmodel import func, select

from models.message import Message
from tests.web.test_api import MIDDLE, Portal, bearer, opened

ADDRESS = "/api/v1/questions"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def portal(prepared_sqlite: Path, learnt: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    folder = shutil.copytree(learnt, tmp_path_factory.mktemp("portal"), dirs_exist_ok=True)
    shutil.copy(prepared_sqlite, folder / "atbilde.db")
    with opened(f"sqlite:///{folder / 'atbilde.db'}", folder) as client:
        yield client


def messages(portal: Portal) -> int:
    with portal.house.database.read() as session:
        return session.exec(select(func.count()).select_from(Message)).one()


def as_body(text: str) -> bytes:
    return ('{"text": "' + text + '"}').encode()


REFUSED = {
    "nothing": b"",
    "spaces": b"   ",
    "half an object": b'{"text": "abc"',
    "no object": b'"abc"',
    "a list": b"[]",
    "null": b"null",
    "no text": b"{}",
    "empty text": as_body(""),
    "text of spaces": as_body(" \\t\\n \u2003"),
    "11 000 characters": as_body("a" * 11_000),
    "2 MB": as_body("a" * 2_000_000),
    "binary": bytes(range(256)) * 4,
    "bad UTF-8": b'{"text": "\xff\xfe\xc3("}',
    "UTF-16": '{"text": "abc"}'.encode("utf-16")[:-1],
    "NUL": as_body("a\\u0000b"),
    "a lone surrogate": as_body("Labdien \\ud800"),
    "a surrogate the wrong way round": as_body("\\udc00\\ud800"),
    "a number for text": b'{"text": 1}',
    "a list for text": b'{"text": ["a"]}',
    "null for text": b'{"text": null}',
    "an unknown field": b'{"text": "a", "admin": true}',
    "an unknown field nobody can write": b'{"text": "a", "\\ud800": true}',
    "an unknown field with markup": b'{"text": "a", "<b>": true}',
    "an unknown language": b'{"text": "a", "language": "xx"}',
    "a lone surrogate for a language": b'{"text": "a", "language": "\\ud800"}',
    "a lone surrogate for a contact": b'{"text": "a", "contact": "\\ud800"}',
    "a NUL contact": b'{"text": "a", "contact": "\\u0000"}',
    "an endless contact": json.dumps({"text": "a", "contact": "a" * 201}).encode(),
    "an empty client id": b'{"text": "a", "client_id": ""}',
    "a client id with a line's end": b'{"text": "a", "client_id": "a\\n"}',
    "a client id with a space": b'{"text": "a", "client_id": "a b"}',
    "a lone surrogate for a client id": b'{"text": "a", "client_id": "\\udfff"}',
    "an endless client id": json.dumps({"text": "a", "client_id": "a" * 201}).encode(),
    "nested 10 000 deep": b"[" * 10_000 + b"]" * 10_000,
    "nested deep within": b'{"text": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001,
    "a number of 5 000 digits": b'{"text": ' + b"9" * 5_000 + b"}",
    "an infinite number": b'{"text": 1e999}',
    "not a number": b'{"text": NaN}',
    "a huge unknown number": b'{"text": "a", "n": ' + b"9" * 4_000 + b"}",
    "an infinite unknown number": b'{"text": "a", "n": 1e999}',
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
def test_a_body_that_makes_no_sense_is_refused_with_a_reason_and_leaves_nothing(portal: Portal, body: bytes) -> None:
    before = messages(portal)
    answer = portal.client.post(ADDRESS, content=body, headers=JSON)
    assert answer.status_code in (400, 413, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert messages(portal) == before


TAKEN = {
    "one letter": "a",
    "10 000 letters": "ā" * 10_000,
    "emoji": "👩‍👩‍👧‍👦" * 50,
    "written from the right": "\u202eمرحبا\u202c",
    "every control character but NUL": "a" + "".join(map(chr, [*range(1, 32), 127, *range(128, 160)])) + "b",
    "beyond the characters": "\ufffe\uffff\U0010ffff\ufdd0",
    "combined without end": "a" + "\u0301" * 2_000,
    "SQL": "'; DROP TABLE ticket; --",
    "markup": "<script>alert(1)</script>{{7*7}}%s%n{0}{ref}",
    "a format of ours": "{ref} {date} {{",
    "JSON": '{"text": "a"}',
    "many words": "kā " * 3_000,
    "digits": "9" * 9_000,
    "line ends": "a\r\nb\rc\n\u2028d\u2029e",
}


@pytest.mark.parametrize("text", TAKEN.values(), ids=TAKEN.keys())
def test_any_other_text_is_a_question_kept_letter_for_letter(portal: Portal, text: str) -> None:
    asked = portal.asked(text)
    assert portal.looks(asked)["messages"][0]["text"] == text.strip()


def test_of_a_field_given_twice_the_last_counts(portal: Portal) -> None:
    answer = portal.client.post(ADDRESS, content=b'{"text": "pirmais", "text": "otrais"}', headers=JSON)
    assert portal.looks(answer.json())["messages"][0]["text"] == "otrais"


def test_a_byte_order_mark_is_no_mistake_of_ours(portal: Portal) -> None:
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        answer = portal.client.post(ADDRESS, content='{"text": "Labdien ā"}'.encode(encoding), headers=JSON)
        assert answer.status_code in (201, 400, 422)
        if answer.status_code == 201:
            assert portal.looks(answer.json())["messages"][0]["text"] == "Labdien ā"


@pytest.mark.parametrize("kind", [None, "", "application", "text/html", "application/json; charset=utf-16", "a/b/c;;;"])
def test_a_missing_or_odd_content_type_is_no_mistake_of_ours(portal: Portal, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    answer = portal.client.post(ADDRESS, content=as_body("Labdien"), headers=headers)
    assert answer.status_code in (201, 400, 415, 422), answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": b"Bearer \xff\xfe"},
        {"Authorization": b"Bearer " + b"a" * 10_000},
        {"Authorization": b"Bearer LV-2026-000001~\xc4\x81"},
        {"Authorization": b"\x80"},
        {"Content-Length": b"abc"},
        {"Content-Length": b"-1"},
        {"Content-Length": b"\xb2"},
        {"X-Forwarded-For": b"\xff, ,,"},
        {"X-Forwarded-For": b"a" * 9_000},
        {"X-Forwarded-For": b"::1, 127.0.0.1, unknown"},
        {"Accept": b"\xff"},
        {"Cookie": b"a=\xff; =; ;;"},
        {"Accept-Language": b"xx-\xff;q=nan"},
    ],
)
def test_headers_of_odd_bytes_are_no_mistake_of_ours(portal: Portal, headers: dict[str, bytes]) -> None:
    raw = [(name.encode(), value) for name, value in headers.items()]
    looked = portal.client.get("/api/v1/tickets/LV-2026-000001", headers=raw)
    assert looked.status_code == 401
    asked = portal.client.post(
        ADDRESS, content=as_body("Labdien"), headers=[(b"Content-Type", b"application/json"), *raw]
    )
    assert asked.status_code in (201, 400, 422), asked.text


@pytest.mark.parametrize(
    "ref", ["%00", "..%2f..", "LV-2026-000001%0a", "%ff%fe", "a" * 5_000, "%F0%9F%8F%A0", "'", "{ref}"]
)
@pytest.mark.parametrize("what", ["", "/messages", "/rating", "/complaint"])
def test_tickets_of_odd_names_are_not_there(portal: Portal, ref: str, what: str) -> None:
    for method in ("GET", "POST"):
        answer = portal.client.request(
            method, f"/api/v1/tickets/{ref}{what}", json={"text": "a"}, headers=bearer("a~b")
        )
        assert answer.status_code in (401, 404, 405, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("address", [ADDRESS, "/api/v1/tickets/LV-2026-000001", "/healthz", "/readyz", "/openapi.json"])
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PATCH", "FOO"])
def test_unusual_methods_are_no_mistake_of_ours(portal: Portal, method: str, address: str) -> None:
    assert portal.client.request(method, address).status_code < 500


@pytest.mark.parametrize("helped", ["yes", 1, 0, None, "true", [], {}])
def test_a_rating_is_yes_or_no_and_nothing_like_it(portal: Portal, helped: object) -> None:
    assert portal.post(portal.asked(), "rating", helped=helped).status_code == 422


@pytest.mark.parametrize(
    "choice", ["x", "s:", "h:LV-2026-000001:no", "n:99999999999999999999", "n:1", "ā" * 200, "n:²"]
)
def test_a_senseless_choice_gets_a_plain_word_and_changes_nothing(portal: Portal, choice: str) -> None:
    asked = portal.asked()
    answer = portal.post(asked, "messages", choice=choice)
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"]
    assert portal.looks(asked)["state"] == "triage"


def test_a_number_that_is_none_chooses_no_service(portal: Portal) -> None:
    asked = portal.asked(MIDDLE)
    chosen = portal.does(asked, "messages", choice=f"s:{asked['ticket']}:²")
    assert (chosen["ticket"], chosen["reply"]["kind"]) == (asked["ticket"], "route")


@pytest.mark.parametrize("choice", ["\x00", "h:\x00:no", "s:a\x00:1"])
def test_a_choice_no_database_can_hold_is_refused(portal: Portal, choice: str) -> None:
    assert portal.post(portal.asked(), "messages", choice=choice).status_code == 422


def test_bodies_broken_at_random_are_never_a_mistake_of_ours(portal: Portal) -> None:
    chance = random.Random(8)
    good = json.dumps({"text": "Kā saņemt pasi? 🏠", "language": "lv", "client_id": "app-x"}).encode()
    before = messages(portal)
    taken = 0
    for _ in range(150):
        body = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        answer = portal.client.post(ADDRESS, content=bytes(body), headers=JSON)
        assert answer.status_code in (201, 400, 409, 422), (bytes(body), answer.text)
        taken += answer.status_code == 201
    assert messages(portal) >= before + taken


CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


def test_whatever_fits_the_published_schema_gets_an_answer_that_fits_it(portal: Portal) -> None:
    schema = schemathesis.openapi.from_dict(portal.client.get("/openapi.json").json())
    asked = portal.asked()

    def sends(case: Any) -> None:
        if case.path_parameters:
            case.path_parameters = {"ref": asked["ticket"]}
            case.headers = {"authorization": f"Bearer {asked['token']}"}
        sent = case.as_transport_kwargs(base_url="http://portal")
        kept = ("method", "url", "headers", "params", "json", "content", "data")
        answer = portal.client.request(**{name: value for name, value in sent.items() if name in kept})
        case.validate_response(schemathesis.Response.from_any(answer), checks=CHECKS)

    tried = []
    for found in schema.include(path_regex="^/api/v1/").get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        tried.append(operation.label)
        few = settings(
            max_examples=30,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        few(seed(8)(given(case=operation.as_strategy())(sends)))()
    assert len(tried) == 6
