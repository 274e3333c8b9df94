"""The one way in: what arrives is stored once, worked in order, and its files are judged by what they are."""

import asyncio
import hashlib
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from sqlmodel import Session, col, select

from bot.attachments import safe_name
from bot.brain import Brain
from bot.files import Store
from bot.inbox import LONGEST_ID, Inbox, Refused
from bot.take import Taker
from bot.worker import Worker
from channels.api import Api
from channels.base import Channel, FileRef, Inbound, Kind, Outbound, SendError
from models.database import Database
from models.message import Attachment, Direction, Message
from models.moments import now
from models.queue import InboxRow, State
from models.ticket import Ticket
from tests.bot.talk import as_json

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
UNKNOWN = "Kāds rīt būs laiks Marsā un kur nopirkt raķeti?"


class Pigeon(Channel):
    """Carries what the test gives it; its raw payload is the number of the thing."""

    name: ClassVar[str] = "pigeon"

    def __init__(self, *carried: Inbound, files: dict[str, bytes | Exception] | None = None) -> None:
        self.carried = carried
        self.files = files or {}

    async def send(self, message: Outbound) -> str:
        return message.id

    def parse(self, raw: bytes) -> list[Inbound]:
        return [self.carried[int(raw)]]

    async def fetch(self, file: FileRef, limit: int) -> bytes:
        content = self.files[file.id]
        if isinstance(content, Exception):
            raise content
        return content


def wrote(
    text: str = UNKNOWN, number: int = 0, *, at: datetime | None = None, files: Sequence[FileRef] = ()
) -> Inbound:
    return Inbound(
        "anna", f"anna:{number}", Kind.TEXT, text=text, name="Anna", language="lv", at=at, files=tuple(files)
    )


class Desk:
    """An inbox and a worker over one database."""

    def __init__(self, database: Database, brain: Brain, folder: Path, *channels: Channel) -> None:
        self.database = database
        self.store = Store(folder / "files", 1_000_000)
        self.woken = 0
        self.worker = Worker(
            database,
            {c.name: c for c in channels},
            brain.understand,
            brain.published,
            self.store,
            "us",
            stored=lambda _turn: None,
        )
        self.inbox = Inbox(database, "us", wake=self.wake)
        self.taker = Taker(database, self.inbox, self.worker)

    def wake(self) -> None:
        self.woken += 1

    def rows(self) -> list[InboxRow]:
        with self.database.read() as session:
            return list(session.exec(select(InboxRow).order_by(col(InboxRow.id))))

    def heard(self) -> list[Message]:
        with self.database.read() as session:
            looked = select(Message).where(col(Message.direction) == Direction.IN).order_by(col(Message.id))
            return list(session.exec(looked))

    def attachment(self) -> Attachment:
        with self.database.read() as session:
            return session.exec(select(Attachment)).one()

    def said(self) -> list[str]:
        with self.database.read() as session:
            looked = select(Message).where(col(Message.direction) == Direction.OUT).order_by(col(Message.id))
            return [message.text for message in session.exec(looked)]

    def tickets(self) -> list[Ticket]:
        with self.database.read() as session:
            return list(session.exec(select(Ticket)))


async def test_what_arrives_is_stored_as_it_is_and_the_worker_woken(
    database: Database, brain: Brain, tmp_path: Path
) -> None:
    desk = Desk(database, brain, tmp_path)
    assert await desk.inbox.receive("pigeon", "1", b"\x00\xff raw", "anna") is True
    (row,) = desk.rows()
    assert (row.channel, row.external_id, row.raw, row.state) == ("pigeon", "1", b"\x00\xff raw", State.WAITING)
    assert desk.woken == 1


async def test_twenty_receivers_of_the_same_store_it_once(database: Database, brain: Brain, tmp_path: Path) -> None:
    desk = Desk(database, brain, tmp_path)
    new = await asyncio.gather(*(desk.inbox.receive("pigeon", "1", b"raw", "anna") for _ in range(20)))
    assert sorted(new) == [False] * 19 + [True]
    assert len(desk.rows()) == 1


async def test_the_same_id_on_another_channel_is_another_message(
    database: Database, brain: Brain, tmp_path: Path
) -> None:
    desk = Desk(database, brain, tmp_path)
    assert await desk.inbox.receive("pigeon", "1", b"raw")
    assert await desk.inbox.receive("owl", "1", b"raw")
    assert len(desk.rows()) == 2


async def test_one_refused_among_many_writers_harms_no_other(database: Database, brain: Brain, tmp_path: Path) -> None:
    desk = Desk(database, brain, tmp_path)
    new = await asyncio.gather(*(desk.inbox.receive("pigeon", str(n % 25), b"raw") for n in range(50)))
    assert sum(new) == 25
    assert sorted(row.external_id for row in desk.rows()) == sorted(map(str, range(25)))


@pytest.mark.parametrize(
    ("external_id", "raw"), [("", b"raw"), ("x" * (LONGEST_ID + 1), b"raw"), ("1", b"x" * (Channel.largest + 1))]
)
async def test_what_cannot_be_kept_is_refused_before_it_is_acknowledged(
    sqlite_url: str, brain: Brain, tmp_path: Path, external_id: str, raw: bytes
) -> None:
    desk = Desk(Database(sqlite_url), brain, tmp_path)
    with pytest.raises(Refused):
        await desk.inbox.receive("pigeon", external_id, raw)
    assert desk.rows() == []
    desk.database.close()


async def test_messages_of_one_conversation_handed_in_at_once_are_worked_in_order(
    database: Database, brain: Brain, tmp_path: Path
) -> None:
    desk = Desk(database, brain, tmp_path, Api())
    running = asyncio.create_task(desk.worker.run())
    texts = [f"{UNKNOWN} Vēstule {number}." for number in range(8)]
    taken = await asyncio.gather(
        *(
            desk.taker.take(
                "api", f"m{number}", as_json(conversation="anna", id=f"m{number}", kind="text", text=text), "anna"
            )
            for number, text in enumerate(texts)
        )
    )
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert all(one.worked for one in taken)
    assert len(desk.tickets()) == 1
    raws = [row.raw.decode() for row in desk.rows()]
    assert [message.text in raw for message, raw in zip(desk.heard(), raws, strict=True)] == [True] * 8


async def test_a_later_message_waits_for_an_earlier_one_that_failed(
    database: Database, brain: Brain, tmp_path: Path
) -> None:
    desk = Desk(database, brain, tmp_path, Pigeon(wrote("pirmā"), wrote("otrā", 1)))
    await desk.inbox.receive("pigeon", "0", b"0", "anna")
    await desk.inbox.receive("pigeon", "1", b"1", "anna")

    def put_off(session: Session) -> None:
        session.exec(select(InboxRow).where(col(InboxRow.external_id) == "0")).one().due_at = now() + timedelta(hours=1)

    desk.database.write(put_off)
    assert await desk.worker.work() == 0
    desk.database.write(lambda s: setattr(s.exec(select(InboxRow).order_by(col(InboxRow.id))).first(), "due_at", now()))
    while await desk.worker.work():
        pass
    assert [message.text for message in desk.heard()] == ["pirmā", "otrā"]


@pytest.mark.parametrize(
    ("before", "believed"),
    [
        (timedelta(hours=30), True),
        (timedelta(days=1, hours=23), True),
        (timedelta(days=2, minutes=1), False),
        (timedelta(days=-1), False),
        (timedelta(days=9000), False),
    ],
)
async def test_the_providers_time_is_believed_within_two_days_only(
    sqlite_url: str, brain: Brain, tmp_path: Path, before: timedelta, believed: bool
) -> None:
    sent_at = (datetime.now(UTC) - before).replace(microsecond=0)
    desk = Desk(Database(sqlite_url), brain, tmp_path, Pigeon(wrote(at=sent_at)))
    await desk.inbox.receive("pigeon", "0", b"0", "anna")
    await desk.worker.work()
    (ticket,), (row,) = desk.tickets(), desk.rows()
    assert ticket.received_at == (sent_at if believed else row.received_at)
    desk.database.close()


async def with_file(
    url: str, brain: Brain, folder: Path, file: FileRef, content: bytes | Exception
) -> tuple[Desk, Attachment]:
    desk = Desk(Database(url), brain, folder, Pigeon(wrote(files=[file]), files={file.id: content}))
    await desk.inbox.receive("pigeon", "0", b"0", "anna")
    await desk.worker.work()
    kept = desk.attachment()
    desk.database.close()
    return desk, kept


async def test_a_file_is_kept_once_under_the_hash_of_its_bytes(sqlite_url: str, brain: Brain, tmp_path: Path) -> None:
    file = FileRef("f", "../../etc/līgums.pdf", "image/png")
    desk, kept = await with_file(sqlite_url, brain, tmp_path, file, PDF)
    assert (kept.name, kept.media_type, kept.size) == ("līgums.pdf", "application/pdf", len(PDF))
    assert kept.sha256 == hashlib.sha256(PDF).hexdigest()
    path = desk.store.path(kept.sha256)
    assert path.read_bytes() == PDF
    kept_as = path.stat().st_ino
    assert desk.store.keep(PDF) == kept.sha256
    assert path.stat().st_ino == kept_as
    assert [found for found in (tmp_path / "files").rglob("*") if found.is_file()] == [path]


async def test_files_of_the_same_bytes_kept_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    store = Store(tmp_path, 1_000)
    names = await asyncio.gather(*(asyncio.to_thread(store.keep, PDF) for _ in range(20)))
    assert set(names) == {hashlib.sha256(PDF).hexdigest()}
    assert store.path(names[0]).read_bytes() == PDF


@pytest.mark.parametrize(
    ("file", "content", "why"),
    [
        (FileRef("f", "liels.pdf", size=2_000_000), PDF, "reason_too_large"),
        (FileRef("f", "bilde.jpg", "image/jpeg"), b"MZ\x90\x00\x03\x00\x00\x00", "reason_bad_type"),
        (FileRef("f", "bilde.jpg", "image/jpeg"), b"\x00\x01\x02\x03", "reason_bad_type"),
        (FileRef("f", "pazudis.pdf"), SendError("file is gone", permanent=True), "reason_gone"),
    ],
)
async def test_a_file_that_is_not_taken_is_named_to_the_citizen_with_the_reason(
    sqlite_url: str, brain: Brain, tmp_path: Path, file: FileRef, content: bytes | Exception, why: str
) -> None:
    desk, kept = await with_file(sqlite_url, brain, tmp_path, file, content)
    assert (kept.refused, kept.sha256) == (why, "")
    assert any(file.name in text for text in desk.said())
    assert len(desk.tickets()) == 1
    assert not (tmp_path / "files").exists()


async def test_a_file_the_provider_cannot_give_for_now_is_asked_for_again(
    sqlite_url: str, brain: Brain, tmp_path: Path
) -> None:
    file = FileRef("f", "foto.pdf")
    pigeon = Pigeon(wrote(files=[file]), files={"f": SendError("503")})
    desk = Desk(Database(sqlite_url), brain, tmp_path, pigeon)
    await desk.inbox.receive("pigeon", "0", b"0", "anna")
    await desk.worker.work()
    (row,) = desk.rows()
    assert (row.state, row.error) == (State.WAITING, "SendError: 503")
    assert desk.heard() == []
    pigeon.files["f"] = PDF
    desk.database.write(lambda s: setattr(s.exec(select(InboxRow)).one(), "due_at", now()))
    await desk.worker.work()
    assert desk.attachment().media_type == "application/pdf"
    desk.database.close()


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\anna\\pase.pdf", "pase.pdf"),
        ("/", "file"),
        ("..", "file"),
        ("", "file"),
        (".htaccess", "htaccess"),
        ("a\x00b\r\n.pdf", "ab.pdf"),
        ('<script>"x".pdf', "scriptx.pdf"),
        ("\u202egnp.exe", "gnp.exe"),
        ("ģimene.pdf", "ģimene.pdf"),
        ("x" * 500 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_files_name_is_only_a_name(given: str, safe: str) -> None:
    assert safe_name(given) == safe


def test_no_name_leads_anywhere() -> None:
    for parts in itertools.product(("..", ".", "/", "\\", "a", "\x00", ":"), repeat=4):
        name = safe_name("".join(parts))
        assert name
        assert not {"/", "\\", "\x00", ":"} & set(name)
        assert name not in (".", "..")
