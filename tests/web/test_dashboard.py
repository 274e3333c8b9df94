"""The dashboard and an institution's statistics, as a browser without JavaScript gets them."""

import csv
import io
import re
from datetime import date, timedelta

import httpx
from sqlmodel import Session

from models.institution import institution_by_code
from models.moments import now, riga_date
from models.service import Service
from models.ticket import Ticket
from reports.charts import columns
from tests.web.desk_house import DeskHouse, Visitor
from web.desk.figure import Figure, Share, Table, csv_file, written
from web.desk.words import Wording
from web.pages import page_words

DASHBOARD, STATISTICS = "/desk/dashboard", "/desk/statistics"


async def rows(visitor: Visitor, address: str) -> list[list[str]]:
    answer = await visitor.opens(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def big(answer: httpx.Response) -> dict[str, str]:
    """The big numbers by their names."""
    return dict(re.findall(r"<dt>([^<]+)</dt><dd><span class=\"big\">([^<]+)</span>", answer.text))


async def test_big_numbers_pictures_and_tables_say_the_same(desk: DeskHouse) -> None:
    for channel in ("telegram", "webchat", "webchat"):
        desk.asked(channel=channel)
    async with desk.visitor("anna") as anna:
        shown = await anna.opens(f"{DASHBOARD}?span=week")
        assert big(shown)["Saņemti"] == big(shown)["Gaida atbildi"] == "3"
        flow = await rows(anna, f"{DASHBOARD}/flow.csv?span=week")
        assert sum(int(row[1]) for row in flow[1:]) == 3
        channels = await rows(anna, f"{DASHBOARD}/channels.csv?span=week")
        assert channels[1:] == [["Tīmekļa tērzēšana", "2", "0"], ["Telegram", "1", "0"]]
        bot = await rows(anna, f"{DASHBOARD}/bot.csv?span=week")
        assert sum(int(row[1]) for row in bot[1:-1]) == int(bot[-1][1]) == 3
        due = await rows(anna, f"{DASHBOARD}/due.csv")
        assert sum(int(cell) for row in due[1:] for cell in row[1:]) == 3
    pictures = re.findall(r"<svg class=\"chart-picture.*?</svg>", shown.text, re.DOTALL)
    assert len(pictures) == 4
    for picture in pictures:
        assert all(part in picture for part in ('role="img"', "<title id=", "<desc id="))


async def test_a_coordinator_sees_only_the_own_coordination_and_administrators_and_auditors_all(
    desk: DeskHouse,
) -> None:
    desk.asked()
    desk.asked(audience="business")
    seen = {}
    for who in ("anna", "laima", "liene", "admin", "aivars"):
        async with desk.visitor(who) as visitor:
            seen[who] = big(await visitor.opens(DASHBOARD))["Saņemti"]
    assert seen == {"anna": "1", "laima": "1", "liene": "1", "admin": "2", "aivars": "2"}


async def test_the_span_and_the_filters_stand_in_the_address(desk: DeskHouse) -> None:
    today = riga_date(now())
    desk.asked(channel="telegram", at=now() - timedelta(days=40))
    own = f"from={today - timedelta(days=41)}&to={today - timedelta(days=39)}"
    async with desk.visitor("anna") as anna:
        assert big(await anna.opens(f"{DASHBOARD}?{own}"))["Saņemti"] == "1"
        assert big(await anna.opens(f"{DASHBOARD}?{own}&channel=email"))["Saņemti"] == "0"
        assert big(await anna.opens(f"{DASHBOARD}?{own}&audience=business"))["Saņemti"] == "0"
        assert big(await anna.opens(f"{DASHBOARD}?span=week"))["Saņemti"] == "0"
        shown = (await anna.opens(f"{DASHBOARD}?{own}&channel=telegram")).text
        assert f'value="{today - timedelta(days=41)}"' in shown
        assert '<option value="telegram" selected>' in shown
        assert f'href="{DASHBOARD}?channel=telegram&amp;span=month"' in shown
        later = f"from={today - timedelta(days=38)}&to={today - timedelta(days=36)}"
        assert re.search(
            r">0</span>\s*<span class=\"soft\">.*?iepriekš 1", (await anna.opens(f"{DASHBOARD}?{later}")).text
        )


async def test_dates_that_make_no_sense_are_explained_and_the_running_month_is_shown(desk: DeskHouse) -> None:
    words = page_words("desk", "lv")["problem"]
    async with desk.visitor("anna") as anna:
        for query, reason in (
            ("from=2026-13-01", "not_a_date"),
            ("from=x&to=2026-01-01", "not_a_date"),
            ("to=2026-01-01", "not_a_date"),
            ("from=2026-01-01&to=%00", "not_a_date"),
            ("from=2026-02-01&to=2026-01-01", "dates_reversed"),
            ("from=1000-01-01&to=2026-01-01", "span_too_long"),
            ("from=2026-01-01&to=9999-12-31", "span_too_long"),
        ):
            for page in (DASHBOARD, STATISTICS):
                shown = await anna.opens(f"{page}?{query}")
                assert shown.status_code == 422
                assert words[reason] in shown.text
                assert 'aria-current="true">Šis mēnesis' in shown.text


async def test_other_nonsense_in_the_address_is_as_if_it_were_not_there(desk: DeskHouse) -> None:
    async with desk.visitor("anna") as anna:
        shown = await anna.opens(f"{DASHBOARD}?span=%3Cscript%3E&channel=%3Cscript%3E&audience='&x=%ff")
        assert shown.status_code == 200
        assert "<script>" not in shown.text
        for figure in ("nothing", "..%2Fflow", "flow%00"):
            assert (await anna.opens(f"{DASHBOARD}/{figure}.csv")).status_code == 404


async def test_an_institution_sees_its_own_statistics_only(desk: DeskHouse) -> None:
    first, second = desk.asked(), desk.asked()
    desk.forwarded(first, "PMLP", "VSAA")
    desk.forwarded(second, "PMLP")

    def name_service(session: Session) -> None:
        session.get_one(Ticket, second.id).service_code = "vecuma-pensija"

    desk.database.write(name_service)
    for who, number in (("pēteris", "2"), ("zigrīda", "2"), ("vita", "1"), ("anna", "0")):
        async with desk.visitor(who) as visitor:
            numbers = big(await visitor.opens(STATISTICS))
            assert (numbers["Saņemti"], numbers["Gaida atbildi"]) == (number, number)
    async with desk.visitor("pēteris") as clerk:
        title = desk.all(Service, code="vecuma-pensija", current=True)[0].text("title", "lv")
        guessed = desk.all(Service, code=desk.now(first).service_code, current=True)
        other = guessed[0].text("title", "lv") if guessed else "pakalpojums nav zināms"
        services = await rows(clerk, f"{STATISTICS}/services.csv")
        assert sorted(row[:2] for row in services[1:]) == sorted([[title, "1"], [other, "1"]])
        months = await rows(clerk, f"{STATISTICS}/months.csv?span=week")
        assert (len(months), months[-1][1]) == (13, "2")
        assert "VSAA" not in (await clerk.opens(STATISTICS)).text
        assert (await clerk.opens(DASHBOARD)).status_code == 404


async def test_an_institutions_name_runs_no_formula_in_a_spreadsheet_and_no_script_on_the_page(desk: DeskHouse) -> None:
    def rename(session: Session) -> None:
        found = institution_by_code(session, "PMLP")
        assert found is not None
        found.name = {"lv": '=HYPERLINK("x")<script>alert(1)</script>'}

    desk.database.write(rename)
    desk.forwarded(desk.asked(), "PMLP")
    async with desk.visitor("anna") as anna:
        league = await rows(anna, f"{DASHBOARD}/league.csv")
        assert league[1][0].startswith("'=HYPERLINK")
        assert "<script>alert" not in (await anna.opens(DASHBOARD)).text


async def test_the_pages_speak_english_too(desk: DeskHouse) -> None:
    desk.forwarded(desk.asked(), "PMLP")
    async with desk.visitor("anna") as anna:
        shown = (await anna.opens(f"{DASHBOARD}?language=en&span=quarter")).text
        assert "When institutions have to answer" in shown
        assert "Kad jāatbild" not in shown


def test_cells_are_written_for_people_and_for_spreadsheets() -> None:
    words = Wording("lv", date(2026, 11, 24))
    cells = [None, Share(0.125), 3.5, 4.0, 12345, "@SUM(1)"]
    assert [written(words, cell) for cell in cells] == ["–", "12 %", "3,5", "4", "12345", "@SUM(1)"]
    figure = Figure("x", "", columns(["a"], [1]), Table(["=a", "b"], [[cell, 1] for cell in cells]))
    lines = bytes(csv_file(figure, "x").body).decode("utf-8-sig").split("\r\n")
    assert lines == ["'=a,b", ",1", "0.125,1", "3.5,1", "4,1", "12345,1", "'@SUM(1),1", ""]
