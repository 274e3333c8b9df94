"""Letters handed in: 250 only for what is stored, an answer for each recipient, and the server keeps the rest."""

import asyncio
import smtplib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any

import pytest

from channels.mail.listen import listen
from channels.mail.lmtp import serve
from channels.mail.settings import EmailSettings
from tests.channels.mail.desk import Desk, eventually, running
from tests.channels.mail.servers import Exim, free_ports

LETTER = "From: Jānis <Janis@Example.LV>\r\nSubject: šķūnis\r\n\r\n.punkts\r\nžūrija\r\n".encode()
OURS = "desk@desk.test"
HERE = "127.0.0.1"


def settings_for(**given: object) -> EmailSettings:
    return EmailSettings.model_validate({"address": OURS, "smtp_listen": "", **given})


async def open_port(port: int) -> None:
    def answers() -> bool:
        with socket.socket() as trying:
            return trying.connect_ex((HERE, port)) == 0

    await eventually(answers)


def sent(client: type[smtplib.SMTP], port: int, to: str, raw: bytes) -> None:
    """By an ordinary program."""
    with client(HERE, port) as connected:
        connected.sendmail("janis@example.lv", [to], raw)


@asynccontextmanager
async def handing(desk: Desk, *, largest: int = 100_000) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """Calls of a real client's connection, each in a thread."""
    port = free_ports("lmtp")["lmtp"]
    async with running(serve((HERE, port), settings_for(), desk.receive, lmtp=True, largest=largest)):
        await open_port(port)
        client = await asyncio.to_thread(smtplib.LMTP, HERE, port)

        async def call(name: str, *args: object) -> Any:
            return await asyncio.to_thread(getattr(client, name), *args)

        await call("ehlo")
        yield call
        client.close()


async def hand_in(
    desk: Desk, raw: bytes, *to: str, sender: str = "janis@example.lv", largest: int = 100_000
) -> list[int]:
    """The answers, one for each recipient that was taken."""
    async with handing(desk, largest=largest) as call:
        await call("mail", sender)
        for one in to:
            await call("rcpt", one)
        first = await call("data", raw)
        codes = [first[0]]
        codes += [(await call("getreply"))[0] for _ in to[1:]]
        return codes


async def test_a_letter_is_stored_with_who_sent_it_and_to_whom_on_top() -> None:
    desk = Desk()
    assert await hand_in(desk, LETTER, "desk+t1-abc@desk.test", sender="bounce@example.lv") == [250]

    ((_id, raw, sender),) = desk.letters
    assert raw == b"Return-Path: <bounce@example.lv>\r\nDelivered-To: desk+t1-abc@desk.test\r\n" + LETTER
    assert sender == "janis@example.lv"


async def test_nobody_as_the_sender_is_kept_as_nobody() -> None:
    desk = Desk()
    await hand_in(desk, LETTER, OURS, sender="")
    assert desk.letters[0][1].startswith(b"Return-Path: <>\r\n")


async def test_the_answer_waits_until_the_letter_is_stored() -> None:
    desk = Desk(holds=asyncio.Event())
    handed_in = asyncio.create_task(hand_in(desk, LETTER, OURS))
    await desk.until(lambda: desk.asked == 1)
    assert not handed_in.done()
    assert desk.holds
    desk.holds.set()
    assert await handed_in == [250]


async def test_what_cannot_be_stored_now_is_answered_so_that_the_server_keeps_it() -> None:
    assert await hand_in(Desk(fails=lambda raw: OSError("the disk is full")), LETTER, OURS) == [451]


async def test_what_cannot_be_taken_at_all_is_answered_so_that_the_server_tells_its_sender() -> None:
    assert await hand_in(Desk(fails=lambda raw: ValueError("too large")), LETTER, OURS) == [552]


async def test_the_same_letter_for_two_of_our_addresses_is_stored_once_and_answered_twice() -> None:
    desk = Desk()
    assert await hand_in(desk, LETTER, OURS, "desk+t2-abc@desk.test") == [250, 250]
    ((_id, raw, _sender),) = desk.letters
    assert raw.count(b"Delivered-To: ") == 2


@pytest.mark.parametrize("stranger", ["else@desk.test", "desk@other.test", "desktop@desk.test", "+@desk.test"])
async def test_a_recipient_that_is_not_ours_is_refused_by_itself(stranger: str) -> None:
    desk = Desk()
    async with handing(desk) as call:
        await call("mail", "janis@example.lv")
        codes = [(await call("rcpt", one))[0] for one in (stranger, OURS)]
        taken = await call("data", LETTER)
    assert codes == [550, 250]
    assert taken[0] == 250
    assert len(desk.letters) == 1


async def test_a_letter_that_says_it_is_too_large_is_refused_before_it_is_sent() -> None:
    async with handing(Desk()) as call:
        assert (await call("mail", "janis@example.lv", ["SIZE=100001"]))[0] == 552


async def test_a_letter_that_is_too_large_is_refused_for_each_recipient() -> None:
    desk = Desk()
    assert await hand_in(desk, LETTER * 20, OURS, "desk+x@desk.test", largest=1000) == [552, 552]
    assert not desk.letters


async def test_a_line_longer_than_the_standard_allows_loses_no_letter() -> None:
    desk = Desk()
    long = LETTER + b"x" * 90_000 + b"\r\n"
    assert await hand_in(desk, long, OURS) == [250]
    assert desk.letters[0][1].endswith(long)


async def test_our_mail_server_keeps_a_letter_until_it_is_stored(exim: Exim, desk_lmtp: int) -> None:
    desk = Desk(fails=lambda raw: OSError("the database is away"))
    async with running(listen(settings_for(lmtp_listen=f"{HERE}:{desk_lmtp}"), desk.receive)):
        await open_port(desk_lmtp)
        await asyncio.to_thread(sent, smtplib.SMTP, exim.ports["smtp"], OURS, LETTER)
        await desk.until(lambda: desk.asked == 1)
        await eventually(lambda: "451 4.3.0" in exim.told())
        assert exim.waiting() == 1

        desk.fails = lambda raw: None
        await asyncio.to_thread(exim.run_the_queue)
        (raw,) = await desk.has(1)
        await eventually(lambda: exim.waiting() == 0)
    assert "šķūnis".encode() in raw


async def test_a_newcomer_hands_a_letter_in_on_the_same_machine() -> None:
    desk, port = Desk(), free_ports("smtp")["smtp"]
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "es@example.lv", "atbilde@localhost", "Kā deklarēt dzīvesvietu?"
    letter.set_content("Labdien!")
    async with running(listen(EmailSettings(smtp_listen=f"{HERE}:{port}"), desk.receive)):
        await open_port(port)
        await asyncio.to_thread(sent, smtplib.SMTP, port, "atbilde@localhost", letter.as_bytes())
    assert len(desk.letters) == 1


async def test_a_port_that_is_taken_is_told_and_stops_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server((HERE, 0)) as taken:
        at = f"{HERE}:{taken.getsockname()[1]}"
        await listen(EmailSettings(smtp_listen=at), Desk().receive)
    assert f"cannot be handed in at {at}" in caplog.text


async def test_one_way_in_that_fails_stops_no_other() -> None:
    desk, port = Desk(), free_ports("lmtp")["lmtp"]
    nowhere = {"imap_url": "imap://x@127.0.0.1:1", "imap_password": "x"}
    async with running(listen(settings_for(lmtp_listen=f"{HERE}:{port}", **nowhere), desk.receive)):
        await open_port(port)
        await asyncio.to_thread(sent, smtplib.LMTP, port, OURS, LETTER)
    assert len(desk.letters) == 1


async def test_nothing_set_is_nothing_to_listen_to() -> None:
    await listen(settings_for(), Desk().receive)
