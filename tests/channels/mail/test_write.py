"""What our letters look like to other programs: threads, signed addresses, Latvian letters, and nothing slipped in."""

import re
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Choice, File, Outbound, SendError, Thread
from channels.mail.read import read
from channels.mail.reply import ABOVE, own_words
from channels.mail.settings import EmailSettings
from channels.mail.token import Tokens
from channels.mail.write import written

SETTINGS = EmailSettings(address="atbilde@vdaa.example", name="Atbilde – jautājumi valstij", smtp_listen="")
TOKENS = Tokens(b"a key of the house")
THREAD = Thread(
    "t34", "Kā deklarēt dzīvesvietu?", "LV-2026-000123", ("two@example.lv", "one@example.lv"), "Kā?\n\nLabdien!"
)
MESSAGE = Outbound(
    "m12", "ilze@example.lv", "Labdien!\n\nŽūrija skatās ķēvi ēnā.\nhttps://latvija.gov.lv/a?b=1&c=2.", thread=THREAD
)
FORWARDED = replace(THREAD, party="f7", answers=(), quoted="", automatic=False)


def sent(message: Outbound = MESSAGE, settings: EmailSettings = SETTINGS) -> EmailMessage:
    """As another program reads it."""
    raw = written(message, settings, TOKENS).as_bytes()
    assert_legal(raw)
    letter = message_from_bytes(raw, policy=default)
    assert isinstance(letter, EmailMessage)
    return letter


def assert_legal(raw: bytes) -> None:
    assert raw.isascii()
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    for word in re.findall(rb"=\?[^?]+\?[bq]\?[^?]*\?=", raw.partition(b"\r\n\r\n")[0], re.IGNORECASE):
        assert len(word) <= 75


def plain(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def page(letter: EmailMessage) -> str:
    part = letter.get_body(("html",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def with_thread(**changes: object) -> Outbound:
    return replace(MESSAGE, thread=replace(THREAD, **changes))  # type: ignore[arg-type]


def test_a_letter_says_from_whom_to_whom_and_about_what() -> None:
    letter = sent()
    assert letter["From"] == "Atbilde – jautājumi valstij <atbilde@vdaa.example>"
    assert letter["To"] == "ilze@example.lv"
    assert letter["Subject"] == "Re: [LV-2026-000123] Kā deklarēt dzīvesvietu?"
    assert letter["Content-Language"] == "lv"
    assert letter["Date"].datetime.tzinfo
    assert not [name for name in letter if name.lower().startswith("list-") or name == "Precedence"]


def test_a_letter_follows_those_before_it() -> None:
    letter = sent()
    assert letter["In-Reply-To"] == "<two@example.lv>"
    assert letter["References"] == "<one@example.lv> <two@example.lv>"


def test_a_letter_that_follows_nothing_opens_a_thread() -> None:
    letter = sent(with_thread(answers=()))
    assert letter["Subject"] == "[LV-2026-000123] Kā deklarēt dzīvesvietu?"
    assert "In-Reply-To" not in letter
    assert "References" not in letter


def test_an_answer_finds_back_by_the_address_and_by_the_id() -> None:
    letter = sent()
    assert TOKENS.read([str(letter["Reply-To"])]) == "t34"
    assert TOKENS.read([str(letter["Message-ID"])]) == "t34"
    assert SETTINGS.is_ours(letter["Reply-To"].addresses[0].addr_spec)
    assert Tokens(b"another key").read([str(letter["Reply-To"])]) == ""


def test_without_plus_addresses_answers_come_to_the_address_itself() -> None:
    letter = sent(settings=SETTINGS.model_copy(update={"plus": ""}))
    assert "Reply-To" not in letter
    assert TOKENS.read([str(letter["Message-ID"])]) == "t34"


def test_the_id_is_the_same_at_every_try_and_of_no_other_letter_or_house() -> None:
    ids = [sent(message)["Message-ID"] for message in (MESSAGE, MESSAGE, replace(MESSAGE, id="m13"))]
    assert ids[0] == ids[1] != ids[2]
    alone = replace(MESSAGE, thread=None)
    other = written(alone, SETTINGS, Tokens(b"another key"))["Message-ID"]
    assert sent(alone)["Message-ID"] == sent(alone)["Message-ID"] != other


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (MESSAGE, "auto-replied"),
        (with_thread(answers=()), "auto-generated"),
        (replace(MESSAGE, thread=None), "auto-generated"),
        (with_thread(automatic=False), None),
    ],
)
def test_machines_are_told_what_no_person_wrote(message: Outbound, said: str | None) -> None:
    letter = sent(message)
    assert letter["Auto-Submitted"] == said
    assert letter["X-Auto-Response-Suppress"] == ("All" if said else None)


@pytest.mark.parametrize("given_subject", ["Re: Re: Kā?", "RE: [LV-2026-000123] Kā?", "Atb: Fwd: Kā?", "  Kā?\r\n"])
def test_a_subject_does_not_grow(given_subject: str) -> None:
    assert sent(with_thread(subject=given_subject))["Subject"] == "Re: [LV-2026-000123] Kā?"


def test_without_a_ticket_the_first_line_is_the_subject() -> None:
    assert sent(replace(MESSAGE, thread=None, text="\nTermiņš tuvojas\nŠodien"))["Subject"] == "Termiņš tuvojas"


def test_the_words_are_the_same_in_plain_text_and_on_the_page() -> None:
    letter = sent()
    assert plain(letter) == f"{MESSAGE.text}\n\n> Kā?\n>\n> Labdien!\n"
    assert Text(page(letter)).said == [
        "Labdien!",
        "Žūrija skatās ķēvi ēnā.",
        "https://latvija.gov.lv/a?b=1&c=2",
        ".",
        "Kā?",
        "Labdien!",
    ]


def test_the_page_says_its_language_and_needs_nothing_from_elsewhere() -> None:
    shown = Text(page(sent(replace(MESSAGE, language="ru"))))
    assert shown.attributes["html"] == {"lang": "ru"}
    assert shown.attributes["a"] == {"href": "https://latvija.gov.lv/a?b=1&c=2"}
    assert set(shown.attributes) <= {"html", "head", "meta", "title", "body", "p", "br", "a", "blockquote"}
    assert shown.title == "Re: [LV-2026-000123] Kā deklarēt dzīvesvietu?"


def test_choices_are_numbered() -> None:
    letter = sent(replace(MESSAGE, choices=(Choice("a", "Jā"), Choice("b", "Nē <b>"))))
    assert "\n\n1. Jā\n2. Nē <b>\n" in plain(letter)
    assert "<ol>\n<li>Jā</li>\n<li>Nē &lt;b&gt;</li>\n</ol>" in page(letter)


def test_only_who_is_asked_for_an_answer_is_told_where_to_write_it() -> None:
    asked = sent(replace(MESSAGE, thread=FORWARDED))
    assert plain(asked).startswith(ABOVE["lv"])
    assert ABOVE["lv"] in page(asked)
    assert ABOVE["lv"] not in plain(sent())


def test_an_institutions_words_above_our_letter_are_all_that_is_left_of_its_reply() -> None:
    ours = plain(sent(replace(MESSAGE, thread=FORWARDED)))
    assert own_words(f"Dzīvesvietu deklarē PMLP.\n\n{ours}").strip() == "Dzīvesvietu deklarē PMLP."


def test_what_was_written_as_html_is_shown_as_written() -> None:
    evil = '<script>alert(1)</script> <img src="//x.test/1.png"> & "'
    shown = Text(page(sent(with_thread(quoted=evil))))
    assert evil in shown.said
    assert "script" not in shown.attributes
    assert "img" not in shown.attributes


@pytest.mark.parametrize(
    "evil",
    [
        "x\r\nBcc: all@example.lv",
        "x\nBcc: all@example.lv",
        "x\x0bBcc: y",
        "x\u2028Bcc: y",
        "x\x85Bcc: y",
        "x\x00Bcc: y\ud800",
    ],
)
def test_no_header_can_be_slipped_in(evil: str) -> None:
    message = replace(
        with_thread(subject=evil, ref=evil, answers=(evil, f"<{evil}>", "good@example.lv"), quoted=evil),
        files=(File(evil, f"text/{evil}", b"x"),),
        language=evil,
    )
    letter = sent(message, SETTINGS.model_copy(update={"name": evil}))
    assert "Bcc" not in letter
    assert [name for name in letter if name.startswith("x")] == []
    assert letter["References"] == "<good@example.lv>"


@pytest.mark.parametrize(
    "address",
    [
        "nobody",
        "",
        "a@b\r\nBcc: c@d.lv",
        "a b@c.lv",
        "a@c.lv, d@e.lv",
        "<a@b.lv>",
        "žanis@example.lv",
        "a@",
        "a@-",
        "a@b c.lv",
    ],
)
def test_what_is_no_address_is_not_written_to(address: str) -> None:
    with pytest.raises(SendError) as refused:
        written(replace(MESSAGE, conversation=address), SETTINGS, TOKENS)
    assert refused.value.permanent


def test_a_domain_in_letters_of_its_own_is_reached() -> None:
    assert sent(replace(MESSAGE, conversation="info@āčģ.lv"))["To"] == f"info@{'āčģ.lv'.encode('idna').decode()}"


def test_files_go_along_under_their_names() -> None:
    files = (
        File("Šķūņa plāns – galīgais.pdf", "application/pdf", b"%PDF"),
        File("a.eml", "message/rfc822", b"From: x\n\n"),
        File("", "nonsense", b"\x00\xff"),
        File("ļoti " * 60 + ".txt", "text/plain", "Ķīlis".encode()),
    )
    parts = list(sent(replace(MESSAGE, files=files)).iter_attachments())
    assert [part.get_content_type() for part in parts] == [
        "application/pdf",
        "application/octet-stream",
        "application/octet-stream",
        "text/plain",
    ]
    assert [part.get_payload(decode=True) for part in parts] == [file.content for file in files]
    names = [part.get_filename() for part in parts]
    assert names[:3] == ["Šķūņa plāns – galīgais.pdf", "a.eml", "file"]
    assert str(names[3]).endswith(".txt")


def test_long_ids_are_neither_cut_nor_encoded() -> None:
    ids = tuple(f"{'x' * 200}{number}@mail.example.lv" for number in range(10))
    raw = written(with_thread(answers=ids), SETTINGS, TOKENS).as_bytes()
    assert_legal(raw)
    for one in ids:
        assert f"<{one}>".encode() in raw


def test_our_own_reader_reads_our_own_letters() -> None:
    mail = read(written(MESSAGE, SETTINGS, TOKENS).as_bytes())
    assert mail.sender.address == SETTINGS.address
    assert mail.subject == "Re: [LV-2026-000123] Kā deklarēt dzīvesvietu?"
    assert mail.in_reply_to == ("two@example.lv",)
    assert mail.references == ("one@example.lv", "two@example.lv")
    assert mail.text.startswith(MESSAGE.text)


@given(
    subject=st.text(max_size=300), text=st.text(min_size=1), name=st.text(max_size=200), quoted=st.text(max_size=200)
)
def test_whatever_is_said_the_letter_is_legal_and_says_it(subject: str, text: str, name: str, quoted: str) -> None:
    thread = replace(THREAD, subject=subject, quoted=quoted, answers=())
    letter = sent(replace(MESSAGE, text=text, thread=thread, files=(File(name, "application/pdf", b"%PDF"),)))
    assert str(letter["Subject"]).startswith("[LV-2026-000123]")
    assert [part.get_payload(decode=True) for part in letter.iter_attachments()] == [b"%PDF"]
    for line in text.splitlines():
        if line.isprintable():
            assert line in plain(letter)


class Text(HTMLParser):
    """What a page says, and of which elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.title = ""
        self._in = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes[tag] = dict(attrs)
        self._in = tag

    def handle_data(self, data: str) -> None:
        if self._in == "title":
            self.title = self.title or data
        elif data.strip():
            self.said.append(data.strip())
