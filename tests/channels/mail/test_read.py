"""Reading mails as programs and people really write them: who, what about, the words and the files."""

from datetime import UTC, datetime

import pytest

from channels.mail.mail import Address, MailKind
from channels.mail.read import read_strictly

HEAD = (
    b"From: Anna <Anna@Example.LV>\nSubject: Jaut\nDate: Mon, 02 Nov 2026 10:00:00 +0200\nMessage-ID: <1@example.lv>\n"
)


def test_every_field_of_a_plain_mail_is_read() -> None:
    mail = read_strictly(
        b"From: =?utf-8?Q?J=C4=81nis_B=C4=93rzi=C5=86=C5=A1?= <Janis@Example.lv>\r\n"
        b"Reply-To: <Cits@example.lv>\r\nTo: atbalsts+T12-abc@desk.lv, Otrs <otrs@x.lv>\r\nCc: <otrs@x.lv>\r\n"
        b"Delivered-To: desk@desk.lv\r\nSubject: =?utf-8?B?TMWrZHp1?=\r\nDate: Mon, 02 Nov 2026 10:00:00 +0200\r\n"
        b"Message-ID: <a@b>\r\nIn-Reply-To: <p@q> (my note)\r\nReferences: <o@q>\r\n <p@q>\r\n"
        b"X-Spam-Flag: YES\r\n\r\nLabdien!\r\n"
    )
    assert mail.sender == Address("janis@example.lv", "Jānis Bērziņš")
    assert mail.reply_to.address == "cits@example.lv"
    assert [one.address for one in mail.to] == ["atbalsts+t12-abc@desk.lv", "otrs@x.lv", "desk@desk.lv"]
    assert (mail.subject, mail.text, mail.html) == ("Lūdzu", "Labdien!", "")
    assert mail.date is not None
    assert mail.date.astimezone(UTC) == datetime(2026, 11, 2, 8, tzinfo=UTC)
    assert (mail.message_id, mail.in_reply_to, mail.references) == ("a@b", ("p@q",), ("o@q", "p@q"))
    assert (mail.spam, mail.kind, mail.flaws) == (True, MailKind.MESSAGE, ())


@pytest.mark.parametrize(
    "header", [b"List-Id: A list <X.list.lv>", b"List-Id: x.list.lv", b"List-Post: <mailto:x.list.lv>"]
)
def test_a_mailing_list_is_known_by_its_id(header: bytes) -> None:
    assert read_strictly(header + b"\nFrom: a@b.lv\n\nx").list_id == "x.list.lv"


@pytest.mark.parametrize(
    "raw", [b"", b"\n", b"\x00\xff", b"no headers at all", b": :\n", b"From\n\n", b"\r\r\r", b"From a@b\n"]
)
def test_what_is_hardly_a_mail_gives_an_empty_one_and_says_what_it_lacks(raw: bytes) -> None:
    mail = read_strictly(raw)
    assert mail.sender.address == ""
    assert any("no From" in flaw for flaw in mail.flaws)


@pytest.mark.parametrize(
    ("header", "address", "name"),
    [
        ("From: a@b.lv", "a@b.lv", ""),
        ("From: <A@B.LV>", "a@b.lv", ""),
        ("From: Joe (at home) <a@b.lv>", "a@b.lv", "Joe"),
        ("From: a@b.lv (Joe)", "a@b.lv", "Joe"),
        ('From: "Bērziņš, Jānis" <a@b.lv>', "a@b.lv", "Bērziņš, Jānis"),
        ("From: Bērziņš, Jānis <a@b.lv>", "a@b.lv", "Bērziņš, Jānis"),
        ("From: One <a@b.lv>, Two <c@d.lv>", "a@b.lv", "One"),
        ('From: "c@d.lv" <a@b.lv>', "a@b.lv", "c@d.lv"),
        ("From: Some One <some one@b.lv>", "someone@b.lv", "Some One"),
        ('From: "some one"@b.lv', '"some one"@b.lv', ""),
        ("From: <mailto:a@b.lv>", "a@b.lv", ""),
        ("From: Joe <@x.lv,@y.lv:a@b.lv>", "a@b.lv", "Joe"),
        ("From: Joe <a@b.lv", "a@b.lv", "Joe"),
        ("From: O'Brien <o'brien@b.lv>", "o'brien@b.lv", "O'Brien"),
        ("From: 'Joe' <a@b.lv.>", "a@b.lv", "Joe"),
        ("From: [x] Joe <a@[192.0.2.1]>", "a@[192.0.2.1]", "[x] Joe"),
        ("From: jānis@bērziņš.lv", "jānis@bērziņš.lv", ""),
        ("From: =?utf-8?Q?J=C4=81nis=2C_B?= <a@b.lv>", "a@b.lv", "Jānis, B"),
        ('From: "=?windows-1257?Q?J=E2nis?=\n =?windows-1257?Q?_B?=" <a@b.lv>', "a@b.lv", "Jānis B"),
        ("From: =?utf-8?B?SsSBbmlzIDxhQGIubHY+?=", "a@b.lv", "Jānis"),
        ('From: "Folded\nwithout a blank" <a@b.lv>\nTo: x@y.lv', "a@b.lv", "Folded without a blank"),
        ("From: undisclosed-recipients:;\nSender: a@b.lv", "a@b.lv", "undisclosed-recipients"),
        ("From: \nReply-To: Joe <a@b.lv>", "a@b.lv", "Joe"),
        ("Return-Path: <a@b.lv>", "a@b.lv", ""),
        ("From: Joe\nReturn-Path: <a@b.lv>", "a@b.lv", ""),
        ("From: MAILER-DAEMON (Mail System)", "mailer-daemon", "Mail System"),
        ('From: "" (Mail System)', "", "Mail System"),
        ("From:\nFrom: a@b.lv", "a@b.lv", ""),
        ("From : a@b.lv", "a@b.lv", ""),
    ],
)
def test_the_sender_is_found_in_every_form(header: str, address: str, name: str) -> None:
    assert read_strictly(header.encode() + b"\nSubject: x\n\nx").sender == Address(address, name)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (b"=?utf-8?b?xKtz?= =?utf-8?b?YQ==?=", "īsa"),
        (b"=?utf-8?Q?=C4?= =?utf-8?Q?=81?=", "ā"),
        (b"=?utf-8?Q?with blanks inside?= after", "with blanks inside after"),
        (b"=?utf-8?B?TMWrZHp1", "Lūdzu"),
        (b"=?utf-8?B?TMWrZHp1IQ?=", "Lūdzu!"),
        (b"=?utf-8*lv?Q?=C4=81?=", "ā"),
        (b"=?no-such?Q?=C4=81?=", "ā"),
        (b"=?iso-8859-1?Q?=C4=81?=", "ā"),
        (b"a =?utf-8?Q?=C4=81?=\r\n\tb", "a ā b"),
        (b"=?us-ascii?Q?What=3F?= ?=", "What? ?="),
        (b"a\x00b\tc", "ab c"),
    ],
)
def test_encoded_words_are_read_also_when_they_are_wrong(subject: bytes, expected: str) -> None:
    assert read_strictly(b"From: a@b.lv\nSubject: " + subject + b"\n\nx").subject == expected


@pytest.mark.parametrize("charset", ["cp1257", "iso8859-13", "iso8859-4", "utf-8"])
@pytest.mark.parametrize(
    "text", ["Jautājums par pabalstu", "Jānis Bērziņš, Šķēde", "Lūdzu paskaidrojiet, kā pieteikties"]
)
def test_bare_latvian_letters_are_read_in_headers_and_text(text: str, charset: str) -> None:
    mail = read_strictly(b"From: a@b.lv\nSubject: " + text.encode(charset) + b"\n\n" + text.encode(charset))
    assert (mail.subject, mail.text) == (text, text)


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("Подскажите, пожалуйста", "cp1251"),
        ("Вопрос о пособии", "koi8-r"),
        ("ЗДРАВСТВУЙТЕ", "koi8-r"),
        ("Анна Иванова", "iso8859-5"),
        ("Ačiū už pagalbą", "cp1257"),
        ("Küsimus õppetoetuse kohta", "cp1252"),
        ("中文邮件标题测试", "gb2312"),
        ("日本語のメール", "shift_jis"),
        ("日本語のメール", "euc_jp"),
        ("日本語のメール", "iso2022_jp"),
    ],
)
def test_other_bare_letters_are_read_too(text: str, charset: str) -> None:
    mail = read_strictly(b"From: a@b.lv\nSubject: " + text.encode(charset) + b"\n\n" + text.encode(charset))
    assert (mail.subject, mail.text) == (text, text)


@pytest.mark.parametrize(
    ("named", "real"),
    [
        ("unknown-8bit", "cp1257"),
        ("us-ascii", "cp1257"),
        ("iso-8859-1", "utf-8"),
        ("windows-1257", "utf-8"),
        ("Windows_1257", "cp1257"),
        ("cp-1257", "cp1257"),
        ("utf8", "utf-8"),
        ("utf-7", "utf-7"),
        ("unicode-1-1-utf-7", "utf-7"),
        ("utf-8", "cp1257"),
        ("rot13", "utf-8"),
        ("../../x", "utf-8"),
    ],
)
def test_a_charset_that_is_wrong_or_unknown_does_not_spoil_the_text(named: str, real: str) -> None:
    text = "Lūdzu paskaidrojiet, kā pieteikties bērna pabalstam"
    mail = read_strictly(HEAD + f"Content-Type: text/plain; charset={named}\n\n".encode() + text.encode(real))
    assert mail.text == text


def test_letters_that_are_bare_in_a_header_are_read_as_the_text_says_it_is() -> None:
    mail = read_strictly(
        b"From: a@b.lv\nSubject: "
        + "Ζήτημα".encode("iso8859-7")
        + b"\nContent-Type: text/plain; charset=iso-8859-7\n\nx"
    )
    assert mail.subject == "Ζήτημα"


def test_headers_go_on_after_lines_that_are_none() -> None:
    mail = read_strictly(b"Received: x\nnonsense here\nFrom: a@b.lv\nSubject: s\nTo: c@d.lv\n\ntext")
    assert (mail.sender.address, mail.subject, mail.text) == ("a@b.lv", "s", "text")


def test_a_text_that_follows_without_an_empty_line_is_kept() -> None:
    mail = read_strictly(b"From: a@b.lv\nSubject: s\nLabdien, es gribu jautat\nvel\n")
    assert mail.text == "Labdien, es gribu jautat\nvel"
    assert "no empty line after the headers" in mail.flaws


def test_an_empty_line_that_came_too_early_is_passed_over() -> None:
    mail = read_strictly(b"Return-Path: <x@y.lv>\nReceived: z\n\nFrom: a@b.lv\nSubject: s\n\ntext")
    assert (mail.sender.address, mail.subject, mail.text) == ("a@b.lv", "s", "text")


def test_a_line_of_blanks_among_the_headers_ends_nothing() -> None:
    mail = read_strictly(b"From: a@b.lv\nTo: c@d.lv,\n\t\n\te@f.lv\nSubject: s\n\ntext")
    assert ([one.address for one in mail.to], mail.subject, mail.text) == (["c@d.lv", "e@f.lv"], "s", "text")


def test_a_line_of_blanks_ends_the_headers_where_none_follow() -> None:
    mail = read_strictly(b"From: a@b.lv\nSubject: s\n \nLabdien!\n\nSubject: tas nav temats\n")
    assert (mail.subject, mail.text) == ("s", "Labdien!\n\nSubject: tas nav temats")


@pytest.mark.parametrize("start", [b"From x@y.lv Mon Nov  2 10:00:00 2026\n", b">From x\n", b"\n\n", b"\xef\xbb\xbf"])
def test_what_a_mailbox_puts_before_the_headers_is_passed_over(start: bytes) -> None:
    assert read_strictly(start + b"From: a@b.lv\nSubject: s\n\nx").sender.address == "a@b.lv"


@pytest.mark.parametrize("end", [b"\r\n", b"\r", b"\r\r\n"])
def test_every_kind_of_line_end_is_understood(end: bytes) -> None:
    mail = read_strictly(b"From: a@b.lv\nSubject: s\n\none\ntwo".replace(b"\n", end))
    assert (mail.subject, mail.text) == ("s", "one\ntwo")


@pytest.mark.parametrize("said", ["yesterday", "Mon, 32 Nov 2026 99:00:00", "Mon, 02 Nov 99999 10:00:00 +0200"])
def test_a_date_that_cannot_be_is_none_and_a_flaw(said: str) -> None:
    mail = read_strictly(f"From: a@b.lv\nDate: {said}\n\nx".encode())
    assert mail.date is None
    assert "its date cannot be read" in mail.flaws


def test_a_date_without_a_zone_gets_one() -> None:
    mail = read_strictly(b"From: a@b.lv\nDate: Mon, 02 Nov 2026 10:00:00 -0000\n\nx")
    assert mail.date == datetime(2026, 11, 2, 10, tzinfo=UTC)


OURS = "Authentication-Results: mx.desk.lv; "


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (OURS + "spf=pass smtp.mailfrom=x.lv; dmarc=pass header.from=example.lv", "pass"),
        (OURS + "dmarc=fail (p=none) header.from=example.lv", "fail"),
        (OURS + "dkim=pass header.d=example.lv", "pass"),
        (OURS + "dkim=pass header.d=lv", ""),
        (OURS + "dkim=pass header.d=evil.com", ""),
        (OURS + "spf=fail smtp.mailfrom=a@example.lv", "fail"),
        (OURS + "none", ""),
        ("Authentication-Results: mx.evil.com; dmarc=pass", ""),
        ("Authentication-Results: other (mx.desk.lv; dmarc=pass)", ""),
        (OURS + "dmarc=fail\n" + OURS + "dmarc=pass", "fail"),
        (OURS + 'spf=none reason="dmarc=pass"', ""),
        (OURS + "x=y (dmarc=pass)", ""),
    ],
)
def test_only_our_own_server_is_believed_about_the_sender(header: str, expected: str) -> None:
    raw = f"{header}\nFrom: a@example.lv\n\nx".encode()
    assert read_strictly(raw, "mx.desk.lv").authentic == expected
    assert read_strictly(raw).authentic == ""
