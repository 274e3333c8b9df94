"""What becomes of a file that somebody sends, by the channel it came on and by what is in it."""

from pathlib import Path
from typing import ClassVar, TypeVar

import pytest
from sqlmodel import Session, SQLModel, col, select

from bot.attachments import attach, keep
from bot.brain import Brain
from bot.clamd import Found, ScannerDown
from bot.files import Store
from bot.worker import Worker
from channels.base import Channel, FileRef, Inbound, Outbound
from channels.email import Email
from channels.mail.settings import EmailSettings
from models.database import Database
from models.message import Attachment, Direction, Message, attach_copies
from models.moments import now
from models.queue import InboxRow, State
from models.ticket import Ticket
from tests.bot.post import Post
from tests.web.letters import letter_row, raw_letter

PMLP = "pmlp@pmlp.gov.lv"
Row = TypeVar("Row", bound=SQLModel)


class Pigeon(Channel):
    name: ClassVar[str] = "pigeon"

    async def send(self, message: Outbound) -> str:
        return message.id

    def parse(self, raw: bytes) -> list[Inbound]:
        return []


class Owl(Pigeon):
    letters: ClassVar[bool] = True


async def infected(_content: bytes) -> Found:
    return Found.VIRUS


async def down(_content: bytes) -> Found:
    raise ScannerDown("clamd at x does not answer")


def file(name: str, content: bytes) -> FileRef:
    return FileRef("1", name, size=len(content), content=content)


@pytest.mark.parametrize(
    ("name", "content", "by_pigeon", "by_letter"),
    [
        ("pase.pdf", b"%PDF-1.7", "", ""),
        ("dati.bin", b"\x00\x01\x02", "reason_bad_type", ""),
        ("liels.txt", b"x" * 2_000, "reason_too_large", ""),
        ("x.pdf.exe", b"MZ\x90\x00", "reason_bad_type", "dangerous"),
        ("x.pdf.exe", b"%PDF-1.7", "dangerous", "dangerous"),
    ],
)
async def test_of_a_letter_every_file_is_kept(
    tmp_path: Path, name: str, content: bytes, by_pigeon: str, by_letter: str
) -> None:
    store = Store(tmp_path, 1_000)
    (one,) = await keep(store, Pigeon(), (file(name, content),))
    assert (one.refused, bool(one.sha256)) == (by_pigeon, not by_pigeon.startswith("reason"))
    (one,) = await keep(store, Owl(), (file(name, content),))
    assert one.refused == by_letter
    assert store.path(one.sha256).read_bytes() == content


@pytest.mark.parametrize("channel", [Pigeon(), Owl()], ids=["pigeon", "letter"])
async def test_a_file_with_a_virus_is_kept_and_called_so(tmp_path: Path, channel: Channel) -> None:
    (one,) = await keep(Store(tmp_path, 1_000, infected), channel, (file("pase.pdf", b"%PDF-1.7"),))
    assert (one.refused, len(one.sha256)) == ("infected", 64)


async def test_while_nobody_can_scan_the_letter_waits_and_comes_in_later(
    database: Database, brain: Brain, tmp_path: Path
) -> None:
    def worker(store: Store) -> Worker:
        email = Email(EmailSettings(), b"a key")
        return Worker(database, {"email": email}, brain.understand, brain.published, store, "me", lambda _turn: None)

    raw = raw_letter("Kāds rīt būs laiks Marsā?", files=(("pase.pdf", b"%PDF-1.7"),))
    row = database.write(lambda session: letter_row(session, raw, State.WAITING))
    await worker(Store(tmp_path, 1_000, down)).work()
    waits = all_of(database, InboxRow)[0]
    assert (waits.state, waits.error) == (State.WAITING, "ScannerDown: clamd at x does not answer")
    assert all_of(database, Ticket) == []

    def due(session: Session) -> None:
        session.get_one(InboxRow, row.id).due_at = now()

    database.write(due)
    await worker(Store(tmp_path, 1_000)).work()
    assert [(one.name, one.refused) for one in all_of(database, Attachment)] == [("pase.pdf", "")]


async def test_an_institutions_files_go_along_with_its_answer_but_for_dangerous_ones(
    database: Database, brain: Brain, tmp_path: Path
) -> None:
    post, store = Post(database, brain), Store(tmp_path, 1_000)
    post.has_address("PMLP", PMLP, "pmlp.gov.lv")
    [forwarding] = post.forwards(post.brings("anna@example.lv", "Kur nopirkt raķeti Marsā?").on, "PMLP")
    kept = await keep(store, Owl(), (file("karte.pdf", b"%PDF-1.7"), file("setup.exe", b"MZ\x00")))
    turn = post.brings(PMLP, "Raķešu nav.", party=f"f{forwarding.id}")

    def work(session: Session) -> None:
        turn.session, turn.heard = session, session.get_one(Message, turn.heard.id if turn.heard else 0)
        turn.said = [session.get_one(Message, one.id) for one in turn.said]
        attach(session, turn, kept, store.limit)

    database.write(work)
    assert [one.text.splitlines()[-1] for one in turn.said] == ["Raķešu nav."]
    files = [(one.message_id == turn.said[0].id, one.name) for one in all_of(database, Attachment)]
    assert files == [(False, "karte.pdf"), (False, "setup.exe"), (True, "karte.pdf")]


def test_nothing_dangerous_is_copied_to_another_message(database: Database, brain: Brain) -> None:
    post = Post(database, brain)
    first = post.brings("anna@example.lv", "Kur nopirkt raķeti Marsā?").heard
    assert first is not None

    def work(session: Session) -> None:
        for name, refused in (("a.pdf", ""), ("b.exe", "dangerous"), ("c.com", "infected"), ("d.bin", "not scanned")):
            session.add(
                Attachment(
                    message_id=first.id or 0, name=name, media_type="x/y", size=1, sha256="a" * 64, refused=refused
                )
            )
        session.flush()
        to = session.exec(select(Message).where(col(Message.direction) == Direction.OUT)).first()
        assert to is not None
        attach_copies(session, [first.id or 0], to)

    database.write(work)
    copies = [one.name for one in all_of(database, Attachment) if one.message_id != first.id]
    assert copies == ["a.pdf"]


def all_of(database: Database, table: type[Row]) -> list[Row]:
    with database.read() as session:
        return list(session.exec(select(table)))
