"""HTML as text: what a person reads, with the marks by which quoted words are told apart."""

import pytest

from channels.mail.markup import text_of_html
from channels.mail.read import read_strictly


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two<br>three</p>", "One\n\nTwo\nthree"),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("a  b\n c&nbsp;&amp; &lt;d&gt;", "a b c & <d>"),
        (
            "<ul><li>one<li>two<ul><li>deep</li></ul></ul><ol><li>x</li><li>y</li></ol>",
            "- one\n- two\n\n  - deep\n\n1. x\n2. y",
        ),
        ('<a href="https://x.lv/a">here</a>', "here (https://x.lv/a)"),
        ('<a href="https://x.lv/">x.lv</a> <a href="mailto:a@b.lv">a@b.lv</a>', "x.lv a@b.lv"),
        ('<a href="javascript:x()">here</a>', "here"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<style>x{}</style><script>y()</script><title>t</title>words<!-- no --><![if x]>", "words"),
        ('<div style="display:none">preview</div>words', "words"),
        ('<img alt="Plan"><img src="x">', "[Plan]"),
        ("<style>never closed <p>words", "never closed\n\nwords"),
        ("<!-- never closed <p>words</p>", "words"),
        ("2 < 3 and 4 > 3", "2 < 3 and 4 > 3"),
        ('<a href="x>torn</a> <b>bold</b>', "torn bold"),
        ("", ""),
    ],
)
def test_a_page_is_read_as_text(html: str, text: str) -> None:
    assert text_of_html(html) == text


GMAIL = (
    '<div dir="ltr">My answer</div><br><div class="gmail_quote"><div class="gmail_attr">'
    'On Mon, 2 Nov 2026, Desk &lt;<a href="mailto:d@x.lv">d@x.lv</a>&gt; wrote:<br></div>'
    '<blockquote class="gmail_quote">theirs<br>more</blockquote></div>'
)
OUTLOOK = (
    "<p class=MsoNormal>My answer<o:p></o:p></p><div>"
    '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm">'
    "<p><b>From:</b> Desk &lt;d@x.lv&gt;<br><b>Sent:</b> Monday, 2 November 2026 10:00"
    "<br><b>To:</b> A<br><b>Subject:</b> s</p>"
    "</div></div><p>theirs</p>"
)
OUTLOOK_WEB = (
    '<div>My answer</div><hr style="width:98%"><div id="divRplyFwdMsg">'
    "<b>From:</b> Desk &lt;d@x.lv&gt;<br><b>Sent:</b> Monday"
    "<br><b>To:</b> A<br><b>Subject:</b> s</div><div>theirs</div>"
)
THUNDERBIRD = (
    '<p>My answer</p><div class="moz-cite-prefix">On 02.11.2026 10:00, Desk wrote:<br></div>'
    '<blockquote type="cite" cite="mid:x">theirs</blockquote>'
)
YAHOO = (
    '<div>My answer</div><div id="yahoo_quoted_1" class="yahoo_quoted">'
    "<div>On Monday, Desk wrote:</div><div>theirs</div></div>"
)
MAIL_RU = (
    "<div>My answer</div><blockquote style='border-left:1px solid #0857A6;margin:10px;padding:0 0 0 10px;'>"
    "Понедельник, 2 ноября 2026, 10:00 +02:00 от Desk &lt;d@x.lv&gt;:<br><div>theirs</div></blockquote>"
)
YANDEX = (
    '<div>My answer</div><div>02.11.2026, 10:00, "Desk" &lt;d@x.lv&gt;:</div><blockquote><p>theirs</p></blockquote>'
)


@pytest.mark.parametrize("html", [GMAIL, OUTLOOK, OUTLOOK_WEB, THUNDERBIRD, YAHOO, MAIL_RU, YANDEX])
def test_what_each_program_quotes_is_left_out_of_the_persons_own_words(html: str) -> None:
    mail = read_strictly(b"From: a@b.lv\nSubject: Re: s\nContent-Type: text/html; charset=utf-8\n\n" + html.encode())
    assert "theirs" in mail.text
    assert mail.reply == "My answer"


def test_words_that_are_indented_in_gmail_are_no_quote() -> None:
    html = '<blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>my words</div></blockquote>'
    assert text_of_html(html) == "my words"


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "<b>" * 50_000 + "<p>x" * 50_000,
        '<a "' * 100_000 + ">",
        "<!--" * 100_000 + ">",
        "<style>" * 50_000,
    ],
)
def test_a_page_made_to_take_time_takes_little(html: str) -> None:
    assert len(text_of_html(html)) <= len(html)
