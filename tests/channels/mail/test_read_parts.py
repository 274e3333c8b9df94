"""Reading mails of several parts: which text is the person's, and what is attached under which name."""

import base64
import struct

import pytest

from channels.mail.pieces import RICH
from channels.mail.read import read_strictly

HEAD = b"From: a@b.lv\nSubject: s\nDate: Mon, 02 Nov 2026 10:00:00 +0200\nMessage-ID: <1@b.lv>\nMIME-Version: 1.0\n"


def mixed(*parts: bytes, kind: bytes = b"mixed") -> bytes:
    return HEAD + b"Content-Type: multipart/" + kind + b'; boundary="b"\n\npreamble\n' + within(*parts)


def within(*parts: bytes, border: bytes = b"b") -> bytes:
    return b"".join(b"--" + border + b"\n" + part + b"\n" for part in parts) + b"--" + border + b"--\n"


PLAIN = b"Content-Type: text/plain; charset=utf-8\n\nLabdien!"


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        (b'Content-Type: application/pdf; name="a b.pdf"', "a b.pdf"),
        (b"Content-Type: application/pdf; name=a b (1).pdf", "a b (1).pdf"),
        (b'Content-Type: application/pdf; name="Nr. 1  - a\n b.pdf"', "Nr. 1  - a b.pdf"),
        (b"Content-Type: application/pdf\nContent-Disposition: attachment; filename==?utf-8?B?xIEucGRm?=", "ā.pdf"),
        (b'Content-Disposition: attachment;\n filename="=?utf-8?Q?l=C4=93?=\n =?utf-8?Q?mums.pdf?="', "lēmums.pdf"),
        (b"Content-Disposition: attachment; filename*=utf-8''l%C4%93mums.pdf; filename=x.pdf", "lēmums.pdf"),
        (
            b"Content-Disposition: attachment; filename*0*=windows-1257'lv'l%E7; filename*1=mums; filename*2*=%2Epdf",
            "lēmums.pdf",
        ),
        (b'Content-Disposition: attachment; filename*0="a;"; filename*1="b.pdf"', "a;b.pdf"),
        (b'Content-Disposition: attachment; filename="' + "lēmums.pdf".encode() + b'"', "lēmums.pdf"),
        (b'Content-Disposition: attachment; filename="' + "lēmums.pdf".encode("cp1257") + b'"', "lēmums.pdf"),
        (b'Content-Type: application/pdf; name="open.pdf\nContent-Disposition: attachment', "open.pdf"),
        (b"Content-Type: ; name=x.pdf\nContent-Disposition: attachment", "x.pdf"),
        (b"Content-Type: application/pdf\nContent-Location: http://x.lv/d/y.pdf?z=1", "y.pdf"),
        (b"Content-Type: application/pdf", ""),
    ],
)
def test_the_name_of_an_attachment_is_read_in_every_form(headers: bytes, name: str) -> None:
    mail = read_strictly(mixed(PLAIN, headers + b"\nContent-Transfer-Encoding: base64\n\n" + base64.b64encode(b"%PDF")))
    assert [(part.name, part.content) for part in mail.parts] == [(name, b"%PDF")]
    assert mail.text == "Labdien!"


def test_html_is_read_where_the_plain_part_is_empty() -> None:
    mail = read_strictly(mixed(b"\n\n \n", b"Content-Type: text/html\n\n<p>Labdien!</p>", kind=b"alternative"))
    assert (mail.text, mail.html, mail.parts) == ("Labdien!", "<p>Labdien!</p>", ())


def test_the_plain_part_is_the_text_where_both_are_there() -> None:
    mail = read_strictly(mixed(PLAIN, b"Content-Type: text/html\n\n<p>cits</p>", kind=b"alternative"))
    assert (mail.text, mail.html) == ("Labdien!", "<p>cits</p>")


def test_a_picture_of_the_html_is_inline_and_keeps_its_id() -> None:
    picture = (
        b"Content-Type: image/png; name=a.png\nContent-ID: <x@y>\nContent-Transfer-Encoding: base64\n\naGVs\n!? bG8=\n"
    )
    mail = read_strictly(mixed(b"Content-Type: text/html\n\n<img src=cid:x@y>", picture, kind=b"related"))
    [part] = mail.parts
    assert (part.name, part.content_id, part.inline, part.content) == ("a.png", "x@y", True, b"hello")


def test_texts_around_an_attachment_are_one_text() -> None:
    mail = read_strictly(mixed(PLAIN, b"Content-Type: image/png; name=a.png\n\nx", b"\nPaldies!"))
    assert mail.text == "Labdien!\n\nPaldies!"


def test_an_enclosed_mail_is_a_part_named_by_its_subject_and_its_text_is_not_the_persons() -> None:
    enclosed = b"Content-Type: message/rfc822\n\nFrom: x@y.lv\nSubject: =?utf-8?Q?V=C4=93ss?=\n\nforeign words"
    mail = read_strictly(mixed(PLAIN, enclosed))
    assert (mail.text, mail.sender.address, mail.subject) == ("Labdien!", "a@b.lv", "s")
    assert [(part.name, part.type) for part in mail.parts] == [("Vēss.eml", "message/rfc822")]
    assert b"foreign words" in mail.parts[0].content


def test_an_attached_text_is_a_part_and_not_the_text() -> None:
    mail = read_strictly(
        mixed(PLAIN, b"Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nfile")
    )
    assert (mail.text, [part.name for part in mail.parts]) == ("Labdien!", ["a.txt"])


def test_words_that_are_only_attached_are_the_text_too() -> None:
    mail = read_strictly(HEAD + b"Content-Type: text/plain; name=a.txt\nContent-Disposition: attachment\n\nLabdien!")
    assert (mail.text, [part.name for part in mail.parts]) == ("Labdien!", ["a.txt"])


@pytest.mark.parametrize("named", [b"", b"; boundary=", b"; boundary=other"])
def test_parts_are_found_without_the_right_border(named: bytes) -> None:
    parts = within(PLAIN, b"Content-Type: application/pdf; name=a.pdf\n\nx", border=b"real")
    mail = read_strictly(HEAD + b"Content-Type: multipart/mixed" + named + b"\n\n" + parts)
    assert (mail.text, [part.name for part in mail.parts]) == ("Labdien!", ["a.pdf"])
    assert any("border" in flaw for flaw in mail.flaws)


def test_a_mail_of_parts_without_any_border_is_text() -> None:
    assert read_strictly(HEAD + b"Content-Type: multipart/mixed; boundary=x\n\nLabdien!\n").text == "Labdien!"


@pytest.mark.parametrize("above", [b"", b"\n", b"This is a multi-part message in MIME format.\n\n"])
def test_parts_are_found_in_a_mail_that_lost_its_type(above: bytes) -> None:
    mail = read_strictly(HEAD + b"\n" + above + within(PLAIN, b"Content-Type: application/pdf; name=a.pdf\n\nx"))
    assert (mail.text, [part.name for part in mail.parts]) == ("Labdien!", ["a.pdf"])


def test_a_text_that_quotes_a_mail_of_parts_is_all_text() -> None:
    text = b"Could not be delivered.\n\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n" + within(PLAIN)
    mail = read_strictly(HEAD + b"\n" + text)
    assert (mail.text, mail.parts) == (text.decode().strip("\n"), ())


def test_a_page_that_stands_in_the_plain_part_too_is_read_as_a_page() -> None:
    page = b"<p>Lab&#257;k r&#299;t.</p>\n<p>Anna</p>"
    plain, html = b"Content-Type: text/plain\n\n" + page, b"Content-Type: text/html\n\n" + page
    assert read_strictly(mixed(plain, html, kind=b"alternative")).text == "Labāk rīt.\n\nAnna"
    quoted = b"Content-Type: text/plain\n\n<b@x.lv> raksta: ..."
    assert read_strictly(mixed(quoted, html, kind=b"alternative")).text == "<b@x.lv> raksta: ..."


def test_an_enclosed_mail_out_of_a_mailbox_is_named_by_its_subject_too() -> None:
    mail = read_strictly(
        mixed(PLAIN, b"Content-Type: message/rfc822\n\nFrom a@b Mon May 4 10:00:00 2026\nSubject: Te\n\nx")
    )
    assert [part.name for part in mail.parts] == ["Te.eml"]


def test_the_last_border_may_be_missing() -> None:
    mail = read_strictly(mixed(PLAIN, b"Content-Type: application/pdf; name=a.pdf\n\nxyz").rpartition(b"--b--")[0])
    assert [part.name for part in mail.parts] == ["a.pdf"]


def test_parts_behind_the_end_of_an_inner_part_with_the_same_border_are_read() -> None:
    inner = b"Content-Type: multipart/alternative; boundary=b\n"
    mail = read_strictly(mixed(inner, PLAIN) + b"\n--b\nContent-Type: application/zip; name=a.zip\n\nx\n--b--\n")
    assert (mail.text, [part.name for part in mail.parts]) == ("Labdien!", ["a.zip"])


def test_a_border_that_begins_like_another_is_another() -> None:
    inner = b'Content-Type: multipart/alternative; boundary="b-1"\n\n' + within(PLAIN, border=b"b-1")
    mail = read_strictly(mixed(inner, b"Content-Type: application/pdf; name=a.pdf\n\nx"))
    assert (mail.text, [part.name for part in mail.parts]) == ("Labdien!", ["a.pdf"])


def test_a_file_that_was_written_into_the_text_by_uuencode_is_a_part() -> None:
    mail = read_strictly(HEAD + b"\nLabdien!\n\nbegin 644 cat.txt\n#0V%T\n`\nend\nPaldies, begin 12 was no file\n")
    assert (mail.text, [(part.name, part.content) for part in mail.parts]) == (
        "Labdien!\n\nPaldies, begin 12 was no file",
        [("cat.txt", b"Cat")],
    )


@pytest.mark.parametrize("named", [b"Base64", b"base64;", b'"base64"', b"base-64"])
def test_the_packing_is_known_by_its_many_names(named: bytes) -> None:
    assert read_strictly(HEAD + b"Content-Transfer-Encoding: " + named + b"\n\nTMWrZHp1").text == "Lūdzu"


def test_base64_goes_on_behind_an_early_end() -> None:
    mail = read_strictly(HEAD + b"Content-Transfer-Encoding: base64\n\nTMWrZA==\nenU=\n")
    assert mail.text == "Lūdzu"


@pytest.mark.parametrize(
    ("how", "body", "text"),
    [
        (b"quoted-printable", b"L=C5=ABdzu =ZZ 100=\n%", "Lūdzu =ZZ 100%"),
        (b"7bit", b"L=C5=ABdzu, pal=C4=ABdziet", "Lūdzu, palīdziet"),
        (b"quoted-printable", "L=C5=ABdzu ā".encode(), "Lūdzu ā"),
        (b"spam", "Lūdzu".encode(), "Lūdzu"),
    ],
)
def test_quoted_printable_gone_wrong_is_read(how: bytes, body: bytes, text: str) -> None:
    raw = HEAD + b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: " + how + b"\n\n" + body
    assert read_strictly(raw.replace(b"7bit\n", b"\n")).text == text


def test_flowed_lines_are_joined_and_quotes_kept() -> None:
    mail = read_strictly(HEAD + b"Content-Type: text/plain; format=flowed\n\n>> old \n>> words\nmy \nwords\n-- \nsig")
    assert mail.text == ">> old words\nmy words\n-- \nsig"


def test_an_invitation_is_a_line_and_a_file() -> None:
    ics = (
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Sanaksme\\, liela\nDTSTART;TZID=Europe/Riga:20261103T100000\n"
        b"DTEND;TZID=Europe/Riga:20261103T113000\nLOCATION:R\n iga\n"
        b"BEGIN:VALARM\nSUMMARY:x\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR"
    )
    mail = read_strictly(mixed(PLAIN, b"Content-Type: text/calendar; method=REQUEST\n\n" + ics, kind=b"alternative"))
    assert mail.text == "Sanaksme, liela, 2026-11-03 10:00–11:30, Riga\n\nLabdien!"
    assert [(part.name, part.type, part.content) for part in mail.parts] == [("invite.ics", "text/calendar", ics)]


def test_the_files_in_winmail_dat_are_parts() -> None:
    mail = read_strictly(mixed(PLAIN, b"Content-Type: application/ms-tnef; name=winmail.dat\n\n" + winmail()))
    assert [(part.name, part.type, part.content) for part in mail.parts] == [
        ("lēmums.pdf", "application/pdf", b"%PDF-1.4")
    ]


def test_a_winmail_dat_with_words_only_for_outlook_says_so_and_is_kept() -> None:
    rich = b"\0" * 16 + b"{\\rtf1 Labdien}"
    body = struct.pack("<I", 1) + struct.pack("<HHII", 0x0102, 0x1009, 1, len(rich)) + rich + b"\0" * (-len(rich) % 4)
    part = b"Content-Type: application/ms-tnef; name=winmail.dat\n\n" + packed([(1, 0x69003, body)])
    mail = read_strictly(HEAD + part)
    assert (mail.text, [part.name for part in mail.parts]) == (RICH, ["winmail.dat"])
    assert read_strictly(mixed(PLAIN, part)).text == "Labdien!"


def test_a_winmail_dat_that_cannot_be_read_is_kept() -> None:
    mail = read_strictly(mixed(PLAIN, b"Content-Type: application/ms-tnef; name=winmail.dat\n\nxxxx"))
    assert [part.name for part in mail.parts] == ["winmail.dat"]
    assert "winmail.dat cannot be read" in mail.flaws


def test_a_winmail_dat_that_breaks_off_anywhere_spoils_nothing() -> None:
    whole = winmail()
    for length in range(len(whole)):
        part = b"Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n" + base64.b64encode(
            whole[:length]
        )
        assert read_strictly(mixed(PLAIN, part)).text == "Labdien!"


def test_a_report_has_the_text_of_its_first_part_only() -> None:
    status = (
        b"Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; x@y.lv\nAction: failed\nStatus: 5.1.1\n"
    )
    mail = read_strictly(mixed(PLAIN, status, b"Content-Type: text/plain\n\nours", kind=b"report"))
    assert mail.text == "Labdien!"


def winmail() -> bytes:
    """An envelope with one file, whose long name is among the properties."""
    name, kind = "lēmums.pdf\0".encode("utf-16-le"), b"application/pdf\0"
    properties = (
        struct.pack("<I", 3)
        + struct.pack("<HHI", 0x0003, 0x3705, 1)
        + struct.pack("<HHII", 0x001F, 0x3707, 1, len(name)) + name + b"\0" * (-len(name) % 4)
        + struct.pack("<HHII", 0x001E, 0x370E, 1, len(kind)) + kind + b"\0" * (-len(kind) % 4)
    )  # fmt: skip
    attributes = [(1, 0x89006, b"\1\0\1\0"), (2, 0x69002, b"\0" * 14), (2, 0x18010, b"LEMUMS~1.PDF\0")]
    attributes += [(2, 0x6800F, b"%PDF-1.4"), (2, 0x69005, properties)]
    return packed(attributes)


def packed(attributes: list[tuple[int, int, bytes]]) -> bytes:
    each = [struct.pack("<BII", level, number, len(value)) + value + b"\0\0" for level, number, value in attributes]
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(each)
