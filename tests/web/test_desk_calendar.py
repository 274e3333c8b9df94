"""The calendar's page at the desk, and notices that are about no single question."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session

from models.clock import ClockKind
from models.institution import institution_by_code
from models.rulebook import Rulebook, RulesRefused
from models.staff import Notice, Role, notify
from models.ticket import Ticket
from routing.rules import put_in_force
from tests.routing.law import as_before, rules_with
from tests.web.desk_house import DeskHouse
from web.desk import calendar, pages

NOVEMBER = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SPRING = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def ends() -> Iterator[None]:
    with as_before():
        yield


@pytest.fixture(autouse=True)
def in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    it_is(monkeypatch, NOVEMBER)


def it_is(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    for module in (calendar, pages):
        monkeypatch.setattr(module, "now", lambda: at)


async def page(desk: DeskHouse, who: str = "anna", query: str = "") -> str:
    async with desk.visitor(who) as visitor:
        shown = await visitor.opens(f"/desk/calendar{query}")
        assert shown.status_code == 200
        return html.unescape(shown.text)


def words(text: str) -> str:
    """What a reader hears, without marks meant for the eye only."""
    text = re.sub(r'<(\w+)[^>]*aria-hidden="true"[^>]*>.*?</\1>', "", text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def cell(shown: str, month: str, day: int) -> str:
    table = re.search(rf"<caption>{month}</caption>(.*?)</table>", shown, re.DOTALL)
    assert table
    found = re.search(rf"<td[^>]*>{day}(<span.*?)?</td>", table[1], re.DOTALL)
    assert found
    return words(found[0]).strip()


def provisional(desk: DeskHouse, ticket: Ticket) -> None:
    def work(session: Session) -> None:
        found = session.get_one(Ticket, ticket.id)
        clock = found.running(ClockKind.ANSWER)
        assert clock is not None
        clock.due_on, clock.provisional = date(2027, 1, 5), True

    desk.database.write(work)


@pytest.mark.parametrize(
    ("who", "status"), [("anna", 200), ("lead", 200), ("admin", 200), ("pēteris", 404), ("head", 404), ("", 303)]
)
async def test_it_is_for_those_who_look_after_all(desk: DeskHouse, who: str, status: int) -> None:
    desk.employ("lead", Role.LEAD, "VDAA")
    desk.employ("head", Role.HEAD, "PMLP")
    async with desk.visitor(who) as visitor:
        assert (await visitor.opens("/desk/calendar")).status_code == status
        if status == 200:
            assert '<a href="/desk/calendar"' in (await visitor.opens("/desk")).text


async def test_the_year_says_of_each_day_what_it_is(desk: DeskHouse) -> None:
    shown = await page(desk)
    assert shown.count('<table class="month">') == 12
    assert cell(shown, "janvāris", 1) == "1 svētku diena"
    assert cell(shown, "janvāris", 2) == "2 pārcelta darba diena (brīva) (jāstrādā 17.01.2026.)"
    assert cell(shown, "janvāris", 17) == "17 darba sestdiena (par 02.01.2026.)"
    assert cell(shown, "janvāris", 18) == "18 brīvdiena"
    assert cell(shown, "janvāris", 19) == "19"
    assert "Darba dienas gadā: 250" in words(shown)
    for month, days in (("februāris", 28), ("decembris", 31)):
        table = re.search(rf"<caption>{month}</caption>(.*?)</table>", shown, re.DOTALL)
        assert table
        assert re.findall(r"<td[^>]*>(\d+)", table[1]) == [str(day) for day in range(1, days + 1)]


async def test_every_kind_of_day_has_a_mark_of_its_own_for_the_eye(desk: DeskHouse) -> None:
    legend = re.search(r'<ul class="legend".*?</ul>', await page(desk), re.DOTALL)
    assert legend
    marks = re.findall(r'aria-hidden="true">(.)</span>', legend[0])
    assert len(marks) == len(set(marks)) == 6


async def test_another_calendar_and_year_may_be_chosen(desk: DeskHouse) -> None:
    put_in_force(rules_with("calendars: [{name: pmlp}]\ndays: [{calendars: [pmlp], off: 2025-03-03, reason: a}]"))
    shown = await page(desk, query="?calendar=pmlp&year=2025")
    assert cell(shown, "marts", 3) == "3 pievienota brīvdiena"
    assert '<option value="pmlp" selected>' in shown
    municipal = await page(desk, query="?calendar=municipal&year=2026")
    assert cell(municipal, "janvāris", 2) == "2"
    assert cell(municipal, "janvāris", 17) == "17 brīvdiena"


@pytest.mark.parametrize(("query", "status"), [("?year=1990", 422), ("?year=2100", 422), ("?year=x", 422)])
async def test_a_year_that_is_not_known_is_refused(desk: DeskHouse, query: str, status: int) -> None:
    async with desk.visitor("anna") as anna:
        assert (await anna.opens(f"/desk/calendar{query}")).status_code == status


async def test_an_unknown_calendar_shows_the_states(desk: DeskHouse) -> None:
    """Its link may be older than the file."""
    assert '<option value="state" selected>' in await page(desk, query="?calendar=gone")


@pytest.mark.parametrize("year", [1991, 2024, 2028, 2099])
async def test_any_known_year_can_be_shown(desk: DeskHouse, year: int) -> None:
    shown = await page(desk, query=f"?year={year}")
    assert shown.count('<table class="month">') == 12
    unknown = f"{year}. gada pārceltās darba dienas nav zināmas"
    assert (unknown in shown) is (year > 2026)


async def test_a_missing_order_is_a_clear_warning_that_says_what_to_do(
    desk: DeskHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = words(await page(desk))
    assert "Pārceltās darba dienas nav zināmas" in shown
    assert "rīkojumam par 2027. gadu bija jābūt līdz 01.07.2026." in shown
    assert "var beigties 23.03.2027." in shown
    assert "Kas jādara" in shown
    it_is(monkeypatch, SPRING)
    shown = words(await page(desk))
    assert "Kas jādara" not in shown
    assert "zināmas līdz 2026. gada beigām" in shown


async def test_refused_files_are_shown_with_every_flaw_until_they_are_repaired(desk: DeskHouse) -> None:
    flaws = [f"calendars.yaml:{line}: days.off: This must be a date." for line in range(1, 9)]
    refused = RulesRefused(fingerprint="x", flaws=flaws, at=NOVEMBER)
    desk.database.write(lambda session: session.add(refused))
    shown = await page(desk, "admin")
    assert "Labotie termiņu noteikumi nav pieņemti" in shown
    assert all(flaw in shown for flaw in flaws)
    desk.database.write(lambda session: setattr(session.get_one(RulesRefused, refused.id), "ended_at", NOVEMBER))
    assert flaws[0] not in await page(desk, "admin")


async def test_an_editors_changes_stand_with_their_place_in_the_file(desk: DeskHouse) -> None:
    put_in_force(
        rules_with("""
days:
  - {calendars: [state], off: 2026-12-28, until: 2026-12-30, reason: "pārceļas <b>"}
  - {calendars: [state], works: 2026-12-12, reason: dežūra}
""")
    )
    shown = words(re.sub("<b>", "[b]", await page(desk)))
    assert "28.12.2026. – 30.12.2026. brīva pārceļas [b] calendars.yaml:3" in shown
    assert "12.12.2026. darba diena dežūra calendars.yaml:4" in shown


async def test_clocks_with_provisional_dates_are_listed_to_those_who_may_see_the_question(desk: DeskHouse) -> None:
    ticket, other = desk.asked(), desk.asked()
    provisional(desk, ticket)
    shown = await page(desk)
    assert "Nosacīti termiņi: 1" in words(shown)
    assert f'href="/desk/tickets/{ticket.ref}"' in shown
    assert other.ref not in shown
    assert f"{ticket.ref} Atbilde jautātājam VDAA 05.01.2027." in words(shown)
    assert ticket.ref not in await page(desk, "liene")
    assert ticket.ref in await page(desk, "admin")


async def test_a_long_list_says_how_many_there_are(desk: DeskHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "CLOCKS", 2)
    for _ in range(3):
        provisional(desk, desk.asked())
    shown = words(await page(desk))
    assert "Nosacīti termiņi: 3" in shown
    assert "Te ir pirmie 2." in shown


async def test_the_history_says_what_changed_and_how_many_dates_moved(desk: DeskHouse) -> None:
    days = [{"calendar": "state", "on": "2026-11-30", "works": False, "reason": "sēras"}]
    texts = dict(rules_with().texts)

    def work(session: Session) -> None:
        first = Rulebook(version="holidays 1", texts=texts, fingerprint="a", at=SPRING, told_at=SPRING)
        session.add(first)
        session.flush()
        session.add(
            Rulebook(
                version="holidays 2",
                texts=texts,
                fingerprint="b",
                at=NOVEMBER,
                differences=days,
                moved={"A": 7, "B": 5},
            )
        )

    desk.database.write(work)
    shown = words(await page(desk))
    assert "23.11.2026. 12:00 spēkā holidays 2 30.11.2026. brīva (state) 12 vēl rēķina" in shown
    assert "04.05.2026. 13:00 holidays 1 0" in shown


async def test_it_is_there_in_english(desk: DeskHouse) -> None:
    shown = words(await page(desk, query="?language=en"))
    for said in ("Calendar of working days", "public holiday", "had to come by 1 Jul 2026", "Monday", "January"):
        assert said in shown


def leave(
    desk: DeskHouse, code: str, kind: str, key: str, *, ticket: Ticket | None = None, role: str = "", **data: object
) -> None:
    def work(session: Session) -> None:
        institution = institution_by_code(session, code)
        assert institution is not None
        notify(session, institution.id or 0, ticket.id if ticket else None, kind, key, NOVEMBER, role=role, **data)

    desk.database.write(work)


async def notices(desk: DeskHouse, who: str, query: str = "") -> str:
    async with desk.visitor(who) as visitor:
        shown = (await visitor.opens(f"/desk{query}")).text
        found = re.search(r'<section class="notices".*?</section>', shown, re.DOTALL)
        return html.unescape(found[0]) if found else ""


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("due soon", {"due": date(2026, 11, 24)}, "24.11.2026."),
        ("due today", {"due": date(2026, 11, 23)}, "23.11.2026."),
        ("overdue", {"due": date(2026, 11, 20), "days": 1}, "20.11.2026. nokavēts par 1 darba dienu"),
        ("institution due soon", {"due": date(2026, 11, 24), "owner": "PMLP"}, "PMLP"),
        ("institution due today", {"due": date(2026, 11, 23), "owner": "PMLP"}, "PMLP"),
        ("institution overdue", {"due": date(2026, 11, 20), "days": 3, "owner": "PMLP"}, "nokavēts par 3 darba dienām"),
        ("not delivered", {}, "nesasniedza"),
    ],
)
async def test_a_notice_of_a_term_says_its_date_and_leads_to_the_question(
    desk: DeskHouse, kind: str, data: dict[str, object], said: str
) -> None:
    ticket = desk.asked()
    leave(desk, "VDAA", kind, "k", ticket=ticket, role="coordinator", ref=ticket.ref, **data)
    shown = await notices(desk, "anna")
    assert f'href="/desk/tickets/{ticket.ref}"' in shown
    assert said in words(shown)
    assert "{" not in shown
    english = await notices(desk, "anna", "?language=en")
    assert kind not in ("overdue",) or "overdue by 1 working day" in english
    assert "{" not in english


async def test_a_digest_leads_to_each_of_its_questions(desk: DeskHouse) -> None:
    refs = [desk.asked().ref for _ in range(3)]
    leave(desk, "VDAA", "digest", "k", role="coordinator", overdue=4, today=5, soon=6, refs=refs)
    shown = await notices(desk, "anna")
    assert all(f'href="/desk/tickets/{ref}"' in shown for ref in refs)
    assert all(str(number) in words(shown) for number in (4, 5, 6))


async def test_a_changed_calendar_and_refused_rules_lead_to_the_calendar(desk: DeskHouse) -> None:
    leave(desk, "VDAA", "calendar changed", "k1", version="holidays 2", moved=12)
    leave(desk, "VDAA", "rules refused", "k2", flaws=["calendars.yaml:7: days: <wrong>"], more=0)
    shown = await notices(desk, "anna")
    assert "Pārcelti termiņi: 12." in words(shown)
    assert "calendars.yaml:7: days: <wrong>" in shown
    assert shown.count('href="/desk/calendar"') == 2
    leave(desk, "PMLP", "calendar changed", "k3", version="holidays 2", moved=3)
    shown = await notices(desk, "pēteris")
    assert "Pārcelti termiņi: 3." in words(shown)
    assert "/desk/calendar" not in shown, "that page is not for them"


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("anna", {"everybody", "coordinator"}),
        ("lead", {"everybody", "coordinator", "lead"}),
        ("clerk", {"everybody", "clerk"}),
        ("head", {"everybody", "clerk", "head"}),
        ("admin", set()),
        ("liene", set()),
    ],
)
async def test_a_notice_is_for_its_role(desk: DeskHouse, who: str, sees: set[str]) -> None:
    for login, role in (("lead", Role.LEAD), ("clerk", Role.CLERK), ("head", Role.HEAD)):
        desk.employ(login, role, "VDAA")
    for number, whose in enumerate(("", "coordinator", "lead", "clerk", "head"), 1):
        leave(desk, "VDAA", "calendar changed", whose, role=whose, moved=number * 1000)
    shown = words(await notices(desk, who))
    numbers = {1000: "everybody", 2000: "coordinator", 3000: "lead", 4000: "clerk", 5000: "head"}
    assert {whose for number, whose in numbers.items() if str(number) in shown} == sees


async def test_who_has_seen_one_has_seen_only_what_is_his(desk: DeskHouse) -> None:
    leave(desk, "VDAA", "calendar changed", "all", moved=1)
    leave(desk, "VDAA", "calendar changed", "lead", role="lead", moved=2)
    theirs = {notice.key: notice.id for notice in desk.all(Notice)}
    async with desk.visitor("anna") as anna:
        csrf = await anna.csrf("/desk")
        sent = await anna.client.post("/desk/notices", data={"csrf": csrf, "notice": [str(n) for n in theirs.values()]})
        assert sent.status_code == 303
    assert {notice.key: notice.seen_at is not None for notice in desk.all(Notice)} == {"all": True, "lead": False}


async def test_a_notice_of_an_earlier_version_with_nothing_in_it_can_be_read(desk: DeskHouse) -> None:
    ticket = desk.asked()
    leave(desk, "VDAA", "overdue", "old", ticket=ticket)
    shown = await notices(desk, "anna")
    assert ticket.ref in shown
    assert "{" not in shown


async def test_the_metrics_count_provisional_clocks(desk: DeskHouse) -> None:
    provisional(desk, desk.asked())
    desk.asked()
    async with desk.visitor() as visitor:
        assert "\natbilde_clocks_provisional 1.0\n" in (await visitor.opens("/metrics")).text
