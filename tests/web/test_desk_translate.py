"""Machine translation at the desk, asked of a server over HTTP: masked, marked, and never in the original's place."""

import html
import re
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydantic import SecretStr

from models.message import Message
from models.ticket import Ticket
from models.translation import Translation
from nlu.translator import LONGEST, NotTranslated, Translator
from tests.web.desk_house import DeskHouse
from tests.web.libre import Libre, libre

RUSSIAN = "Здравствуйте! Мой персональный код 010190-12345, когда будет готов ответ на мою жалобу?"


@pytest.fixture
def engine(desk: DeskHouse) -> Iterator[Libre]:
    with libre("the key") as fake:
        settings = desk.portal.settings.model_copy(
            update={"translate_url": fake.url, "translate_key": SecretStr("the key")}
        )
        desk.app.state.portal = replace(desk.portal, settings=settings)
        yield fake


def page_of(ticket: Ticket) -> str:
    return f"/desk/tickets/{ticket.ref}"


def typed_into(page: str) -> str:
    found = re.search(r'<textarea id="answer-text"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    assert found
    return html.unescape(found[1])


async def test_what_a_citizen_wrote_is_translated_on_a_click_masked_and_once(desk: DeskHouse, engine: Libre) -> None:
    ticket = desk.asked(RUSSIAN)
    page, message = page_of(ticket), desk.all(Message, ticket_id=ticket.id)[0]
    action = f"{page}/messages/{message.id}/translate"
    async with desk.visitor("anna") as anna:
        assert engine.asked == []  # nothing is sent out unasked
        shown = await anna.submits(page, action)
        await anna.client.post(action, data={"csrf": await anna.csrf(page)})
        assert action not in (await anna.opens(page)).text
    assert engine.asked == [
        {
            "q": RUSSIAN.replace("010190-12345", "[personas kods]"),
            "source": "ru",
            "target": "lv",
            "format": "text",
            "api_key": "the key",
        }
    ]
    assert "Mašīntulkojums" in shown.text
    assert shown.text.index("Здравствуйте") < shown.text.index("&lt;lv&gt; Здравствуйте")
    (kept,) = desk.all(Translation)
    assert (kept.message_id, kept.language, kept.by, kept.engine) == (message.id, "lv", "anna", "127.0.0.1")
    assert desk.all(Message, id=message.id)[0].text == RUSSIAN


async def test_an_answer_gets_its_translation_below_it_marked_as_one(desk: DeskHouse, engine: Libre) -> None:
    ticket = desk.asked(RUSSIAN)
    page = page_of(ticket)
    said = "Zvaniet 67209400 vai rakstiet pasts@pmlp.gov.lv."
    async with desk.visitor("anna") as anna:
        csrf = await anna.csrf(page)
        for _ in range(2):  # pressed again, it takes the place of the earlier one
            shown = await anna.client.post(f"{page}/translate-answer", data={"csrf": csrf, "text": said})
            whole = typed_into(shown.text)
            assert (
                whole == f"{said}\n\nМашинный перевод (человеком не проверен); действителен текст выше:\n\n<ru> {said}"
            )
        sent = await anna.submits(page, f"{page}/answer", text=whole)
    assert "Atbilde ir nosūtīta." in sent.text
    assert [one["q"] for one in engine.asked] == ["Zvaniet [1] vai rakstiet [2]."] * 2  # masked on the way
    assert desk.all(Message, ticket_id=ticket.id)[-1].text.endswith(whole)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (403, None, "Mašīntulks mūs neatpazīst."),
        (429, None, "Mašīntulkam ir par daudz darba."),
        (400, None, "netulko"),
        (500, None, "atbildēja nesaprotami"),
        (200, b"<html>", "atbildēja nesaprotami"),
        (200, b'{"translatedText": 5}', "atbildēja nesaprotami"),
        (200, b"[]", "atbildēja nesaprotami"),
    ],
)
async def test_what_goes_wrong_is_told_in_words_and_loses_no_text(
    desk: DeskHouse, engine: Libre, status: int, body: bytes | None, words: str
) -> None:
    engine.status, engine.body = status, body
    ticket = desk.asked(RUSSIAN)
    page = page_of(ticket)
    async with desk.visitor("anna") as anna:
        shown = await anna.client.post(
            f"{page}/translate-answer", data={"csrf": await anna.csrf(page), "text": "Mans teksts"}
        )
    assert shown.status_code == 422
    assert words in shown.text
    assert typed_into(shown.text) == "Mans teksts"


async def test_a_server_that_is_silent_or_gone_is_given_up() -> None:
    with libre() as fake:
        fake.silent = threading.Event()
        with pytest.raises(NotTranslated, match="translate_slow"):
            await Translator(fake.url, patience=0.1).translate("x", "lv", "en")
        fake.silent.set()
        url = fake.url
    with pytest.raises(NotTranslated, match="translate_unreachable"):
        await Translator(url).translate("x", "lv", "en")
    with pytest.raises(NotTranslated, match="translate_too_long"):
        await Translator(url).translate("x" * (LONGEST + 1), "lv", "en")


async def test_a_place_that_the_server_loses_is_not_guessed() -> None:
    with libre() as fake:
        fake.body = b'{"translatedText": "Call us."}'
        with pytest.raises(NotTranslated, match="translate_lost_place"):
            await Translator(fake.url).translate_own("Zvaniet 67209400.", "lv", "en")


async def test_without_an_engine_nothing_is_offered(desk: DeskHouse) -> None:
    ticket = desk.asked(RUSSIAN)
    async with desk.visitor("anna") as anna:
        page = await anna.opens(page_of(ticket))
    assert "/translate" not in page.text
