"""The law's terms at the desk: evidence of delivery, formal submissions, answers put off, and how terms were kept."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import httpx
import pytest
from sqlmodel import Session, col, select

from models.clock import Clock, ClockKind, Outcome
from models.forwarding import Forwarding
from models.message import Message
from models.moments import now, riga_date
from models.staff import Role
from models.ticket import Event, Ticket
from routing.clocks import due
from routing.rules import calendar
from tests.web.desk_house import DeskHouse
from web.desk.words import LANGUAGES, Wording

TODAY = riga_date(now())


def forward_clock(desk: DeskHouse) -> Clock:
    return desk.all(Clock, kind="forward")[-1]


def said(desk: DeskHouse) -> str:
    return desk.all(Message)[-1].text


async def test_what_nobody_knows_to_be_delivered_says_so_with_the_link_to_pass_on(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        shown = await anna.submits(page, f"{page}/forward", institutions=["CSDD"])
        assert "nav nogādāts" in shown.text
        assert "https://atbilde.example/answer/" in shown.text
        assert "nav nogādāts: CSDD" in (await anna.opens("/desk?queue=waiting")).text
    assert forward_clock(desk).outcome == Outcome.RUNNING


async def test_in_the_tray_of_an_institution_with_people_it_is_delivered(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        shown = await anna.submits(page, f"{page}/forward", institutions=["PMLP"])
    assert "nav nogādāts" not in shown.text
    assert "iestādes rindā" in shown.text
    assert "/arrived" not in shown.text
    assert "/missed" not in shown.text
    assert forward_clock(desk).outcome == Outcome.IN_TIME


async def test_the_coordinator_says_that_it_was_passed_on(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "CSDD")
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        shown = await anna.submits(page, f"{page}/forwardings/{forwarding.id}/arrived")
    assert "ka jautājums ir nodots iestādei" in shown.text
    assert "atzīmēja anna" in shown.text
    assert desk.all(Forwarding)[0].delivered_by == "anna"
    assert forward_clock(desk).outcome == Outcome.IN_TIME


async def test_the_coordinator_says_why_it_did_not_arrive_and_forwards_again(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "CSDD")
    page = f"/desk/tickets/{ticket.ref}"
    missed = f"{page}/forwardings/{forwarding.id}/missed"
    async with desk.visitor("anna") as anna:
        await anna.submits(page, f"{page}/forwardings/{forwarding.id}/arrived")
        nothing = await anna.submits(page, missed, reason=" ")
        assert nothing.status_code == 422
        assert f'href="#missed-{forwarding.id}-reason"' in nothing.text
        shown = await anna.submits(page, missed, reason="Adrese nepastāv.")
        assert "nesasniedza. Tas jāpārsūta vēlreiz." in shown.text
        assert "Adrese nepastāv." in shown.text
        again = await anna.client.post(missed, data={"csrf": await anna.csrf(page), "reason": "Adrese nepastāv."})
        assert again.status_code == 303, "an impatient second click"
        assert ticket.ref in (await anna.opens("/desk?queue=attention")).text
    assert desk.now(ticket).state == "triage"
    assert (forward_clock(desk).outcome, forward_clock(desk).opening) == (Outcome.RUNNING, 2)
    assert len(desk.all(Event, kind="not delivered")) == 1


async def test_that_a_link_was_fetched_is_no_evidence(desk: DeskHouse) -> None:
    """Mail scanners and previews fetch links, some by HEAD; only what a person does counts."""
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "CSDD")
    link = desk.link(forwarding)
    async with desk.visitor() as scanner:
        for _ in range(3):
            assert (await scanner.opens(link)).status_code == 200
        await scanner.client.head(link)
    assert desk.all(Forwarding)[0].delivered_at is None
    assert forward_clock(desk).outcome == Outcome.RUNNING


async def test_the_institution_confirms_by_a_button_that_it_has_it(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "CSDD")
    link = desk.link(forwarding)
    async with desk.visitor() as institution, desk.visitor("anna") as anna:
        assert "Vai esat saņēmuši šo jautājumu?" in (await institution.opens(link)).text
        shown = await institution.submits(link, f"{link}/received")
        assert "ka jautājumu esat saņēmuši" in shown.text
        assert f"{link}/received" not in shown.text
        assert "<textarea" in shown.text, "it is still to be answered"
        page = f"/desk/tickets/{ticket.ref}"
        seen = (await anna.opens(page)).text
        assert "apliecināja iestāde" in seen
        assert "/missed" not in seen, "who has it by his own word has it"
        forced = await anna.client.post(
            f"{page}/forwardings/{forwarding.id}/missed", data={"csrf": await anna.csrf(page), "reason": "x"}
        )
        assert forced.status_code == 409
        assert "Iestāde pati ir apliecinājusi" in forced.text
    assert desk.all(Forwarding)[0].delivered_by == "link"
    assert forward_clock(desk).outcome == Outcome.IN_TIME


@pytest.mark.parametrize(("form", "field"), [("answer", "text"), ("return", "reason")])
async def test_who_answers_or_returns_by_the_link_has_it(desk: DeskHouse, form: str, field: str) -> None:
    (forwarding,) = desk.forwarded(desk.asked(), "CSDD")
    link = desk.link(forwarding)
    async with desk.visitor() as institution:
        await institution.submits(link, f"{link}/{form}", **{field: "Skaidrs."})
    assert desk.all(Forwarding)[0].delivered_by == "link"
    assert desk.all(Clock, kind="forward")[0].outcome == Outcome.IN_TIME


async def test_somebody_who_came_to_work_there_later_confirms_at_the_desk(desk: DeskHouse) -> None:
    (forwarding,) = desk.forwarded(desk.asked(), "CSDD")
    desk.employ("kārlis", Role.HEAD, "CSDD")
    page = f"/desk/forwardings/{forwarding.id}"
    async with desk.visitor("kārlis") as karlis, desk.visitor("admin") as admin:
        assert "/received" not in (await admin.opens(page)).text
        await karlis.submits(page, f"{page}/received")
    assert desk.all(Forwarding)[0].delivered_by == "desk"


async def test_which_dates_would_come_of_a_formal_submission_is_shown_before(desk: DeskHouse) -> None:
    ticket = desk.asked(at=now() - timedelta(days=3))
    page = f"/desk/tickets/{ticket.ref}"
    wording = Wording("lv", TODAY)
    async with desk.visitor("anna") as anna:
        shown = (await anna.opens(page)).text
        foreseen = due("answer", ticket.received_on, procedure="submission").on
        assert wording.day(foreseen) in shown
        looked = await anna.submits(
            page, f"{page}/convert", received_on=TODAY.isoformat(), reason="Atsūtīja .edoc", look="1"
        )
    other = due("answer", TODAY, procedure="submission").on
    assert other > foreseen
    assert f"Kas mainīsies, ja saņemts {wording.day(TODAY)}" in looked.text
    assert wording.day(other) in looked.text
    assert "Atsūtīja .edoc" in looked.text, "what was typed stays"
    assert desk.now(ticket).procedure == "question"
    assert not desk.all(Event, kind="converted")


async def test_converted_everybody_sees_the_new_date_and_the_first_promise(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "PMLP")
    page = f"/desk/tickets/{ticket.ref}"
    first = desk.all(Clock, kind="answer")[0].due_on
    wording = Wording("lv", TODAY)
    async with desk.visitor("anna") as anna, desk.visitor("pēteris") as peteris:
        shown = await anna.submits(page, f"{page}/convert", received_on=TODAY.isoformat(), reason="Atsūtīja .edoc")
        answer = desk.all(Clock, kind="answer")[0]
        assert "Jautājums tagad ir oficiāls iesniegums." in shown.text
        assert shown.text.count("oficiāls iesniegums</span>") == 1
        assert f"Sākotnēji solīts: {wording.day(first)}" in shown.text
        assert wording.day(answer.due_on) in shown.text
        assert "Norma" in shown.text
        assert "Iesniegumu likums" in shown.text
        assert f"{page}/convert" not in shown.text
        seen = (await peteris.opens(f"/desk/forwardings/{forwarding.id}")).text
        assert "Tas ir oficiāls iesniegums." in seen
        assert wording.day(desk.all(Forwarding)[0].shown_due) in seen
    assert "oficiāls iesniegums" in said(desk)
    assert desk.woken


async def test_the_answer_to_a_submission_is_put_off_and_the_reason_told(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        assert f"{page}/extend" not in (await anna.opens(page)).text
        await anna.submits(page, f"{page}/convert", received_on=TODAY.isoformat(), reason="Atsūtīja .edoc")
        last = due("extension", ticket.received_on, procedure="submission").on
        assert Wording("lv", TODAY).day(last) in (await anna.opens(page)).text, "the law's limit is said beforehand"
        until = calendar("state").shifted(last, -5)
        shown = await anna.submits(page, f"{page}/extend", until=until.isoformat(), reason="Jāprasa atzinums.")
        assert "Atbilde ir atlikta." in shown.text
        assert f"Atlikts līdz: {Wording('lv', TODAY).day(until)}" in shown.text
        form = {"csrf": await anna.csrf(page), "until": until.isoformat(), "reason": "Jāprasa atzinums."}
        assert (await anna.client.post(f"{page}/extend", data=form)).status_code == 303
    assert desk.all(Clock, kind="answer")[0].due_on == until
    assert "Jāprasa atzinums." in said(desk)
    assert len(desk.all(Event, kind="extended")) == 1


BEFORE = (TODAY - timedelta(days=30)).isoformat()
AFTER = (TODAY + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("form", "fields", "status", "words"),
    [
        ("convert", {"received_on": "rīt", "reason": "x"}, 422, "Ierakstiet datumu"),
        ("convert", {"received_on": "", "reason": "x"}, 422, "Ierakstiet datumu"),
        ("convert", {"received_on": "2026-02-30", "reason": "x"}, 422, "Ierakstiet datumu"),
        ("convert", {"received_on": BEFORE, "reason": "x"}, 409, "pirms jautājuma vai nākotnē"),
        ("convert", {"received_on": AFTER, "reason": "x"}, 409, "pirms jautājuma vai nākotnē"),
        ("convert", {"received_on": TODAY.isoformat(), "reason": "  "}, 422, "kāpēc tas ir oficiāls"),
        ("convert", {"received_on": TODAY.isoformat(), "reason": "x" * 2001}, 422, "atļautas 2000"),
        ("extend", {"until": AFTER, "reason": "x"}, 409, "Atlikt var tikai"),
        ("extend", {"until": "99999-01-01", "reason": "x"}, 422, "Ierakstiet datumu"),
    ],
)
async def test_what_cannot_be_is_refused_in_words_and_nothing_typed_is_lost(
    desk: DeskHouse, form: str, fields: dict[str, str], status: int, words: str
) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        refused = await anna.client.post(f"{page}/{form}", data={"csrf": await anna.csrf(page)} | fields)
    assert refused.status_code == status
    assert words in refused.text
    if form == "convert":
        assert fields["reason"].strip() in refused.text
    assert desk.now(ticket).procedure == "question"


async def test_a_second_conversion_is_refused_in_words(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    form = {"received_on": ticket.received_on.isoformat(), "reason": "x"}
    async with desk.visitor("anna") as anna, desk.visitor("laima") as lead:
        first = await lead.client.post(f"{page}/convert", data=form | {"csrf": await lead.csrf(page)})
        second = await anna.client.post(f"{page}/convert", data=form | {"csrf": await anna.csrf(page)})
    assert (first.status_code, second.status_code) == (303, 409)
    assert "Tas jau ir oficiāls iesniegums." in second.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_event_of_a_long_life_is_told_in_words(desk: DeskHouse, language: str) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna, desk.visitor("vita") as vita:
        await anna.submits(page, f"{page}/forward", institutions=["CSDD", "VSAA"])
        for forwarding in desk.all(Forwarding, delivered_at=None):
            await anna.submits(page, f"{page}/forwardings/{forwarding.id}/arrived")
            await anna.submits(page, f"{page}/forwardings/{forwarding.id}/missed", reason="Adrese nepastāv.")
        for forwarding in desk.all(Forwarding, state="waiting"):
            theirs = f"/desk/forwardings/{forwarding.id}"
            await vita.submits(theirs, f"{theirs}/return", reason="Nav mūsu.")
        await anna.submits(page, f"{page}/convert", received_on=TODAY.isoformat(), reason="Atsūtīja .edoc")
        last = calendar("state").shifted(due("extension", ticket.received_on, procedure="submission").on, -1)
        await anna.submits(page, f"{page}/extend", until=last.isoformat(), reason="Jāprasa atzinums.")
        await anna.submits(page, f"{page}/answer", text="Atbilde.")
    words = Wording(language, TODAY).t
    events = desk.all(Event)
    assert {"clock started", "delivered", "not delivered", "converted", "extended", "due moved"} <= {
        event.kind for event in events
    }
    assert {event.kind for event in events} <= set(words["events"])
    shown = {key for event in events for key, value in event.data.items() if value not in ("", None, [])}
    assert shown - {"message", "forwarding", "rule"} <= set(words["details"])


async def test_the_table_of_terms_shows_coordinators_theirs_and_institutions_their_own(
    desk_on_both: DeskHouse,
) -> None:
    desk = desk_on_both
    late = desk.asked(at=now() - timedelta(days=40), channel="webchat")
    (sent,) = desk.forwarded(late, "PMLP", at=late.received_at + timedelta(hours=1))
    desk.forwarded(desk.asked(channel="webchat"), "VSAA")
    desk.asked(at=now() - timedelta(days=20), audience="business")
    page = f"/desk/forwardings/{sent.id}"
    async with desk.visitor("pēteris") as peteris:
        await peteris.submits(page, f"{page}/answer", text="Beidzot.")
    shown: dict[str, str] = {}
    for who in ("anna", "laima", "liene", "pēteris", "zigrīda", "vita", "admin"):
        async with desk.visitor(who) as visitor:
            shown[who] = rows(await visitor.opens("/desk/terms"))
    assert shown["anna"] == shown["laima"]
    assert shown["pēteris"] == shown["zigrīda"]
    assert [code in shown["anna"] for code in ("VDAA", "PMLP", "LIAA")] == [True, True, False]
    assert [code in shown["liene"] for code in ("VDAA", "PMLP", "LIAA")] == [False, False, True]
    assert [code in shown["pēteris"] for code in ("VDAA", "PMLP", "LIAA", "VSAA")] == [False, True, False, False]
    assert [code in shown["admin"] for code in ("VDAA", "PMLP", "LIAA")] == [True, True, True]
    assert "0 %" in shown["pēteris"]
    assert "(0 no 1)" in shown["pēteris"]
    assert "PMLP" not in shown["vita"]


def rows(page: httpx.Response) -> str:
    assert page.status_code == 200
    return " ".join(re.findall(r"<tbody>(.*?)</tbody>", page.text, re.DOTALL))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from=x", "Ierakstiet datumu"),
        ("to=2026-13-01", "Ierakstiet datumu"),
        ("from=2026-02-01&to=2026-01-01", "beigas ir pirms"),
    ],
)
async def test_a_period_that_is_none_is_said_at_the_field(desk: DeskHouse, query: str, words: str) -> None:
    async with desk.visitor("anna") as anna:
        shown = await anna.opens(f"/desk/terms?{query}")
        assert shown.status_code == 422
        assert words in shown.text
        assert (await anna.opens("/desk/terms?from=1000-01-01&to=9998-12-31")).status_code == 200


async def test_the_desk_marks_who_is_a_lead_and_who_a_head(desk: DeskHouse) -> None:
    async with desk.visitor("laima") as laima, desk.visitor("zigrīda") as zigrida:
        assert "vadošais koordinators" in (await laima.opens("/desk")).text
        assert "iestādes vadītājs" in (await zigrida.opens("/desk")).text


@pytest.fixture
def moved(desk: DeskHouse) -> Callable[[Ticket, date], None]:
    """As a changed calendar leaves the citizen's clock."""

    def move(ticket: Ticket, on: date) -> None:
        def work(session: Session) -> None:
            found = select(Clock).where(col(Clock.ticket_id) == ticket.id, col(Clock.kind) == ClockKind.ANSWER)
            session.exec(found).one().due_on = on

        desk.database.write(work)

    return move


async def test_a_program_is_told_the_date_first_promised_and_whose_delay_it_was(
    desk: DeskHouse, moved: Callable[[Ticket, date], None]
) -> None:
    ticket = desk.asked(channel="webchat")
    first = desk.all(Clock, kind="answer")[0].due_on
    moved(ticket, TODAY - timedelta(days=7))
    token = desk.portal.signing.sign("ticket", ticket.ref)
    async with desk.visitor() as program:
        heads = {"Authorization": f"Bearer {token}"}
        before = (await program.client.get(f"/api/v1/tickets/{ticket.ref}", headers=heads)).json()
        async with desk.visitor("anna") as anna:
            page = f"/desk/tickets/{ticket.ref}"
            await anna.submits(page, f"{page}/answer", text="Atbilde.")
        after = (await program.client.get(f"/api/v1/tickets/{ticket.ref}", headers=heads)).json()
    running, stopped = before["clocks"][0], after["clocks"][0]
    assert before["procedure"] == "question"
    assert (running["due"], running["first_due"]) == ((TODAY - timedelta(days=7)).isoformat(), first.isoformat())
    assert (running["outcome"], running["delayed_by"]) == ("running", [])
    assert running["late_by"] == stopped["late_by"] >= 4
    assert (stopped["outcome"], stopped["delayed_by"]) == ("late", ["VDAA"])


async def test_the_citizen_sees_until_when_and_what_was_promised_first(
    desk: DeskHouse, moved: Callable[[Ticket, date], None]
) -> None:
    ticket, other = desk.asked(channel="webchat"), desk.asked("Cits jautājums par ko citu", channel="webchat")
    first = desk.all(Clock, kind="answer")[0].due_on
    async with desk.visitor() as citizen:
        citizen.client.cookies.set("visitor", desk.portal.signing.sign("visitor", "c1"))
        before = (await citizen.opens("/talk")).text
        assert f'atbilde būs līdz <time datetime="{first.isoformat()}">' in before
        assert "Sākotnēji solījām" not in before
        assert other.ref not in before, "another's question is another's"
        async with desk.visitor("anna") as anna:
            page = f"/desk/tickets/{ticket.ref}"
            await anna.submits(page, f"{page}/convert", received_on=TODAY.isoformat(), reason="Atsūtīja .edoc")
        after = (await citizen.opens("/talk")).text
        on = due("answer", TODAY, procedure="submission").on
        assert f'oficiāls iesniegums: atbilde būs līdz <time datetime="{on.isoformat()}">' in after
        assert f'Sākotnēji solījām līdz <time datetime="{first.isoformat()}">' in after
        moved(ticket, TODAY - timedelta(days=1))
        assert "atvainojiet, kavējamies" in (await citizen.opens("/talk")).text
        async with desk.visitor("anna") as anna:
            await anna.submits(page, f"{page}/answer", text="Atbilde.")
        assert "promises-title" not in (await citizen.opens("/talk")).text
