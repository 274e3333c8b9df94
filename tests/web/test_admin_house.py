"""Canned replies, calendar days, thresholds, retention and channels at the desk; each change stands in the trail."""

import html
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, select

from bot.rulebook import RulebookKeeper
from config.settings import CONFIG
from models.calendar_day import CalendarDay
from models.canned import VARIABLES, CannedReply
from models.change import Change, note_change
from models.clock import Clock
from models.moments import now
from models.queue import InboxRow, OutboxRow, State
from models.retention import Cleaning, LegalHold
from models.setting import CHOICE_HOURS, REOPEN_DAYS, THRESHOLDS, Setting, value_of
from models.staff import Role
from models.ticket import Event
from routing.recompute import recompute
from routing.rules import in_force
from tests.routing.law import as_before
from tests.web.desk_house import DeskHouse, Visitor
from web.admin.access import PARTS
from web.admin.people import MAY
from web.pages import page_words

ADMIN = "/desk/admin"


@pytest.fixture(autouse=True)
def ends() -> Iterator[None]:
    with as_before():
        yield


def foreseen(answer: httpx.Response) -> str:
    found = re.search(r'name="foreseen" value="(\w+)"', answer.text)
    assert found, answer.text
    return found[1]


async def adds(admin: Visitor, form: dict[str, str]) -> httpx.Response:
    """Looks at what would come of a day, and adds it."""
    form = form | {"csrf": await admin.csrf(f"{ADMIN}/calendar")}
    seen = await admin.client.post(f"{ADMIN}/calendar", data=form)
    assert seen.status_code == 200, seen.text
    return await admin.client.post(f"{ADMIN}/calendar", data=form | {"foreseen": foreseen(seen)}, follow_redirects=True)


def next_working_day() -> date:
    on = now().date() + timedelta(days=1)
    while not in_force().calendars["state"].works(on):
        on += timedelta(days=1)
    return on


async def test_a_day_off_is_seen_before_it_is_added_and_moves_open_clocks(
    desk_on_both: DeskHouse, tmp_path: Path
) -> None:
    desk = desk_on_both
    keeper = RulebookKeeper(desk.database, CONFIG)
    keeper.begin()
    ticket, on = desk.asked(), next_working_day()
    (before,) = desk.all(Clock, ticket_id=ticket.id, kind="answer")
    form = {"calendars": "state", "off": on.isoformat(), "reason": "Saeimas lēmums"}
    async with desk.visitor("admin") as admin:
        csrf = await admin.csrf(f"{ADMIN}/calendar")
        seen = await admin.client.post(f"{ADMIN}/calendar", data=form | {"csrf": csrf})
        assert re.search(r"Atvērti termiņi, kas pārcelsies: [12]\.", seen.text)
        assert desk.all(CalendarDay) == [], "so far it is only seen"
        assert "Diena ir pievienota" in (await adds(admin, form)).text
    keeper.look(now())
    assert not in_force().calendars["state"].works(on)
    desk.database.write(lambda session: recompute(session, now()) and None)
    (after,) = desk.all(Clock, ticket_id=ticket.id, kind="answer")
    assert after.due_on > before.due_on
    async with desk.visitor("admin") as admin:
        shown = await admin.opens(f"/desk/calendar?year={on.year}")
        assert "pievienots darbvietā" in shown.text
        remove = f"{ADMIN}/calendar/{desk.all(CalendarDay)[0].id}/remove"
        seen = await admin.submits(f"{ADMIN}/calendar", remove)
        csrf = await admin.csrf(f"{ADMIN}/calendar")
        taken = await admin.client.post(remove, data={"csrf": csrf, "foreseen": foreseen(seen)})
        assert taken.status_code == 303
        assert (await admin.client.post(remove, data={"csrf": csrf})).status_code == 404, "once"
    keeper.look(now() + timedelta(seconds=5))
    assert in_force().calendars["state"].works(on)
    assert [change.what for change in desk.all(Change, thing="calendar day")] == ["added", "taken back"]


NONSENSE: list[dict[str, str]] = [
    {"off": "2027-05-31", "reason": "x"},
    {"calendars": "state", "reason": "x"},
    {"calendars": "state", "off": "2027-05-31"},
    {"calendars": "state", "off": "31.05.2027", "reason": "x"},
    {"calendars": "state", "off": "2027-02-30", "reason": "x"},
    {"calendars": "mars", "off": "2027-05-31", "reason": "x"},
    {"calendars": "state", "off": "2027-05-31", "until": "2027-05-01", "reason": "x"},
    {"calendars": "state", "off": "2027-01-04", "until": "2027-12-31", "reason": "x"},
    {"calendars": "state", "off": "2027-05-31", "works": "2027-05-31", "reason": "x"},
]


async def test_a_day_that_makes_no_sense_is_refused(desk: DeskHouse) -> None:
    async with desk.visitor("admin") as admin:
        csrf = await admin.csrf(f"{ADMIN}/calendar")
        for form in NONSENSE:
            answer = await admin.client.post(f"{ADMIN}/calendar", data=form | {"csrf": csrf, "foreseen": "x"})
            assert answer.status_code == 422, form
            assert "Neizdevās" in answer.text
    assert desk.all(CalendarDay) == []


async def test_a_threshold_is_chosen_within_its_bounds_and_forgotten(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both

    def in_effect(name: str) -> int:
        with desk.database.read() as session:
            return value_of(session, name)

    async with desk.visitor("admin") as admin:
        page = f"{ADMIN}/settings"
        saved = await admin.submits(page, page, **{CHOICE_HOURS: "5", REOPEN_DAYS: ""})
        assert "jau darbojas" in saved.text
        assert "Pēdējais mainīja admin" in saved.text
        assert (in_effect(CHOICE_HOURS), in_effect(REOPEN_DAYS)) == (5, 30)
        for wrong in ("0", "25", "-1", "2.5", "٣", "x", "9999999"):
            refused = await admin.submits(page, page, **{CHOICE_HOURS: wrong, REOPEN_DAYS: "7"})
            assert refused.status_code == 422, wrong
            assert f'value="{wrong}"' in refused.text, "what was typed stays"
        assert in_effect(REOPEN_DAYS) == 30, "all or nothing"
        await admin.submits(page, page, **{CHOICE_HOURS: "", "forward_alone_percent": "0"})
    assert in_effect(CHOICE_HOURS) == 2
    assert [(change.before, change.after) for change in desk.all(Change, name=CHOICE_HOURS)] == [
        ({"value": None}, {"value": 5}),
        ({"value": 5}, {"value": None}),
    ]
    assert [setting.name for setting in desk.all(Setting)] == ["forward_alone_percent"]


async def test_a_ticket_is_kept_from_deletion_and_a_run_is_asked_for(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = f"{ADMIN}/retention"
    async with desk.visitor("admin") as admin:
        for form in ({"ref": "LV-2026-999999", "reason": "x"}, {"ref": "?", "reason": "x"}, {"ref": ticket.ref}):
            assert (await admin.submits(page, f"{page}/keep", **form)).status_code == 422
        for _ in range(2):
            kept = await admin.submits(page, f"{page}/keep", ref=ticket.ref.lower(), reason="Tiesvedība")
            assert "Tiesvedība" in kept.text
        assert len(desk.all(LegalHold)) == len(desk.all(Event, kind="kept from deletion")) == 1
        await admin.submits(page, f"{page}/keep/{ticket.ref}/end")
        assert desk.all(LegalHold) == []
        for _ in range(2):
            begun = await admin.client.post(f"{page}/run", data={"csrf": await admin.csrf(page)})
            assert begun.status_code == 303
        assert "Dzēšana notiek" in (await admin.opens(page)).text
    assert [run.by for run in desk.all(Cleaning)] == ["admin"]
    assert desk.now(ticket).changed_at == ticket.changed_at, "it is no younger for that"


async def test_a_canned_reply_is_written_seen_changed_and_retired_by_an_editor(desk: DeskHouse) -> None:
    new, form = f"{ADMIN}/canned/new", {"name": "Sveiciens", "scope": "coordinator", "text_lv": "Labdien, {name}!"}
    async with desk.visitor("elīna") as editor:
        seen = await editor.submits(new, f"{ADMIN}/canned", **form, preview="1")
        assert "Labdien, Anna Ozola!" in seen.text
        assert not desk.all(CannedReply, name="Sveiciens")
        for wrong in ({"text_lv": ""}, {"text_lv": "{vards}"}, {"name": ""}, {"scope": "x"}, {"text_en": "a" * 5_001}):
            refused = await editor.submits(new, f"{ADMIN}/canned", **form | wrong)
            assert refused.status_code == 422
            assert "Neizdevās" in refused.text
        made = await editor.submits(new, f"{ADMIN}/canned", **form)
        assert "Sagatave ir pievienota" in made.text
        assert (await editor.submits(new, f"{ADMIN}/canned", **form)).status_code == 422, "one of that name"
        (reply,) = desk.all(CannedReply, name="Sveiciens")
        page = f"{ADMIN}/canned/{reply.id}"
        await editor.submits(page, page, **form | {"text_en": "Hello, {name}!"})
        await editor.submits(page, f"{page}/retire")
    (reply,) = desk.all(CannedReply, name="Sveiciens")
    assert (reply.texts["en"], reply.active, reply.changed_by) == ("Hello, {name}!", False, "elīna")
    assert [change.what for change in desk.all(Change, thing="canned reply")] == ["added", "changed", "retired"]


async def test_channels_tell_how_they_are(desk: DeskHouse) -> None:
    ticket = desk.asked()

    def work(session: Session) -> None:
        at = now()
        rows = [(State.DONE, 1), (State.DEAD, 36), (State.HELD, 1), (State.WAITING, 3)]
        for number, (state, attempts) in enumerate(rows):
            session.add(
                InboxRow(
                    channel="email",
                    external_id=str(number),
                    raw=b"x",
                    received_at=at - timedelta(minutes=5),
                    due_at=at - timedelta(hours=1),
                    state=state,
                    attempts=attempts,
                )
            )
        for row in session.exec(select(OutboxRow)).all():
            row.state = State.DOUBTFUL

    desk.database.write(work)
    async with desk.visitor("aivars") as auditor:
        shown = html.unescape((await auditor.opens(f"{ADMIN}/channels")).text)
    cards = {
        name: card for card in shown.split('<li class="card">')[1:] for name in ("E-pasts", "Telegram") if name in card
    }
    assert "jāapskata" in cards["E-pasts"] or "izslēgts" in cards["E-pasts"]
    assert "Kaut kas gaida kopš" in cards["E-pasts"]
    assert re.search(r"Kļūdas stundā</dt><dd>2 no 4 \(50\s%\)", cards["E-pasts"])
    assert "TELEGRAM_TOKEN" in cards["Telegram"]
    assert ticket.ref not in shown


def test_the_trail_is_only_added_to_and_holds_no_secrets(desk_on_both: DeskHouse) -> None:
    database = desk_on_both.database

    def note(session: Session) -> None:
        secret = {"password_hash": "$argon2", "token": "t", "client_secret": "s", "name": "x"}
        assert note_change(session, "admin", "person", "anna", "changed", {}, secret, now())
        assert not note_change(session, "admin", "person", "anna", "changed", secret, secret, now())

    database.write(note)
    (change,) = desk_on_both.all(Change)
    assert change.after == {"password_hash": "•••", "token": "•••", "client_secret": "•••", "name": "x"}

    def forge(session: Session) -> None:
        session.get_one(Change, change.id).actor = "anna"

    with pytest.raises(ValueError, match="only added to"):
        database.write(forge)
    for statement in ("UPDATE change SET actor = 'anna'", "DELETE FROM change"):
        with pytest.raises(DatabaseError, match="only added to"):
            database.write(lambda session, said=statement: session.execute(text(said)) and None)  # type: ignore[misc]
    assert desk_on_both.all(Change) == [change]


async def test_changes_are_sifted_and_turned_over(desk: DeskHouse) -> None:
    def work(session: Session) -> None:
        for number in range(60):
            actor = "admin" if number % 2 else "<script>"
            note_change(session, actor, "setting", f"s{number}", "changed", {"value": 1}, {"value": number + 2}, now())

    desk.database.write(work)
    async with desk.visitor("aivars") as auditor:
        first = (await auditor.opens(f"{ADMIN}/changes")).text
        assert (first.count("<li>\n    <p><time"), "<script>" in first) == (50, False)
        (later,) = re.findall(r'href="(\?before=\d+)"', first)
        assert (await auditor.opens(f"{ADMIN}/changes{later}")).text.count("<li>\n    <p><time") == 10
        mine = (await auditor.opens(f"{ADMIN}/changes?actor=admin&name=s7&first=2026-01-01&last=2200-01-01")).text
        assert mine.count("<li>\n    <p><time") == 1
        none = (await auditor.opens(f"{ADMIN}/changes?last=2000-01-01&first=x&thing=%00")).text
        assert none.count("<li>\n    <p><time") == 0


def test_everything_that_a_page_names_has_words() -> None:
    said = page_words("desk", "lv")["admin"]
    assert set(said["thresholds"]) == set(THRESHOLDS)
    assert set(said["roles"]["may"]) == set(MAY)
    assert set(said["roles"]["of"]) == set(Role)
    assert set(said["canned"]["variables"]) == set(VARIABLES)
    assert {part.name for part in PARTS} == set(said["part"]) == set(said["part_hint"])
