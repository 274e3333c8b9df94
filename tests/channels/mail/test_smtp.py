"""Letters out by a real server, and what each of its failures means for a letter."""

import asyncio
import base64
import mailbox as folders
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from channels.base import File, Outbound, SendError, Thread
from channels.mail.settings import EmailSettings
from channels.mail.smtp import Sender
from channels.mail.token import Tokens
from channels.mail.write import written
from tests.channels.mail.desk import eventually
from tests.channels.mail.servers import PASSWORD, Dovecot, Exim, free_ports
from tests.channels.mail.wire import token_server, wire

THREAD = Thread("t34", "Kā žūrija lemj?", "LV-2026-000123", ("one@example.lv",))
NOT_HEARD = ("AUTH", "MAIL", "RCPT", "DATA")


def settings_for(url: str, **given: object) -> EmailSettings:
    return EmailSettings.model_validate({"address": "desk@desk.test", "smtp_listen": "", "smtp_url": url, **given})


def letter_for(settings: EmailSettings, text: str = "Labdien!\n.punkts\n..divi", **more: object) -> EmailMessage:
    message = Outbound("m1", "ilze@example.lv", text, thread=THREAD, **more)  # type: ignore[arg-type]
    return written(message, settings, Tokens(b"key"))


async def send(url: str, to: str = "ilze@example.lv", **given: object) -> None:
    settings = settings_for(url, **given)
    await Sender(settings).send(letter_for(settings), to)


async def refused(url: str, to: str = "ilze@example.lv", **given: object) -> SendError:
    with pytest.raises(SendError) as error:
        await send(url, to, **given)
    return error.value


def in_mailbox(dovecot: Dovecot, user: str) -> list[bytes]:
    with dovecot.imap(user) as client:
        found = client.uid("FETCH", "1:*", "(BODY.PEEK[])")[1]
    return [part[1] for part in found if isinstance(part, tuple)]


@pytest.mark.parametrize(
    ("scheme", "port", "user"),
    [("smtp", "smtp", ""), ("smtp+starttls", "smtp", "atbilde@"), ("smtps", "smtps", "atbilde@")],
)
async def test_a_letter_reaches_a_mailbox_as_it_was_written(
    exim: Exim, dovecot: Dovecot, trusted: Callable[[Path], None], scheme: str, port: str, user: str
) -> None:
    trusted(exim.folder)
    settings = settings_for(f"{scheme}://{user}localhost:{exim.ports[port]}", smtp_password=PASSWORD)
    reader = f"{scheme.replace('+', '-')}"
    letter = letter_for(settings)
    await Sender(settings).send(letter, f"{reader}@example.lv")

    await eventually(lambda: bool(in_mailbox(dovecot, reader)))
    (arrived,) = in_mailbox(dovecot, reader)
    assert arrived.endswith(letter.as_bytes())
    assert f"Return-Path: <{letter['Reply-To'].addresses[0].addr_spec}>".encode() in arrived


@pytest.mark.parametrize("scheme", ["smtp", "smtp+starttls"])
def test_a_letter_goes_out_whole_on_the_loop_of_the_real_server_too(
    exim: Exim, dovecot: Dovecot, trusted: Callable[[Path], None], scheme: str
) -> None:
    uvloop = pytest.importorskip("uvloop", reason="there is none for this system")
    trusted(exim.folder)
    to = f"uvloop-{scheme.replace('+', '-')}@example.lv"

    async def sent() -> None:
        await send(f"{scheme}://localhost:{exim.ports['smtp']}", to)
        await asyncio.sleep(0.2)  # its connections take a moment to close

    uvloop.run(sent())
    with dovecot.imap(to.partition("@")[0]) as client:
        deadline = time.monotonic() + 10
        while not client.search(None, "TEXT", "punkts")[1][0] and time.monotonic() < deadline:
            time.sleep(0.05)
    assert b"punkts" in in_mailbox(dovecot, to.partition("@")[0])[0]


async def test_a_recipient_that_is_refused_is_refused_for_good(exim: Exim) -> None:
    error = await refused(f"smtp://localhost:{exim.ports['smtp']}", "nobody@example.lv")
    assert error.permanent
    assert "550 nobody here has this address" in str(error)


async def test_a_recipient_that_is_refused_for_now_is_tried_again(exim: Exim) -> None:
    error = await refused(f"smtp://localhost:{exim.ports['smtp']}", "full@example.lv")
    assert (error.permanent, error.doubtful) == (False, False)


async def test_a_letter_that_is_refused_is_refused_for_good(exim: Exim) -> None:
    settings = settings_for(f"smtp://localhost:{exim.ports['smtp']}")
    letter = letter_for(settings)
    letter.replace_header("Subject", "refuse me")
    with pytest.raises(SendError) as error:
        await Sender(settings).send(letter, "ilze@example.lv")
    assert error.value.permanent


async def test_a_letter_that_is_too_large_is_refused_for_good(exim: Exim) -> None:
    settings = settings_for(f"smtp://localhost:{exim.ports['smtp']}")
    letter = letter_for(settings, files=(File("a.bin", "application/zip", bytes(3_000_000)),))
    with pytest.raises(SendError) as error:
        await Sender(settings).send(letter, "ilze@example.lv")
    assert error.value.permanent


async def test_a_letter_of_a_megabyte_goes_out_whole(exim: Exim, dovecot: Dovecot) -> None:
    settings = settings_for(f"smtp://localhost:{exim.ports['smtp']}")
    letter = letter_for(settings, files=(File("a.bin", "application/zip", bytes(1_000_000)),))
    await Sender(settings).send(letter, "large@example.lv")
    await eventually(lambda: bool(in_mailbox(dovecot, "large")))
    assert in_mailbox(dovecot, "large")[0].endswith(letter.as_bytes())


async def test_a_wrong_password_loses_no_letter(exim: Exim, trusted: Callable[[Path], None]) -> None:
    trusted(exim.folder)
    error = await refused(f"smtps://atbilde@localhost:{exim.ports['smtps']}", smtp_password="wrong")
    assert (error.permanent, error.doubtful) == (False, False)


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_a_server_whose_certificate_nobody_knows_gets_no_letter(exim: Exim, scheme: str) -> None:
    port = exim.ports["smtps" if scheme == "smtps" else "smtp"]
    error = await refused(f"{scheme}://localhost:{port}")
    assert not error.permanent
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)


async def test_no_server_is_tried_again() -> None:
    error = await refused(f"smtp://localhost:{free_ports('smtp')['smtp']}")
    assert (error.permanent, error.doubtful) == (False, False)


def ordinary(line: str) -> str | None:
    """A server that takes everything; None at what the tests below replace."""
    command = line.split(" ")[0].upper()
    return {"EHLO": "250-here\r\n250 SIZE 9000000", "DATA": "354 go on", ".": "250 taken", "QUIT": "221 bye"}.get(
        command, "250 ok" if command in ("MAIL", "RCPT") else ""
    )


@pytest.mark.parametrize("at", ["EHLO", "MAIL", "RCPT", "DATA"])
async def test_a_connection_lost_before_the_letter_is_tried_again(at: str) -> None:
    async with wire("220 here", lambda line: None if line.startswith(at) else ordinary(line)) as server:
        error = await refused(f"smtp://127.0.0.1:{server.port}")
    assert (error.permanent, error.doubtful) == (False, False)


async def test_a_connection_lost_when_all_had_gone_out_is_doubtful() -> None:
    async with wire("220 here", lambda line: None if line == "." else ordinary(line)) as server:
        error = await refused(f"smtp://127.0.0.1:{server.port}")
    assert (error.permanent, error.doubtful) == (False, True)


@pytest.mark.parametrize(("answer", "permanent"), [("451 later", False), ("554 never", True)])
async def test_what_the_server_says_of_the_letter_counts(answer: str, permanent: bool) -> None:
    async with wire("220 here", lambda line: answer if line == "." else ordinary(line)) as server:
        error = await refused(f"smtp://127.0.0.1:{server.port}")
    assert (error.permanent, error.doubtful) == (permanent, False)


async def test_a_sender_that_is_refused_loses_no_letter() -> None:
    async with wire("220 here", lambda line: "550 not you" if line.startswith("MAIL") else ordinary(line)) as server:
        error = await refused(f"smtp://127.0.0.1:{server.port}")
    assert not error.permanent


async def test_a_goodbye_that_fails_is_no_failure() -> None:
    async with wire("220 here", lambda line: None if line == "QUIT" else ordinary(line)) as server:
        await send(f"smtp://127.0.0.1:{server.port}")
    assert "." in server.heard


async def test_where_tls_is_refused_nothing_goes_out_in_the_clear() -> None:
    async with wire("220 here", ordinary) as server:
        error = await refused(f"smtp+starttls://desk@127.0.0.1:{server.port}", smtp_password=PASSWORD)
    assert not error.permanent
    assert not [line for line in server.heard if line.startswith(NOT_HEARD)]


async def test_an_access_token_opens_the_server_and_a_refused_one_is_asked_for_anew() -> None:
    def answer(line: str) -> str | None:
        if line.startswith("EHLO"):
            return "250-here\r\n250 AUTH XOAUTH2"
        if line.startswith("AUTH"):
            return "235 in" if b"Bearer second" in base64.b64decode(line.split(" ")[2]) else "535 expired"
        return ordinary(line)

    async with wire("220 here", answer) as server, token_server("first", "second") as (url, forms):
        settings = settings_for(
            f"smtp://desk%40desk.test@127.0.0.1:{server.port}",
            oauth_token_url=url,
            oauth_client_id="us",
            oauth_client_secret="ķīlis",
            oauth_scope="https://mail.test/.default",
        )
        assert not settings.missing()
        sender = Sender(settings)
        with pytest.raises(SendError, match="expired"):
            await sender.send(letter_for(settings), "ilze@example.lv")
        await sender.send(letter_for(settings), "ilze@example.lv")
        await sender.send(letter_for(settings), "ilze@example.lv")
    assert len(forms) == 2
    assert "grant_type=client_credentials&client_id=us&client_secret=%C4%B7%C4%ABlis" in forms[0]


async def test_no_access_token_loses_no_letter() -> None:
    async with (
        wire("220 here", lambda line: "250 AUTH XOAUTH2" if line.startswith("EHLO") else ordinary(line)) as server,
        token_server() as (url, _forms),
    ):
        oauth = {"oauth_token_url": url, "oauth_client_id": "us", "oauth_client_secret": "x"}
        error = await refused(f"smtp://desk@127.0.0.1:{server.port}", **oauth)
    assert not error.permanent
    assert "invalid_client" in str(error)


async def test_without_a_server_letters_lie_in_a_folder(tmp_path: Path) -> None:
    settings = settings_for("", maildir=tmp_path / "deep" / "mail")
    letter = letter_for(settings)
    await asyncio.gather(*(Sender(settings).send(letter, "ilze@example.lv") for _ in range(3)))
    kept = folders.Maildir(tmp_path / "deep" / "mail")
    assert [one["Message-ID"] for one in kept] == [letter["Message-ID"]] * 3
