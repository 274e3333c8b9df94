"""How many of the published mails of machines are recognised, and what is read of those that came back."""

from pathlib import Path

import pytest

from channels.mail.mail import Mail, MailKind
from channels.mail.read import read_strictly
from tests.channels.mail.published import BOUNCES, REPLIES, WHY_ABSENT, published, wanted

FLOOR = 98.5
pytestmark = pytest.mark.skipif(not BOUNCES.exists(), reason=WHY_ABSENT)
_Row = tuple[Path, str, bool, Mail]


@pytest.fixture(scope="module")
def mails() -> list[_Row]:
    return [(path, reason, hard, read_strictly(path.read_bytes())) for path, reason, hard in published()]


def test_published_bounces_complaints_and_vacation_notes_are_recognised(mails: list[_Row]) -> None:
    missed = [f"{path.name}: {mail.kind}" for path, reason, _, mail in mails if mail.kind not in wanted(reason)]
    rate = 100 - 100 * len(missed) / len(mails)
    assert rate >= FLOOR, "\n".join([f"{rate:.2f} % of {len(mails)}", *missed])


@pytest.mark.parametrize("half", [0, 1])
def test_each_half_by_name_is_recognised_as_well_as_the_other(mails: list[_Row], half: int) -> None:
    rows = mails[half::2]
    missed = [path.name for path, reason, _, mail in rows if mail.kind not in wanted(reason)]
    assert 100 - 100 * len(missed) / len(rows) >= FLOOR, missed


def test_a_bounce_for_an_address_that_is_no_good_is_for_good(mails: list[_Row]) -> None:
    soft = [path.name for path, _, hard, mail in mails if hard and mail.returned and not mail.returned.permanent]
    assert len(soft) <= 1, soft  # one of them says itself that it will be tried again


def test_bounces_name_our_mail_its_recipient_and_a_reason(mails: list[_Row]) -> None:
    bounces = [mail.returned for _, _, _, mail in mails if mail.kind is MailKind.BOUNCE and mail.returned]
    count = len(bounces)
    assert sum(bool(one.recipients) for one in bounces) >= 0.98 * count
    assert sum(bool(one.reason) for one in bounces) >= 0.98 * count
    assert sum(bool(one.message_id) for one in bounces) >= 0.85 * count  # the others do not hold it


@pytest.mark.skipif(not REPLIES.exists(), reason=WHY_ABSENT)
@pytest.mark.parametrize("return_path", ["<anna@example.lv>", "<>"])
def test_no_published_reply_of_a_person_is_taken_for_a_machine(return_path: str) -> None:
    head = f"Return-Path: {return_path}\nFrom: Anna <anna@example.lv>\nSubject: Re: x\nMIME-Version: 1.0\n"
    head += "Content-Type: text/plain; charset=utf-8\n\n"
    mails = {path.name: read_strictly(head.encode() + path.read_bytes()) for path in sorted(REPLIES.iterdir())}
    assert {name: mail.kind for name, mail in mails.items() if mail.kind is not MailKind.MESSAGE} == {}
