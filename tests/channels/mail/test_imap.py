"""Letters out of a real mailbox: each is stored, then marked, whoever else reads there and whatever breaks."""

import asyncio
import base64
import imaplib
import itertools
import smtplib
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from imap_tools import MailboxFolderSelectError

from channels.mail.imap import visit
from channels.mail.listen import listen
from channels.mail.mailbox import STORED
from channels.mail.oauth import AccessToken
from channels.mail.settings import EmailSettings
from tests.channels.mail import servers
from tests.channels.mail.desk import Desk, eventually, running
from tests.channels.mail.gate import gate
from tests.channels.mail.servers import PASSWORD, Dovecot
from tests.channels.mail.wire import token_server, wire

LETTER = (
    "From: Ilze <Ilze@Example.LV>\r\nSubject: jautājums {n}\r\nMessage-ID: <{n}@example.lv>\r\n\r\nLabdien, žūrija!\r\n"
)
BEARER = b"\1auth=Bearer second\1\1"
USERS = itertools.count(1)


def letter(number: int) -> bytes:
    return LETTER.format(n=number).encode()


def settings_for(server: Dovecot, user: str, scheme: str = "imap", **given: object) -> EmailSettings:
    port = server.ports["imaps" if scheme == "imaps" else "imap"]
    return EmailSettings.model_validate(
        {"imap_url": f"{scheme}://{user}@localhost:{port}/INBOX", "imap_password": PASSWORD, **given}
    )


class Mailbox:
    """Somebody's mailbox, as another program sees it."""

    def __init__(self, server: Dovecot, user: str) -> None:
        self.server = server
        self.user = user

    def put(self, raw: bytes, flags: str = "") -> None:
        with self.server.imap(self.user) as client:
            assert client.append("INBOX", flags, "", raw)[0] == "OK"

    def arrives(self, raw: bytes) -> None:
        with smtplib.LMTP("127.0.0.1", self.server.ports["lmtp"]) as handing:
            handing.sendmail("ilze@example.lv", [f"{self.user}@localhost"], raw)

    def flags(self) -> list[str]:
        """Of each letter that is there."""
        with self.server.imap(self.user) as client:
            _, found = client.uid("FETCH", "1:*", "(FLAGS)")
        return [" ".join(sorted(flag.decode() for flag in imaplib.ParseFlags(one))) for one in found if one]

    def all_stored(self) -> bool:
        return all(STORED in flags for flags in self.flags())


@pytest.fixture
def mailbox(dovecot: Dovecot) -> Mailbox:
    return Mailbox(dovecot, f"desk{next(USERS)}")


@asynccontextmanager
async def listening(mailbox: Mailbox, desk: Desk) -> AsyncIterator[None]:
    async with running(listen(settings_for(mailbox.server, mailbox.user), desk.receive)):
        yield


async def visiting(mailbox: Mailbox, desk: Desk, **more: float) -> None:
    """One visit, until all letters that are there have been seen."""
    settings, done = settings_for(mailbox.server, mailbox.user), asyncio.Event()
    assert settings.imap
    token = AccessToken(settings)
    async with running(visit(settings.imap, settings, token, desk.receive, done.set, **more)):  # type: ignore[arg-type]
        async with asyncio.timeout(10):
            await done.wait()


async def test_letters_that_wait_are_stored_byte_for_byte_in_their_order_and_marked(mailbox: Mailbox) -> None:
    for number in range(3):
        mailbox.put(letter(number))
    desk = Desk()

    await visiting(mailbox, desk)

    assert [raw for _id, raw, _sender in desk.letters] == [letter(0), letter(1), letter(2)]
    assert {sender for _id, _raw, sender in desk.letters} == {"ilze@example.lv"}
    assert mailbox.flags() == [STORED] * 3


async def test_what_arrives_while_we_wait_is_told_by_the_server(mailbox: Mailbox) -> None:
    desk = Desk()
    async with listening(mailbox, desk):
        for number in range(3):
            await asyncio.to_thread(mailbox.arrives, letter(number))
            assert letter(number).rstrip() in (await desk.has(number + 1))[-1]
        await eventually(mailbox.all_stored)


async def test_a_letter_that_a_person_has_read_is_taken_too_and_stays_read(mailbox: Mailbox) -> None:
    mailbox.put(letter(1), r"(\Seen)")
    mailbox.put(letter(2))
    desk = Desk()

    await visiting(mailbox, desk)

    assert len(desk.letters) == 2
    assert mailbox.flags() == [rf"{STORED} \Seen", STORED]


async def test_what_a_person_has_marked_as_deleted_is_taken_and_not_removed_by_us(mailbox: Mailbox) -> None:
    mailbox.put(letter(1), r"(\Deleted)")
    desk = Desk()

    await visiting(mailbox, desk)

    assert len(desk.letters) == 1
    assert mailbox.flags() == [rf"{STORED} \Deleted"]


async def test_what_is_marked_is_not_taken_again(mailbox: Mailbox) -> None:
    mailbox.put(letter(1))
    desk = Desk()
    await visiting(mailbox, desk)
    await visiting(mailbox, desk)
    assert desk.asked == 1


async def test_a_letter_is_marked_only_when_it_is_stored(mailbox: Mailbox) -> None:
    mailbox.put(letter(1))
    desk = Desk(holds=asyncio.Event())
    async with listening(mailbox, desk):
        await desk.until(lambda: desk.asked == 1)
        assert mailbox.flags() == [""]
        assert desk.holds
        desk.holds.set()
        await eventually(mailbox.all_stored)


async def test_what_cannot_be_stored_holds_up_no_other_and_is_tried_again(mailbox: Mailbox) -> None:
    for number in range(3):
        mailbox.put(letter(number))
    fails = [OSError("the database is away")]
    desk = Desk(fails=lambda raw: fails.pop() if b"<1@" in raw and fails else None)
    async with listening(mailbox, desk):
        assert await desk.has(3) == [letter(0), letter(2), letter(1)]
        await eventually(mailbox.all_stored)


async def test_what_is_refused_for_good_stays_flagged_and_holds_up_no_other(mailbox: Mailbox) -> None:
    mailbox.put(letter(1))
    mailbox.put(letter(2))
    desk = Desk(fails=lambda raw: ValueError("no") if b"<1@" in raw else None)

    await visiting(mailbox, desk)
    await visiting(mailbox, desk)

    assert desk.asked == 2
    assert mailbox.flags() == [r"AtbildeRefused \Flagged", STORED]


@pytest.mark.parametrize("what", [r"FETCH 1 \(BODY", "STORE 1 "])
async def test_a_letter_that_the_server_refuses_holds_up_no_other(mailbox: Mailbox, what: str) -> None:
    for number in range(3):
        mailbox.put(letter(number))
    desk = Desk()
    async with gate(mailbox.server.ports["imap"]) as between:
        between.refuse(rb"(\S+) UID " + what.encode() + rb".*", rb"\1 NO [SERVERBUG] it is broken\r\n")
        settings = EmailSettings.model_validate(
            {"imap_url": f"imap://{mailbox.user}@127.0.0.1:{between.port}/INBOX", "imap_password": PASSWORD}
        )
        async with running(listen(settings, desk.receive)):
            await eventually(lambda: mailbox.flags()[1:] == [STORED, STORED])
    assert mailbox.flags()[0] == ""


async def test_a_letter_that_is_too_large_is_not_even_fetched(
    mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    mailbox.put(letter(1) + b"x" * 2000)
    mailbox.put(letter(2))
    desk = Desk()

    await visiting(mailbox, desk, largest=1000)

    assert [raw for _id, raw, _sender in desk.letters] == [letter(2)]
    assert mailbox.flags() == [r"AtbildeRefused \Flagged", STORED]
    assert "too large" in caplog.text


async def test_a_mailbox_without_keywords_is_marked_by_what_it_has(dovecot: Dovecot) -> None:
    mailbox = Mailbox(dovecot, "seen")
    mailbox.arrives(letter(1))
    desk = Desk()

    await visiting(mailbox, desk)
    await visiting(mailbox, desk)

    assert desk.asked == 1
    assert mailbox.flags() == [r"\Seen"]


async def test_a_server_that_tells_nothing_is_asked_again() -> None:
    needs_servers()
    with servers.dovecot("imap_capability = IMAP4rev1 LITERAL+") as silent:
        mailbox, desk = Mailbox(silent, "desk"), Desk()
        settings = settings_for(silent, "desk")
        assert settings.imap
        looking = visit(settings.imap, settings, AccessToken(settings), desk.receive, lambda: None, poll=0.05)
        async with running(looking):
            for number in range(2):
                await asyncio.to_thread(mailbox.arrives, letter(number))
                await desk.has(number + 1)


async def test_a_server_that_died_is_listened_to_again(caplog: pytest.LogCaptureFixture) -> None:
    needs_servers()
    with servers.dovecot() as mortal:
        mailbox, desk = Mailbox(mortal, "desk"), Desk()
        mailbox.arrives(letter(1))
        async with listening(mailbox, desk):
            await desk.has(1)
            await eventually(mailbox.all_stored)
            mortal.kill()
            mortal.start()
            await asyncio.to_thread(mailbox.arrives, letter(2))
            assert len(await desk.has(2)) == 2
    assert "again in" in caplog.text


async def test_whoever_waits_is_gone_at_once_when_he_is_told_to(mailbox: Mailbox) -> None:
    desk = Desk()
    async with listening(mailbox, desk):
        await asyncio.to_thread(mailbox.arrives, letter(1))
        await desk.has(1)
        await eventually(mailbox.all_stored)
    await eventually(lambda: not any(one.name.startswith("imap") for one in threading.enumerate()))


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
async def test_over_tls_the_servers_certificate_must_be_known(
    mailbox: Mailbox, scheme: str, trusted: Callable[[Path], None]
) -> None:
    mailbox.arrives(letter(1))
    desk = Desk()
    settings = settings_for(mailbox.server, mailbox.user, scheme)
    assert settings.imap
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        await visit(settings.imap, settings, AccessToken(settings), desk.receive, lambda: None)
    trusted(mailbox.server.folder)
    async with running(listen(settings, desk.receive)):
        await desk.has(1)


def needs_servers() -> None:
    if not servers.HERE:
        pytest.skip(servers.WHY_ABSENT)


async def test_where_tls_is_refused_no_password_goes_out_in_the_clear() -> None:
    def answer(line: str) -> str | None:
        tag, command, *_ = line.split(" ")
        return f"* CAPABILITY IMAP4rev1\r\n{tag} OK done" if command == "CAPABILITY" else f"{tag} BAD no"

    async with wire("* OK here", answer) as server:
        url = f"imap+starttls://desk@127.0.0.1:{server.port}"
        settings = EmailSettings.model_validate({"imap_url": url, "imap_password": PASSWORD})
        with pytest.raises(imaplib.IMAP4.error):
            await visit(settings.imap, settings, AccessToken(settings), Desk().receive, lambda: None)  # type: ignore[arg-type]
    assert not [line for line in server.heard if "LOGIN" in line or "AUTH" in line]


async def test_an_access_token_opens_the_mailbox_and_a_refused_one_is_asked_for_anew() -> None:
    def answer(line: str) -> str | None:
        tag, command, *rest = [*line.split(" "), ""]
        if command == "CAPABILITY":
            return f"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n{tag} OK done"
        if command == "AUTHENTICATE":
            seen["tag"] = tag
            return "+ "
        if not command:  # what it authenticates with
            said = base64.b64decode(tag)
            return f"{seen['tag']} {'OK in' if said == b'user=desk@desk.test' + BEARER else 'NO expired'}"
        return f"{tag} NO that is enough" if rest else None

    seen: dict[str, str] = {}
    async with wire("* OK here", answer) as server, token_server("first", "second") as (url, forms):
        settings = EmailSettings.model_validate(
            {
                "imap_url": f"imap://desk%40desk.test@127.0.0.1:{server.port}",
                "oauth_token_url": url,
                "oauth_client_id": "us",
                "oauth_client_secret": "x",
            }
        )
        assert not settings.missing()
        assert settings.imap
        visiting = partial(visit, settings.imap, settings, AccessToken(settings), Desk().receive, lambda: None)
        with pytest.raises(imaplib.IMAP4.error, match="expired"):
            await visiting()
        with pytest.raises(MailboxFolderSelectError):
            await visiting()
    assert len(forms) == 2
