"""Reading whatever comes: nothing raises, and time and memory stay in proportion to the mail."""

import base64
import resource
import time
import tracemalloc
from email import message_from_bytes, policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.mail.read import read, read_strictly

HEAD = b"From: a@b.lv\nSubject: s\n"
MB = 1_000_000
SECONDS = 20
"""far above what any of these takes, far below what a square of it would"""

_borders = st.sampled_from([b"b", b"b-1", b"", b"--", "ā".encode()])
_types = st.sampled_from(
    [
        "text/plain",
        "text/html",
        "multipart/mixed",
        "multipart/alternative",
        "multipart/report",
        "multipart/digest",
        "message/rfc822",
        "message/delivery-status",
        "application/ms-tnef",
        "text/calendar",
        "image/png",
        "x",
        "text/",
    ]
)
_charsets = st.sampled_from(
    ["utf-8", "utf-7", "cp1257", "iso-2022-jp", "utf-16", "hz", "unknown-8bit", "gb2312", "idna", "base64"]
)
_lines = st.one_of(
    st.binary(max_size=40),
    st.builds(lambda border, end: b"--" + border + end, _borders, st.sampled_from([b"", b"--"])),
    st.builds(
        lambda kind, charset, border: f"Content-Type: {kind}; charset={charset}; boundary=".encode() + border,
        _types,
        _charsets,
        _borders,
    ),
    st.sampled_from(
        b"From: a@b.lv|From: |Subject: =?utf-8?B?xIE|To: a@b.lv, <x|Date: Mon, 99|Content-Transfer-Encoding: base64"
        b"|Content-Transfer-Encoding: quoted-printable|Content-Transfer-Encoding: x-uuencode|begin 644 x|#0V%T|end|"
        b"Content-Disposition: attachment; filename*0*=u'l'%C4; filename*x=1|<p>a<blockquote>b|BEGIN:VEVENT|SUMMARY:x|"
        b"References: <a@b> c|Return-Path: <>|Auto-Submitted: auto-replied|=C4=81=C4=81=C4=81|> a|-- |".split(b"|")
    ),
)


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(st.lists(_lines, max_size=40), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_no_order_of_lines_raises(lines: list[bytes], end: bytes) -> None:
    mail = read_strictly(end.join(lines), "mx.desk.lv")
    for text in (mail.text, mail.subject, mail.sender.address, mail.html, *(part.name for part in mail.parts)):
        assert "\x00" not in text
        text.encode()  # no half letters, which a database refuses
    assert bool(mail.reply) == bool(mail.text.strip())


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(st.binary(max_size=2000))
def test_no_bytes_raise(raw: bytes) -> None:
    read_strictly(raw)


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(
    st.text(
        alphabet=st.characters(
            min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")
        )
    ),
    st.text(alphabet="āčēģīķļņšūž abc\n", max_size=200),
    st.lists(
        st.tuples(st.text(alphabet="āčž abc._-(1)", min_size=1, max_size=60), st.binary(max_size=300)), max_size=4
    ),
)
def test_what_the_standard_library_writes_is_read_back(subject: str, text: str, files: list[tuple[str, bytes]]) -> None:
    from email.message import EmailMessage

    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["Subject"] = "Jānis Bērziņš <janis@example.lv>", subject.strip()
    message.set_content(text)
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    mail = read_strictly(message.as_bytes())
    assert (mail.sender.name, mail.sender.address) == ("Jānis Bērziņš", "janis@example.lv")
    assert mail.subject == subject.strip()
    assert mail.text.split() == text.split()
    assert [(part.name, part.content) for part in mail.parts] == [(name.strip(), content) for name, content in files]


def nested(depth: int) -> bytes:
    return HEAD + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(depth))


@pytest.mark.parametrize(
    "raw",
    [
        nested(5000),
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 5000,
        HEAD + b"Content-Type: message/rfc822\n\n" * 5000,
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: application/pdf\n\nx\n" * 20_000,
        b"X-A: b\n" * 60_000 + HEAD + b"\nx",
        b"Subject: " + b"x" * 3 * MB + b"\n\nx",
        b"From: " + b"<" * 60_000 + b"\n\nx",
        b"From: " + b'"' * 60_001 + b"\n\nx",
        b"From: " + b"a," * 30_000 + b"\n\nx",
        b"From: " + b"=?a?q?" * 10_000 + b"\n\nx",
        b"From: " + b"a@b," * 15_000 + b"\n\nx",
        b"Subject: " + b"=?a?q?" * 10_000 + b"\n\nx",
        HEAD + b"Content-Type: text/plain" + b'; a="' * 40_000 + b"\n\nx",
        HEAD + b"Content-Type: text/plain" + b"; a*0*=x" * 20_000 + b"\n\nx",
        HEAD + b"\n" + b"\n" * 3 * MB,
        HEAD + b"\n" + b"> a\n" * 100_000,
        HEAD + b"\n" + b"begin 644 a\n" * 200_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<div><p>a <b>x</b></p>" * 30_000,
        HEAD + b"References: " + b"<a@b> " * 30_000 + b"\n\nx",
        HEAD + b"Content-Type: text/html\n\n" + b"<div>a " * 3 * MB,
        HEAD + b"Content-Type: text/html\n\n" + b"<div><p>a</b>" * 2 * MB,
    ],
    ids=range(21),
)
def test_a_mail_made_to_take_time_takes_little(raw: bytes) -> None:
    began = time.process_time()
    read_strictly(raw)
    assert time.process_time() - began < SECONDS


def random_bytes(size: int) -> bytes:
    return (b"\x00\x7f\x80\xfe\r\nabc" * (size // 9 + 1))[:size]


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(random_bytes(18 * MB)),
        b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(b"labdien! " * 2 * MB),
        b"Content-Type: application/pdf\n\n" + random_bytes(25 * MB),
        b"Content-Type: application/pdf\nContent-Transfer-Encoding: quoted-printable\n\n" + b"=41=42=\n" * 3 * MB,
        b"\n" + ("ā" * 70 + "\n").encode() * 180_000,
        b"\nbegin 644 a\n" + (b"M" + b"0" * 60 + b"\n") * 160_000 + b"`\nend\n",
        b"Content-Type: text/html\n\n<p>a<img src='data:image/png;base64," + b"A" * 25 * MB + b"'>",
    ],
    ids=["base64", "base64 text", "bytes", "quoted", "letters", "uuencoded", "picture in html"],
)
def test_a_mail_of_25_mb_takes_at_most_three_times_its_size(rest: bytes) -> None:
    raw = HEAD + rest
    tracemalloc.start()
    read_strictly(raw)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most <= 3 * len(raw)


def test_memory_stays_flat_over_thousands_of_mails() -> None:
    def some(count: int) -> None:
        for number in range(count):
            border = f"b{number}"
            read(
                f"From: a{number}@b.lv\nSubject: =?utf-8?Q?=C4=81?= {number}\nX-{number}: x\n"
                f"Content-Type: multipart/mixed; boundary={border}\n\n--{border}\n\nLabdien {number}!\n"
                f"--{border}\nContent-Type: application/pdf; name={number}.pdf\n\nx\n--{border}--\n".encode()
            )

    some(500)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    some(2000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8 * 1024  # KiB


def test_an_error_of_ours_still_gives_a_mail_with_a_flaw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels.mail.read.found_in", lambda tree: 1 / 0)
    assert read(HEAD + b"\nx").flaws == ("could not be read: ZeroDivisionError",)


def test_the_outline_that_is_judged_is_what_the_standard_library_reads() -> None:
    from channels.mail.outline import outline
    from channels.mail.structure import tree_of

    raw = HEAD + (
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nfailed\n--b\n"
        b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
        b"Final-Recipient: rfc822; a@b\nStatus: 5.1.1\n"
        b"--b\nContent-Type: message/rfc822\n\nMessage-ID: <ours@x>\nSubject: s\n\nwords\n--b--\n"
    )
    tree = tree_of(raw)
    ours, theirs = list(outline(raw, tree.root).walk()), list(message_from_bytes(raw).walk())
    assert [part.items() for part in ours] == [part.items() for part in theirs]
    assert [part.get_content_type() for part in ours] == [part.get_content_type() for part in theirs]
