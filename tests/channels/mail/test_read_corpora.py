"""Reading mails that others collected: those of Python's own tests, and published bounces."""

import importlib.util
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.utils import parseaddr
from pathlib import Path

import pytest

from channels.mail.mail import Mail
from channels.mail.read import read_strictly
from config.settings import ROOT

BOUNCES = ROOT.parent / "shared" / "data" / "mail" / "bounce"


def python_mails() -> list[Path]:
    found = importlib.util.find_spec("test.test_email") if importlib.util.find_spec("test") else None
    folders = (found.submodule_search_locations or []) if found else []
    return [path for folder in folders for path in sorted((Path(folder) / "data").glob("msg_*.txt"))]


@pytest.fixture(scope="module")
def of_python() -> dict[str, tuple[bytes, Mail]]:
    paths = python_mails()
    if not paths:
        pytest.skip("this Python came without its own tests")
    return {path.name: (path.read_bytes(), read_strictly(path.read_bytes())) for path in paths}


@pytest.fixture(scope="module")
def bounces() -> dict[str, tuple[bytes, Mail]]:
    if not BOUNCES.is_dir():
        pytest.skip(f"{BOUNCES} is not here")
    return {path.name: (path.read_bytes(), read_strictly(path.read_bytes())) for path in sorted(BOUNCES.glob("*.eml"))}


def test_senders_and_subjects_of_pythons_own_mails_are_those_that_python_reads(
    of_python: dict[str, tuple[bytes, Mail]],
) -> None:
    assert len(of_python) > 40
    assert list(differing(of_python)) == []


def test_attachments_of_pythons_own_mails_have_the_names_that_python_reads(
    of_python: dict[str, tuple[bytes, Mail]],
) -> None:
    for name, (raw, mail) in of_python.items():
        message = message_from_bytes(raw)
        enclosed = {
            id(part) for one in message.walk() if one.get_content_type() == "message/rfc822" for part in one.walk()
        }
        enclosed -= {id(one) for one in message.walk() if one.get_content_type() == "message/rfc822"}
        names = {part.get_filename() for part in message.walk() if id(part) not in enclosed} - {None}
        assert names <= {part.name for part in mail.parts}, name


def test_senders_and_subjects_of_published_bounces_are_sensible(bounces: dict[str, tuple[bytes, Mail]]) -> None:
    assert len(bounces) > 200
    unlike = list(differing(bounces))
    assert len(unlike) <= 0.01 * len(bounces), unlike
    without_words = [name for name, (_, mail) in bounces.items() if not mail.text.strip()]
    assert len(without_words) <= 0.01 * len(bounces), without_words


def differing(mails: dict[str, tuple[bytes, Mail]]) -> Iterator[str]:
    """Those read otherwise than by the standard library, which reads whole headers right and broken ones not at all."""
    for name, (raw, mail) in mails.items():
        message = message_from_bytes(raw, policy=policy.default)
        try:
            subject = " ".join(str(message["Subject"] or "").split())
            address = parseaddr(str(message["From"] or ""))[1].lower()
        except (ValueError, IndexError, AttributeError):
            continue
        if ("\ufffd" not in subject and mail.subject != subject) or ("@" in address and mail.sender.address != address):
            yield f"{name}: {mail.sender.address} / {mail.subject}, not {address} / {subject}"
