"""Citizens' pages without JavaScript, and what every page promises."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from config.replies import LANGUAGES
from config.settings import CONFIG
from tests.web.chat_house import ChatHouse, texts
from web.saying import paragraphs

PAGES = ("/", "/talk", "/chat/frame", "/widget-demo")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatHouse]:
    with ChatHouse(
        tmp_path_factory.mktemp("house"), widget_origins="https://a.example, https://b.example"
    ).open() as house:
        yield house


@pytest.fixture
def alice(house: ChatHouse) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://{house.address}", follow_redirects=True) as browser:
        yield browser


def form_of(page: httpx.Response) -> dict[str, str]:
    return {name: re.findall(f'name="{name}" value="([^"]+)"', page.text)[-1] for name in ("form_token", "nonce")}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_speaks_every_language(alice: httpx.Client, path: str, language: str) -> None:
    page = alice.get(path, params={"language": language})
    assert page.status_code == 200
    assert f'<html lang="{language}"' in page.text
    assert page.headers["content-language"] == language
    assert alice.get(path).headers["content-language"] == language  # remembered


@pytest.mark.parametrize("path", PAGES)
def test_no_page_carries_a_script_or_style_of_its_own(alice: httpx.Client, path: str) -> None:
    page = alice.get(path)
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|\sstyle=|\son\w+=", page.text)
    for attributes in re.findall("<script([^>]*)>", page.text):
        assert "src=" in attributes or "application/json" in attributes


def test_only_the_chat_itself_may_be_framed_and_only_by_the_sites_in_the_settings(alice: httpx.Client) -> None:
    for path in PAGES:
        policy = alice.get(path).headers["content-security-policy"]
        allowed = "'self' https://a.example https://b.example" if path == "/chat/frame" else "'none'"
        assert policy.endswith(f"frame-ancestors {allowed}")


def test_any_site_may_frame_the_chat_where_the_settings_say_so(tmp_path: Path) -> None:
    with ChatHouse(tmp_path).open() as house:
        policy = httpx.get(f"http://{house.address}/chat/frame").headers["content-security-policy"]
    assert policy.endswith("frame-ancestors *")


def test_a_question_is_asked_and_answered_without_javascript(alice: httpx.Client) -> None:
    talk = alice.post("/ask", data={"text": "Kā deklarēt?", **form_of(alice.get("/"))})
    assert talk.url.path == "/talk"
    assert "Kā deklarēt?" in talk.text
    assert "echo Kā deklarēt?" in talk.text
    assert 'value="h:yes">Jā</button>' in talk.text
    pressed = alice.post("/ask", data={"value": "h:yes", **form_of(talk)})
    assert "chose h:yes" in pressed.text
    assert 'value="h:yes" disabled' in pressed.text


def test_a_double_click_asks_once_but_other_words_from_a_page_gone_back_to_count(
    alice: httpx.Client, house: ChatHouse
) -> None:
    form = form_of(alice.get("/"))
    for text in ("Divreiz", "Divreiz", "Citi vārdi"):
        alice.post("/ask", data={"text": text, **form})
    assert [text for text in texts(house) if text in ("Divreiz", "Citi vārdi")] == ["Divreiz", "Citi vārdi"]


def test_a_form_that_another_site_sends_asks_nothing_and_keeps_the_words(alice: httpx.Client, house: ChatHouse) -> None:
    with httpx.Client(base_url=alice.base_url) as mallory:
        mallorys = form_of(mallory.get("/"))
    alice.get("/")
    for form in (mallorys, {}, {"form_token": "x"}, {"form_token": house.token("x", "chat form")}):
        answer = alice.post("/ask", data={"text": "<b>Viltus</b>", **form})
        assert answer.status_code == 403
        assert "&lt;b&gt;Viltus&lt;/b&gt;</textarea>" in answer.text
    alice.cookies.clear()
    assert alice.post("/ask", data={"text": "<b>Viltus</b>", **mallorys}).status_code == 403
    assert "<b>Viltus</b>" not in texts(house)


@pytest.mark.parametrize(
    ("text", "said"), [("  ", "Uzrakstiet savu jautājumu"), ("ā" * 4001, "4001 rakstzīmes no 4000")]
)
def test_what_cannot_be_sent_is_told_and_kept(alice: httpx.Client, text: str, said: str) -> None:
    answer = alice.post("/ask", data={"text": text, **form_of(alice.get("/"))})
    assert answer.status_code == 422
    assert said in answer.text
    assert text in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_whoever_asks_too_often_keeps_the_words(tmp_path: Path) -> None:
    with ChatHouse(tmp_path, questions_per_minute=1).open() as house:
        with httpx.Client(base_url=f"http://{house.address}", follow_redirects=True) as alice:
            form = form_of(alice.get("/"))
            alice.post("/ask", data={"text": "Viens", **form})
            answer = alice.post("/ask", data={"text": "Divi", **form})
        assert answer.status_code == 429
        assert ">Divi</textarea>" in answer.text
        assert "Pārāk daudz ziņu" in answer.text


def test_what_could_not_be_stored_is_told_and_kept(alice: httpx.Client, house: ChatHouse) -> None:
    house.fail = 1
    answer = alice.post("/ask", data={"text": "Neizdosies", **form_of(alice.get("/"))})
    assert answer.status_code == 503
    assert ">Neizdosies</textarea>" in answer.text


def test_markup_in_a_text_is_only_text(alice: httpx.Client) -> None:
    talk = alice.post("/ask", data={"text": '<script>alert(1)</script> & "x"', **form_of(alice.get("/"))})
    assert "<script>alert" not in talk.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in talk.text


def test_a_new_talk_shows_nothing_of_the_old_one(alice: httpx.Client) -> None:
    talk = alice.post("/ask", data={"text": "Aizmirstams", **form_of(alice.get("/"))})
    alice.post("/talk/new", data={"form_token": "x"})
    assert "Aizmirstams" in alice.get("/talk").text
    alice.post("/talk/new", data=form_of(talk))
    assert "Aizmirstams" not in alice.get("/talk").text


def test_the_talk_of_one_browser_is_not_shown_in_another(alice: httpx.Client) -> None:
    alice.post("/ask", data={"text": "Tikai man", **form_of(alice.get("/"))})
    with httpx.Client(base_url=alice.base_url) as bob:
        bob.get("/")
        assert "Tikai man" not in bob.get("/talk").text
        bob.cookies.set("visitor", alice.cookies["visitor"].split("~")[0] + "~forged")
        assert "Tikai man" not in bob.get("/talk").text


def test_the_visitors_cookie_is_kept_from_scripts_and_other_sites(alice: httpx.Client, tmp_path: Path) -> None:
    cookie = alice.get("/").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    with ChatHouse(tmp_path, secure_cookies=True).open() as house:
        assert "Secure" in httpx.get(f"http://{house.address}/").headers["set-cookie"]


def test_the_widget_is_one_script_with_all_its_words(alice: httpx.Client) -> None:
    script = alice.get("/widget.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "__WORDS__" not in script.text
    assert all(language in script.text for language in ('"lv":', '"en":', '"ru":'))


def test_the_chats_code_is_kept_for_ever_under_its_version_only(alice: httpx.Client) -> None:
    address = re.findall(r'src="(/chat/code/\w+/chat.js)"', alice.get("/").text)[0]
    assert "immutable" in alice.get(address).headers["cache-control"]
    assert "immutable" in alice.get(address.replace("chat.js", "line.js")).headers["cache-control"]
    assert alice.get("/chat/code/older/chat.js").headers["cache-control"] == "no-store"
    for name in ("none.js", "..%2Fwidget.js", "..%2f..%2fpages.py"):
        assert alice.get(f"/chat/code/older/{name}").status_code == 404


def keys(words: Any, path: str = "") -> list[str]:
    if isinstance(words, dict):
        return [key for name, value in words.items() for key in keys(value, f"{path}.{name}")]
    if isinstance(words, list):
        return [key for number, value in enumerate(words) for key in keys(value, f"{path}.{number}")]
    assert str(words).strip()
    return [path, *re.findall(r"{\w+}", str(words))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_words_are_whole_in_every_language(language: str) -> None:
    ours, latvian = (yaml.safe_load((CONFIG / f"pages.{code}.yaml").read_text("utf-8")) for code in (language, "lv"))
    assert keys(ours) == keys(latvian)


def test_an_answer_of_the_catalogue_is_set_out_word_for_word() -> None:
    url = "https://latvija.gov.lv/p1"
    text = f"Pabalsts\n\nPar ko tas ir.\n\nMaksa: 5 eiro.\n\nAvots: VSAA, 3. versija. {url}\n\nVai tas palīdzēja?"
    title, summary, price, source, question = paragraphs({"text": text, "source": {"url": url}})
    assert title.is_title
    assert (price.label, price.pieces[0].text) == ("Maksa:", "5 eiro.")
    assert source.is_source
    assert (source.pieces[0].text, source.pieces[0].link) == ("Avots: VSAA, 3. versija.", url)
    assert (summary.pieces[0].text, question.pieces[0].text) == ("Par ko tas ir.", "Vai tas palīdzēja?")


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("Skat. https://example.org/a?b=1.", "https://example.org/a?b=1"),
        ("(https://example.org/)", "https://example.org/"),
        ("„https://example.org”", "https://example.org"),
        ("javascript:alert(1)", ""),
        ("ftp://example.org", ""),
    ],
)
def test_links_in_a_text_work_and_nothing_else_becomes_one(text: str, link: str) -> None:
    (paragraph,) = paragraphs({"text": text, "source": None})
    assert "".join(piece.text for piece in paragraph.pieces) == text
    assert "".join(piece.link for piece in paragraph.pieces) == link
