"""The lists: what stands in which queue, in which order, and what can be found."""

import re
from datetime import date, timedelta

import pytest

from config.settings import ROOT
from models.clock import Clock
from models.moments import now
from models.ticket import Ticket
from tests.web.desk_house import DeskHouse
from web.desk.words import LANGUAGES, Wording
from web.pages import page_words


async def test_what_is_due_first_stands_first(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    young, old = desk.asked("Jaunākais jautājums"), desk.asked("Vecākais jautājums", at=now() - timedelta(days=9))
    async with desk.visitor("anna") as anna:
        shown = (await anna.opens("/desk")).text
    assert shown.index(old.ref) < shown.index(young.ref)


async def test_a_question_moves_through_the_queues(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"

    async def queues() -> list[str]:
        names = ("triage", "composing", "attention", "waiting", "answered")
        return [name for name in names if ticket.ref in (await anna.opens(f"/desk?queue={name}")).text]

    async with desk.visitor("anna") as anna:
        assert await queues() == ["triage"]
        await anna.submits(page, f"{page}/forward", institutions=["PMLP"])
        assert await queues() == ["waiting"]
        await anna.submits(page, f"{page}/answer", text="Atbilde.")
        assert await queues() == ["answered"]


async def test_an_institution_sees_its_tray_and_where_each_went(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    waiting, returned, elsewhere = desk.asked("Pirmais"), desk.asked("Otrais"), desk.asked("Trešais")
    desk.forwarded(waiting, "PMLP")
    desk.forwarded(elsewhere, "VSAA")
    page = f"/desk/forwardings/{desk.forwarded(returned, 'PMLP')[0].id}"
    async with desk.visitor("pēteris") as peteris:
        await peteris.submits(page, f"{page}/return", reason="Nav mūsu.")
        to_answer, back = (await peteris.opens("/desk")).text, (await peteris.opens("/desk?tray=returned")).text
    assert waiting.ref in to_answer
    assert returned.ref not in to_answer
    assert returned.ref in back
    assert elsewhere.ref not in to_answer + back


@pytest.mark.parametrize(
    ("words", "finds"), [("000001", True), ("līdzfinansējum", True), ("100%", False), ("_", False), ("LIAA", False)]
)
async def test_a_question_is_found_by_number_or_text(desk_on_both: DeskHouse, words: str, finds: bool) -> None:
    desk = desk_on_both
    ticket = desk.asked()
    desk.asked("Cits pavisam jautājums par ko citu", audience="business")
    async with desk.visitor("anna") as anna:
        shown = await anna.client.get("/desk", params={"q": words})
    assert (ticket.ref in shown.text) is finds


async def test_many_questions_are_shown_in_pages(desk: DeskHouse) -> None:
    refs = [desk.asked(f"Jautājums Nr. {n} par kārtību").ref for n in range(27)]
    async with desk.visitor("anna") as anna:
        first, last = (await anna.opens("/desk")).text, (await anna.opens("/desk?page=2")).text
        beyond = (await anna.opens("/desk?page=99")).text
    assert [ref for ref in refs if ref in first] == refs[:25]
    assert [ref for ref in refs if ref in last] == refs[25:]
    assert "2. lapa no 2" in beyond


async def test_the_language_is_the_readers_choice_else_his_own(desk: DeskHouse) -> None:
    async with desk.visitor("anna") as anna:
        assert '<html lang="lv">' in (await anna.opens("/desk")).text
        assert '<html lang="en">' in (await anna.opens("/desk?language=en")).text
        assert "To decide" in (await anna.opens("/desk")).text


async def test_attention_is_asked_until_somebody_has_looked(desk: DeskHouse) -> None:
    ticket = desk.asked()
    desk.database.write(lambda s: setattr(s.get_one(Ticket, ticket.id), "attention", "citizen wrote"))
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        assert "Jautātājs ir uzrakstījis vēl." in (await anna.opens("/desk?queue=attention")).text
        await anna.submits(page, f"{page}/attend")
        assert desk.now(ticket).attention == ""


async def test_the_page_says_day_by_day_why_a_date_is_due(desk: DeskHouse) -> None:
    ticket = desk.asked()
    async with desk.visitor("anna") as anna:
        shown = (await anna.opens(f"/desk/tickets/{ticket.ref}")).text
    (answer,) = desk.all(Clock, kind="answer")
    assert "7. </span>" in shown or "7.</span>" in shown
    assert answer.due_on.strftime("%d.%m.%Y.") in shown
    assert "Norma: 7 darba dienas" in shown
    assert "MK 400 (04.07.2017.)" in shown


async def test_an_overdue_question_says_so_in_words(desk: DeskHouse) -> None:
    desk.asked(at=now() - timedelta(days=30))
    async with desk.visitor("anna") as anna:
        assert "nokavēts par" in (await anna.opens("/desk")).text


def test_the_words_are_the_same_in_both_languages_and_none_hides_behind_a_method() -> None:
    first, second = (page_words("desk", language) for language in LANGUAGES)
    assert keys(first) == keys(second)
    assert not [key for key in keys(first) if hasattr({}, key.rpartition(".")[2])]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_text(language: str) -> None:
    """YAML takes a bare No, which is "from" in Latvian, for false."""

    def words(of: object) -> list[object]:
        parts = of.values() if isinstance(of, dict) else of if isinstance(of, list) else None
        return [of] if parts is None else [word for part in parts for word in words(part)]

    assert not [word for word in words(page_words("desk", language)) if not isinstance(word, str)]


@pytest.mark.parametrize(
    ("days", "shape", "text"),
    [
        (-1, "late", "nokavēts par 1 darba dienu"),
        (-2, "late", "nokavēts par 2 darba dienām"),
        (0, "today", "šodien"),
        (1, "tomorrow", "rīt"),
        (2, "later", "atlikušas 2 darba dienas"),
    ],
)
def test_a_term_is_told_in_words_and_shape(days: int, shape: str, text: str) -> None:
    wednesday = date(2026, 12, 9)
    said = Wording("lv", wednesday).due(wednesday + timedelta(days=days))
    assert (said.shape, said.text) == (shape, text)


def test_latvian_counts_twenty_one_as_one_but_not_eleven() -> None:
    words = Wording("lv", date(2026, 12, 9))
    assert [words.counted("left", n).split()[2:] for n in (1, 11, 21)] == [
        ["darba", "diena"],
        ["darba", "dienas"],
        ["darba", "diena"],
    ]


def test_every_reason_event_and_notice_of_the_code_has_words() -> None:
    source = "\n".join(
        path.read_text("utf-8") for folder in ("bot", "routing", "web") for path in (ROOT / folder).rglob("*.py")
    )
    said = page_words("desk", "lv")
    for group, pattern in (
        ("problem", r'NotPossible\("([^"]+)"\)'),
        ("problem", r'Mistake\("\w+", "([^"]+)"\)'),
        ("events", r'record\(\s*[\w.]*session, [\w.]+, "([^"]+)"'),
        ("notices", r'tell_coordinator\(\s*session, \w+, "([^"]+)"'),
        ("attention", r'attention = "([^"]+)"'),
    ):
        found = set(re.findall(pattern, source))
        assert found, pattern
        assert not re.findall(r'NotPossible\(f"', source), "words are found by the whole message"
        assert found <= set(said[group])


def keys(words: dict[str, object], within: str = "") -> set[str]:
    found: set[str] = set()
    for key, value in words.items():
        found.add(f"{within}{key}")
        if isinstance(value, dict):
            found |= keys(value, f"{within}{key}.")
    return found
