"""E-mail: what every channel must do, and what a letter tells."""

import asyncio
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from channels.base import Choice, Kind, Outbound, Thread
from channels.email import NOBODY, Email
from channels.mail.settings import EmailSettings
from channels.mail.token import Tokens
from tests.channels.contract import ChannelContract

KEY = b"a key of the house"
CITIZEN = "ilze@example.lv"
OURS = "atbilde@vdaa.example"


def settings_for(url: str = "", **given: object) -> EmailSettings:
    return EmailSettings.model_validate({"address": OURS, "smtp_url": url, "smtp_listen": "", **given})


def letter(text: str = "Kā deklarēt dzīvesvietu?", **headers: str) -> bytes:
    made = EmailMessage()
    given = {"From": f"Ilze <{CITIZEN}>", "To": OURS, "Subject": "Jautājums", "Message-ID": "<1@example.lv>"}
    for name, value in {**given, **{name.replace("_", "-"): value for name, value in headers.items()}}.items():
        if value:
            made[name] = value
    made.set_content(text)
    return made.as_bytes()


class Inbox:
    """The citizen's mail server and mailbox."""

    address = CITIZEN

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self._refuses = False

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self._refuses:
            return "554 not wanted"
        got = message_from_bytes(envelope.original_content or b"", policy=default)
        assert isinstance(got, EmailMessage)
        self.letters.append(got)
        return "250 taken"

    def texts(self) -> list[str]:
        bodies = [got.get_body(("plain",)) for got in self.letters]
        return [body.get_content().replace("\r\n", "\n").rstrip("\n") for body in bodies if body]

    def buttons(self) -> list[Choice]:
        return []

    def refuse_next(self) -> None:
        self._refuses = True


class TestContract(ChannelContract):
    @pytest.fixture
    def citizen(self) -> Inbox:
        return Inbox()

    @pytest.fixture
    async def channel(self, citizen: Inbox) -> AsyncIterator[Email]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(citizen, loop=loop, hostname="localhost"), "127.0.0.1", 0)
        email = Email(settings_for(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"), KEY)
        yield email
        await email.close()
        server.close()

    @pytest.fixture
    def payloads(self) -> list[bytes]:
        return [letter(), letter(In_Reply_To="<a@b>", References="<c@d> <a@b>"), letter(Auto_Submitted="auto-replied")]

    @pytest.fixture
    def parser(self) -> Email:
        return Email(settings_for(), KEY)


@pytest.fixture
def email() -> Email:
    return Email(settings_for(), KEY)


def test_a_question_is_a_letter_with_its_subject(email: Email) -> None:
    (inbound,) = email.parse(letter())
    assert (inbound.conversation, inbound.external_id, inbound.kind) == (CITIZEN, "1@example.lv", Kind.LETTER)
    assert inbound.words == "Jautājums\nKā deklarēt dzīvesvietu?"
    assert inbound.name == "Ilze"


@pytest.mark.parametrize("name", ["to", "in_reply_to", "references"])
async def test_an_answer_knows_what_it_answers_by_what_we_have_signed(email: Email, name: str) -> None:
    token = Tokens(KEY).make("f7")
    said = {
        "to": f"atbilde+{token}@vdaa.example",
        "in_reply_to": f"<m1.{token}@x>",
        "references": f"<a@b> <m1.{token}@x>",
    }
    (inbound,) = email.parse(letter(**{name.title(): said[name]}))
    assert inbound.letter
    assert inbound.letter.party == "f7"


def test_what_others_have_signed_belongs_to_nothing(email: Email) -> None:
    (inbound,) = email.parse(letter(To=f"atbilde+{Tokens(b'another key').make('t1')}@vdaa.example"))
    assert inbound.letter
    assert inbound.letter.party == ""


def test_our_own_letter_is_nothing_for_us(email: Email) -> None:
    (inbound,) = email.parse(letter(From=OURS))
    assert (inbound.conversation, inbound.kind) == (NOBODY, Kind.IGNORED)


async def test_the_id_of_a_sent_letter_is_what_an_answer_names(tmp_path: object) -> None:
    email = Email(settings_for(maildir=f"{tmp_path}/mail"), KEY)
    sent = await email.send(Outbound("m1", CITIZEN, "Labdien!", thread=Thread("t9", "Kā?", "LV-2026-000001")))
    (answer,) = email.parse(letter(In_Reply_To=f"<{sent}>"))
    assert answer.letter
    assert (answer.letter.party, answer.letter.answers) == ("t9", (sent,))


@pytest.mark.parametrize(
    ("given_settings", "reason"),
    [
        ({}, ""),
        ({"address": "nobody"}, "EMAIL_ADDRESS"),
        ({"address": "a@b.lv\r\nBcc: c@d.lv"}, "EMAIL_ADDRESS"),
        ({"imap_url": "imaps://mail.example/INBOX"}, "names no user"),
        ({"imap_url": "imaps://desk@mail.example/INBOX"}, "EMAIL_IMAP_PASSWORD"),
        ({"imap_url": "imaps://desk@mail.example", "imap_password": "x"}, ""),
        ({"imap_url": "imaps://desk@mail.example", "oauth_token_url": "https://x"}, "EMAIL_OAUTH_CLIENT_ID"),
        ({"imap_url": "http://mail.example"}, "begins with imaps://"),
        ({"smtp_url": "smtps://desk:secret@mail.example"}, "EMAIL_SMTP_PASSWORD"),
        ({"smtp_url": "smtp+plain://mail.example"}, "in the clear"),
        ({"smtp_url": "smtp://mail.example:x"}, "cannot be read"),
        ({"smtp_url": "smtp://mail.example"}, ""),
        ({"lmtp_listen": "24"}, "no host:port"),
        ({"smtp_listen": "0.0.0.0:8025"}, "EMAIL_SMTP_LISTEN"),
    ],
)
def test_settings_that_do_not_suffice_are_told(given_settings: dict[str, str], reason: str) -> None:
    settings = settings_for(**given_settings)
    assert bool(settings.missing()) == bool(reason)
    assert reason in settings.missing()
    assert "secret" not in settings.missing()


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        (OURS, True),
        ("Atbilde@VDAA.example", True),
        ("atbilde+t1-abc@vdaa.example", True),
        ("atbilde+@vdaa.example", True),
        ("atbildes@vdaa.example", False),
        ("atbilde@else.example", False),
        ("", False),
    ],
)
def test_an_address_is_ours_with_or_without_what_is_added(address: str, ours: bool) -> None:
    assert settings_for().is_ours(address) is ours
