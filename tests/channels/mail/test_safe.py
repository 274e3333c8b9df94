"""What a mail's HTML may do on our pages: nothing but be read."""

import pytest

from channels.mail.safe import has_remote, safe_html


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" java\tscript:alert(1)">x</a>',
        "<svg><script>alert(1)</script></svg>",
        "<style>p{background:url(http://x)}</style>",
        "<iframe src='http://x'></iframe>",
        "<form action=/desk/logout><input name=a></form>",
        "<meta http-equiv=refresh content='0;url=http://x'>",
        "<base href=http://x>",
        "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
        "<p style='position:fixed;top:0'>x</p>",
        "<p id=menu class=button name=x>x</p>",
        "<img src=/desk/logout>",
        "<a href=/desk/logout>x</a>",
        "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
        "<link rel=stylesheet href=http://x>",
        "<object data=http://x></object><embed src=http://x>",
    ],
)
def test_nothing_runs_is_sent_or_reaches_into_our_pages(html: str) -> None:
    shown = safe_html(f"<p>words</p>{html}", {}).lower()
    assert "words" in shown
    for never in (
        "alert",
        "<style",
        "<form",
        "<input",
        "/desk",
        "http://x",
        "position",
        "id=",
        "class=",
        "<base",
        "<meta",
        "svg",
    ):
        assert never not in shown


def test_links_open_elsewhere_and_tell_nothing() -> None:
    shown = safe_html('<a href="https://x.lv" target="_top" rel="opener">x</a>', {})
    assert 'href="https://x.lv"' in shown
    assert 'target="_blank"' in shown
    assert 'rel="noopener noreferrer nofollow"' in shown


def test_pictures_of_the_mail_are_shown_where_they_stand() -> None:
    shown = safe_html(
        '<img src="cid:a%40b"><img src="CID:c@d"><img src="cid:unknown">', {"a@b": "/f/1", "<c@d>": "/f/2"}
    )
    assert shown == '<img src="/f/1"><img src="/f/2"><img>'


REMOTE = [
    '<img src="https://x.lv/p.png">',
    '<img src="//x.lv/p.png">',
    '<td background="http://x.lv/p.png">a</td>',
    "<p style=\"background-image: url('http://x.lv/p.png')\">a</p>",
    '<p style="background:URL(//x.lv/p.png)">a</p>',
]


@pytest.mark.parametrize("html", REMOTE)
def test_what_is_elsewhere_is_not_loaded_and_known_of(html: str) -> None:
    page = f"<table><tr>{html}</tr></table>" if html.startswith("<td") else html
    assert "x.lv" not in safe_html(page, {})
    assert has_remote(page)


@pytest.mark.parametrize("html", [REMOTE[0], REMOTE[3]])
def test_what_is_elsewhere_is_loaded_for_who_asks(html: str) -> None:
    assert "x.lv/p.png" in safe_html(html, {}, remote=True)


def test_a_page_with_its_own_pictures_and_links_has_nothing_elsewhere() -> None:
    assert not has_remote('<img src="cid:a"><a href="https://x.lv">x</a><p style="color:red">y</p>')


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "words",
        "".join(f"<font id={number}>" for number in range(5000)) + "<p>x" * 5000 + "words",
        "words" + "x" * 5_000_000,
    ],
)
def test_a_page_made_to_take_memory_is_shown_as_text(html: str) -> None:
    shown = safe_html(html, {})
    assert shown.startswith("<pre>")
    assert "words" in shown


def test_letters_and_tables_stay() -> None:
    html = "<table><tbody><tr><td>ā, č &amp; ш</td></tr></tbody></table>"
    assert safe_html(html, {}) == html
