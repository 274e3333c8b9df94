"""Who made a mail: people are taken for people, and machines for what they are."""

import time
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mail.kind import judged
from channels.mail.mail import Address, MailKind
from channels.mail.read import read_strictly
from tests.channels.mail.mail_of import raw_of, rows

PEOPLE, MACHINES = rows("people.yaml"), rows("machines.yaml")
OF_MACHINES = {
    "msg_02.txt": MailKind.AUTO_GENERATED,  # a mailing list's digest
    "msg_05.txt": MailKind.BOUNCE,
    "msg_16.txt": MailKind.BOUNCE,
    "msg_25.txt": MailKind.BOUNCE,
    "msg_32.txt": MailKind.AUTO_GENERATED,  # two letters to a mailing list
    "msg_33.txt": MailKind.AUTO_GENERATED,
    "msg_42.txt": MailKind.BOUNCE,
    "msg_43.txt": MailKind.BOUNCE,
}


def _id(row: dict[str, Any]) -> str:
    return f"{row['subject']}: {row['text'][:40]}"


@pytest.mark.parametrize("row", PEOPLE, ids=_id)
def test_a_person_is_never_taken_for_a_machine(row: dict[str, Any]) -> None:
    assert read_strictly(raw_of(row)).kind is MailKind.MESSAGE


@pytest.mark.parametrize("row", MACHINES, ids=_id)
def test_a_machine_is_known_and_whether_anybody_is_there(row: dict[str, Any]) -> None:
    mail = read_strictly(raw_of(row))
    assert (mail.kind, mail.absent) == (MailKind(row["kind"]), row.get("absent", False))


def test_pythons_own_test_mails_are_people_but_for_those_of_machines() -> None:
    data = pytest.importorskip("test.test_email", reason="Python is here without its own tests").__file__
    kinds = {path.name: read_strictly(path.read_bytes()).kind for path in Path(data).parent.glob("data/msg_*.txt")}
    assert kinds
    assert {name: kind for name, kind in kinds.items() if kind is not MailKind.MESSAGE} == OF_MACHINES


def test_a_bounce_that_a_person_forwards_as_an_attachment_is_a_persons_mail() -> None:
    bounce = "From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\n"
    bounce += "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
    bounce += "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\n\n--b--\n"
    raw = "From: anna@example.lv\nSubject: Ko tas nozīmē?\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\n"
    raw += f"Labdien, kas tas ir?\n--a\nContent-Type: message/rfc822\n\n{bounce}\n--a--\n"
    assert read_strictly(raw.encode()).kind is MailKind.MESSAGE


def test_two_megabytes_and_thousands_of_headers_are_judged_in_a_moment() -> None:
    texts = ["a" * 2_000_000, "a@b.example: " * 160_000, "From: a\n" * 250_000, "to " * 700_000, "(" * 2_000_000]
    texts += ["final-recipient:\n" * 120_000, "esmu " * 400_000, "your message " * 150_000, "\n" * 2_000_000]
    heads = "".join(f"X-A{number}: {'b' * 60}\n" for number in range(20_000))
    for text in texts:
        message = Message()
        message["From"] = "MAILER-DAEMON"
        for line in heads.splitlines():
            message["X-A"] = line
        message.set_payload(text)
        began = time.process_time()
        judged(message, text, Address("mailer-daemon"))
        assert time.process_time() - began < 2, text[:20]


def test_parts_that_nest_without_end_are_judged() -> None:
    inner = Message()
    for _ in range(500):
        outer = Message()
        outer["Content-Type"] = "message/rfc822"
        outer.set_payload([inner])
        inner = outer
    assert judged(inner, "", Address("")).kind is MailKind.MESSAGE


_WORDS = st.sampled_from(
    ["From", "Subject", "Return-Path", "Auto-Submitted", "Precedence", "Content-Type", "List-Id", "X-Failed-Recipients"]
)
_VALUES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "multipart/report; report-type=delivery-status; boundary=b",
            "multipart/report; report-type=feedback-report; boundary=b",
            "message/delivery-status",
            "message/rfc822",
            "text/calendar; method=REPLY",
            "<>",
            "MAILER-DAEMON <>",
            "auto-replied",
            "Undeliverable: x",
        ]
    ),
)
_TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(
        st.sampled_from(
            [
                "--b",
                "",
                "Final-Recipient: rfc822; a@b.example",
                "Action: failed",
                "Status: 4.0.0",
                "Message-ID: <1@a>",
                "Content-Type: message/delivery-status",
                "Content-Type: message/rfc822",
                "Feedback-Type: abuse",
                '{"',
            ]
        ),
        max_size=20,
    ).map("\n".join),
)


@given(st.lists(st.tuples(_WORDS, _VALUES), max_size=8), _TEXTS)
def test_no_mail_raises(heads: list[tuple[str, str]], text: str) -> None:
    lines = [f"{name}: {value}" for name, value in heads]
    read_strictly("\n".join([*lines, "", text]).encode("utf-8", "surrogatepass"))
