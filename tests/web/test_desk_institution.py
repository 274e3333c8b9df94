"""An institution's own work: delegated, approved by its head, asked of the citizen, covered while somebody is away."""

import asyncio
from datetime import timedelta

from sqlmodel import Session

from models.approval import Approval
from models.clock import Clock
from models.contact import Contact
from models.forwarding import Answer, Forwarding
from models.inquiry import Inquiry
from models.institution import institution_by_code
from models.message import Message
from models.moments import now, riga_date
from models.queue import Timer
from models.staff import Notice, Role
from models.ticket import Event, Ticket
from tests.bot.talk import Talk
from tests.web.desk_house import DeskHouse, Visitor

SCRIPT = "<script>alert('x')</script>"


def wants_approval(desk: DeskHouse, code: str = "PMLP", email: str | None = None) -> None:
    def work(session: Session) -> None:
        institution = institution_by_code(session, code)
        assert institution is not None
        institution.approval, institution.email = True, email

    desk.database.write(work)


def at_pmlp(desk: DeskHouse, channel: str = "telegram") -> tuple[Ticket, Forwarding, str]:
    ticket = desk.asked(channel=channel)
    (forwarding,) = desk.forwarded(ticket, "PMLP")
    return ticket, forwarding, f"/desk/forwardings/{forwarding.id}"


def promised(desk: DeskHouse, ticket: Ticket) -> Clock:
    """The citizen's clock."""
    return desk.all(Clock, ticket_id=ticket.id, kind="answer")[0]


def answered(desk: DeskHouse, ticket: Ticket) -> list[str]:
    return [message.text for message in desk.all(Message, ticket_id=ticket.id) if message.answers]


def trail(desk: DeskHouse, ticket: Ticket) -> list[str]:
    return [event.kind for event in desk.all(Event, ticket_id=ticket.id)]


def told(desk: DeskHouse, kind: str) -> list[int | None]:
    """Whom alone each notice of the kind is for."""
    return [notice.person_id for notice in desk.all(Notice, kind=kind)]


def hears(desk: DeskHouse, ticket: Ticket, text: str) -> None:
    """The citizen writes something more."""
    contact = desk.all(Contact, id=ticket.contact_id)[0]
    citizen = Talk(desk.database, desk.brain, contact.channel, contact.address, pulled=contact.channel == "webchat")
    citizen.says(text, external_id=f"more:{text}")


async def test_a_clerks_answer_waits_for_the_head_who_changes_and_sends_it(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    wants_approval(desk)
    ticket, _forwarding, page = at_pmlp(desk)
    async with desk.visitor("pēteris") as clerk, desk.visitor("zigrīda") as head:
        handed = await clerk.submits(page, f"{page}/answer", text="Nāciet rīt.")
        assert "iesniegta vadītājam apstiprināšanai" in handed.text
        assert "Atbilde gaida vadītāja apstiprinājumu" in handed.text
        assert answered(desk, ticket) == []
        assert promised(desk, ticket).is_running
        assert "atbilde gaida vadītāja apstiprinājumu" in (await head.opens("/desk")).text
        assert ticket.ref in (await head.opens("/desk?tray=to-approve")).text
        (approval,) = desk.all(Approval)
        sent = await head.submits(page, f"{page}/drafts/{approval.id}/approve", text="Nāciet parīt.")
        assert "Atbilde ir apstiprināta un nosūtīta." in sent.text
    assert answered(desk, ticket)[0].endswith("Nāciet parīt.")
    (answer,) = desk.all(Answer)
    assert (answer.author, desk.all(Forwarding)[0].ended_by) == ("pēteris", "zigrīda")
    assert {"draft handed in", "draft approved", "institution answered"} <= set(trail(desk, ticket))


async def test_the_head_sends_an_answer_back_with_a_remark_and_the_clerk_hands_in_another(desk: DeskHouse) -> None:
    wants_approval(desk)
    ticket, _, page = at_pmlp(desk)
    async with desk.visitor("pēteris") as clerk, desk.visitor("zigrīda") as head:
        await clerk.submits(page, f"{page}/answer", text="Nezinām.")
        (first,) = desk.all(Approval)
        empty = await head.client.post(
            f"{page}/drafts/{first.id}/send-back", data={"csrf": await head.csrf(page), "remark": " "}
        )
        assert "Uzrakstiet, kas atbildē jāizlabo." in empty.text
        await head.submits(page, f"{page}/drafts/{first.id}/send-back", remark=f"Noskaidrojiet! {SCRIPT}")
        shown = (await clerk.opens(page)).text
        assert "Noskaidrojiet! &lt;script&gt;" in shown
        assert "Nezinām.</textarea>" in shown, "what was written before stands in the form"
        assert told(desk, "draft sent back") == [desk.people["pēteris"].id]
        await clerk.submits(page, f"{page}/answer", text="Zinām gan.")
        second = desk.all(Approval)[-1]
        gone = await head.client.post(
            f"{page}/drafts/{first.id}/approve",
            data={"csrf": await head.csrf(page), "text": "Nezinām tomēr.", "seen": 9**9},
        )
        assert gone.status_code == 409
        assert "Nezinām tomēr." not in "".join(answered(desk, ticket))
        await head.submits(page, f"{page}/drafts/{second.id}/approve")
    assert answered(desk, ticket) == []  # an empty text sends nothing
    assert [one.state for one in desk.all(Approval)] == ["sent back", "waiting"]


async def test_two_approvals_at_once_send_one_answer(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    wants_approval(desk)
    desk.employ("otra", Role.HEAD, "PMLP")
    ticket, _, page = at_pmlp(desk)
    async with desk.visitor("pēteris") as clerk, desk.visitor("zigrīda") as one, desk.visitor("otra") as other:
        await clerk.submits(page, f"{page}/answer", text="Nāciet rīt.")
        (approval,) = desk.all(Approval)
        form = {"text": "Nāciet rīt.", "seen": 9**9}
        tokens = [(head, await head.csrf(page)) for head in (one, other, one)]
        sent = await asyncio.gather(
            *(
                head.client.post(f"{page}/drafts/{approval.id}/approve", data=form | {"csrf": token})
                for head, token in tokens
            )
        )
    assert sorted(response.status_code for response in sent) in ([303, 303, 409], [303, 409, 409])
    assert len(answered(desk, ticket)) == 1


async def test_a_withdrawn_forwarding_ends_what_waited_and_loses_no_text(desk: DeskHouse) -> None:
    wants_approval(desk)
    ticket, forwarding, page = at_pmlp(desk)
    home = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("pēteris") as clerk, desk.visitor("zigrīda") as head, desk.visitor("anna") as anna:
        await clerk.submits(page, f"{page}/answer", text="Nāciet rīt.")
        await clerk.submits(page, f"{page}/ask", text="Kurā pilsētā?")
        token = await head.csrf(page)
        await anna.submits(home, f"{home}/forwardings/{forwarding.id}/withdraw")
        (approval,) = desk.all(Approval)
        late = await head.client.post(
            f"{page}/drafts/{approval.id}/approve", data={"csrf": token, "text": "Labots teksts", "seen": 9**9}
        )
    assert late.status_code == 409
    assert "Labots teksts" in late.text
    assert (approval.state, desk.all(Inquiry)[0].state) == ("dropped", "dropped")
    assert desk.now(ticket).attention == ""
    assert {"draft dropped", "inquiry dropped"} <= set(trail(desk, ticket))


async def test_by_link_the_answer_waits_for_the_head_too(desk: DeskHouse) -> None:
    wants_approval(desk, email="pmlp@pmlp.gov.lv")
    ticket, forwarding, page = at_pmlp(desk)
    link = desk.link(forwarding)
    async with desk.visitor() as holder, desk.visitor("zigrīda") as head:
        shown = await holder.submits(link, f"{link}/answer", text="Nāciet rīt.")
        assert "Atbilde gaida vadītāja apstiprinājumu" in shown.text
        assert "/approve" not in shown.text
        (approval,) = desk.all(Approval)
        await head.submits(page, f"{page}/drafts/{approval.id}/send-back", remark="Pa burtiem!")
    assert answered(desk, ticket) == []
    assert [timer.data["letter"] for timer in desk.all(Timer) if timer.data.get("letter")] == ["sent_back_letter"]


async def test_without_a_head_nothing_waits_for_nobody(desk: DeskHouse) -> None:
    wants_approval(desk, "VSAA")
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "VSAA")
    page = f"/desk/forwardings/{forwarding.id}"
    async with desk.visitor("vita") as vita:
        await vita.submits(page, f"{page}/answer", text="Par pabalstu atbildam mēs.")
    assert len(answered(desk, ticket)) == 1


async def test_a_question_for_the_citizen_goes_through_the_coordinator_and_the_reply_comes_back(
    desk_on_both: DeskHouse,
) -> None:
    desk = desk_on_both
    ticket, _forwarding, page = at_pmlp(desk, channel="webchat")
    home = f"/desk/tickets/{ticket.ref}"
    due = promised(desk, ticket).due_on
    async with desk.visitor("pēteris") as clerk, desk.visitor("anna") as anna:
        asked = await clerk.submits(page, f"{page}/ask", text="Kurā pilsētā?")
        assert "Jautājums ir nosūtīts koordinatoram." in asked.text
        assert "Termiņš turpinās" in asked.text
        second = await clerk.client.post(f"{page}/ask", data={"csrf": await clerk.csrf(page), "text": "Un kad?"})
        assert (second.status_code, "Un kad?" in second.text) == (409, True)
        assert (
            "Iestāde grib pajautāt jautātājam."
            in (await anna.opens("/desk?queue=attention")).text + (await anna.opens(home)).text
        )
        (inquiry,) = desk.all(Inquiry)
        await anna.submits(home, f"{home}/inquiries/{inquiry.id}/send", text="Kurā pilsētā dzīvojat?")
        assert desk.now(ticket).attention == ""
        hears(desk, ticket, "Rīgā, kods 010190-12345.")
        shown = (await clerk.opens(page)).text
        assert "Rīgā, kods [personas kods]." in shown
        assert "jautātājs atbildēja" in (await clerk.opens("/desk")).text
    said = [message.text for message in desk.all(Message, ticket_id=ticket.id)]
    assert any(text.endswith("Kurā pilsētā dzīvojat?") and "Pilsonības" in text for text in said)
    assert desk.all(Inquiry)[0].state == "replied"
    assert promised(desk, ticket).due_on == due


async def test_the_coordinator_declines_with_a_reason_and_an_impatient_click_does_it_once(desk: DeskHouse) -> None:
    ticket, _, page = at_pmlp(desk)
    home = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("pēteris") as clerk, desk.visitor("anna") as anna, desk.visitor("juris") as juris:
        await clerk.submits(page, f"{page}/ask", text="Kāds ir personas kods?")
        (inquiry,) = desk.all(Inquiry)
        stale = await juris.csrf(home)
        form = {"csrf": await anna.csrf(home), "reason": "To jautāt nedrīkstam."}
        for _ in range(2):
            assert (await anna.client.post(f"{home}/inquiries/{inquiry.id}/decline", data=form)).status_code == 303
        late = await juris.client.post(f"{home}/inquiries/{inquiry.id}/send", data={"csrf": stale, "text": "Kods?"})
        assert "jau ir izlēmis kāds cits" in late.text
        assert "To jautāt nedrīkstam." in (await clerk.opens(page)).text
    assert trail(desk, ticket).count("inquiry declined") == 1


def listed(page: str) -> str:
    """What stands in the list, without the notices above it."""
    return page.partition('id="list"')[2]


async def test_a_question_is_delegated_seen_under_mine_and_taken_back(desk: DeskHouse) -> None:
    desk.employ("māra", Role.CLERK, "PMLP", "Māra Kļava")
    ticket, _forwarding, page = at_pmlp(desk)
    other = desk.asked("Cits jautājums par pasi un vīzu?")
    desk.forwarded(other, "PMLP")
    mara = str(desk.people["māra"].id)
    async with desk.visitor("pēteris") as clerk, desk.visitor("māra") as colleague:
        missing = await clerk.client.post(f"{page}/delegate", data={"csrf": await clerk.csrf(page), "person": ""})
        assert "Izvēlieties kolēģi." in missing.text
        foreign = {"csrf": await clerk.csrf(page), "person": str(desk.people["vita"].id)}
        assert (await clerk.client.post(f"{page}/delegate", data=foreign)).status_code == 409
        shown = await clerk.submits(page, f"{page}/delegate", person=mara)
        assert "Uzticēts: <strong>Māra Kļava</strong>" in shown.text
        mine = (await colleague.opens("/desk?tray=mine")).text
        assert (ticket.ref in mine, other.ref in mine) == (True, False)
        assert "jautājums uzticēts jums" in mine
        assert "jautājums uzticēts jums" not in (await clerk.opens("/desk")).text
        stale = {"csrf": await clerk.csrf(page), "person": str(desk.people["pēteris"].id), "holder": ""}
        refused = await clerk.client.post(f"{page}/delegate", data=stale)
        assert "kādam uzticējis kāds cits" in refused.text
        await colleague.submits(page, f"{page}/take-back")
        assert ticket.ref not in listed((await colleague.opens("/desk?tray=mine")).text)
    assert [kind for kind in trail(desk, ticket) if "deleg" in kind] == ["delegated", "delegation taken back"]


async def be_away(visitor: Visitor, substitute: int | None, days: int = 3, who: int | None = None) -> str:
    today = riga_date(now())
    form = {"first": today.isoformat(), "last": (today + timedelta(days=days)).isoformat()}
    form |= {"substitute": str(substitute), "csrf": await visitor.csrf("/desk/absence")} | (
        {"who": str(who)} if who else {}
    )
    return (await visitor.client.post("/desk/absence", data=form, follow_redirects=True)).text


async def test_while_somebody_is_away_his_work_goes_to_the_last_of_the_chain_and_nobody_goes_in_a_circle(
    desk: DeskHouse,
) -> None:
    mara, ilze = (
        desk.employ("māra", Role.CLERK, "PMLP", "Māra Kļava"),
        desk.employ("ilze", Role.CLERK, "PMLP", "Ilze Osis"),
    )
    peteris = desk.people["pēteris"]
    ticket, _forwarding, page = at_pmlp(desk)
    async with desk.visitor("pēteris") as clerk, desk.visitor("māra") as second, desk.visitor("ilze") as third:
        assert "Prombūtne ir pieteikta." in await be_away(clerk, mara.id)
        assert "Prombūtne ir pieteikta." in await be_away(second, ilze.id)
        assert "pa apli" in await be_away(third, peteris.id)
        assert "jau ir pieteikta" in await be_away(clerk, ilze.id, days=1)
        assert "Šis kolēģis aizvietot nevar." in await be_away(third, desk.people["vita"].id)
        async with desk.visitor("zigrīda") as head, desk.visitor("anna") as anna:
            assert "Pēteris Liepa" in (await head.opens("/desk/absence")).text
            await head.submits(page, f"{page}/delegate", person=str(peteris.id))
            coordinators = (await anna.opens(f"/desk/tickets/{ticket.ref}")).text
        assert "Ilze Osis" in coordinators
        assert "Pēteris Liepa vietā" in coordinators
        for who in (clerk, third):
            assert ticket.ref in (await who.opens("/desk?tray=mine")).text
        assert "jautājums uzticēts jums" in (await third.opens("/desk")).text
        assert ticket.ref not in listed((await second.opens("/desk?tray=mine")).text)
    (held,) = desk.all(Forwarding)
    assert (held.held_by, held.held_for) == (ilze.id, peteris.id)


async def test_who_stands_in_for_the_head_approves_and_a_head_sets_absences_of_others(desk: DeskHouse) -> None:
    wants_approval(desk)
    mara = desk.employ("māra", Role.CLERK, "PMLP", "Māra Kļava")
    ticket, _, page = at_pmlp(desk)
    async with desk.visitor("pēteris") as clerk, desk.visitor("māra") as second, desk.visitor("zigrīda") as head:
        await clerk.submits(page, f"{page}/answer", text="Nāciet rīt.")
        (approval,) = desk.all(Approval)
        form = {"csrf": await second.csrf(page), "text": "Nāciet rīt.", "seen": 9**9}
        assert (await second.client.post(f"{page}/drafts/{approval.id}/approve", data=form)).status_code == 404
        assert "pieteikta" in await be_away(head, mara.id)
        assert "pieteikta" in await be_away(head, mara.id, who=desk.people["pēteris"].id)
        assert "atbilde gaida vadītāja apstiprinājumu" in (await second.opens("/desk")).text
        assert (await second.client.post(f"{page}/drafts/{approval.id}/approve", data=form)).status_code == 303
    assert len(answered(desk, ticket)) == 1


async def test_a_coordinator_reminds_once_a_day_by_letter_and_at_the_desk(desk: DeskHouse) -> None:
    wants_approval(desk, email="pmlp@pmlp.gov.lv")
    ticket, forwarding, _page = at_pmlp(desk)
    home = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna, desk.visitor("juris") as juris, desk.visitor("pēteris") as clerk:
        address, own = f"{home}/forwardings/{forwarding.id}/remind", {"csrf": await anna.csrf(home)}
        anothers = {"csrf": await juris.csrf(home)}
        shown = await anna.submits(home, address)
        assert "Iestādei ir atgādināts." in shown.text
        assert "Atgādināts " in shown.text
        assert (await anna.client.post(address, data=own)).status_code == 303, "an impatient second click"
        desk.database.write(lambda session: an_hour_ago(session, forwarding))
        if riga_date(now()) == riga_date(now() - timedelta(hours=1)):
            assert "šodien jau atgādināts" in (await juris.client.post(address, data=anothers)).text
        assert "koordinators atgādina" in (await clerk.opens("/desk")).text
    assert trail(desk, ticket).count("institution reminded") == 1
    assert [timer.data["letter"] for timer in desk.all(Timer) if timer.data.get("letter")] == ["reminder_letter"]


def an_hour_ago(session: Session, forwarding: Forwarding) -> None:
    session.get_one(Forwarding, forwarding.id).reminded_at = now() - timedelta(hours=1)


async def test_what_is_too_long_is_refused_and_stays(desk: DeskHouse) -> None:
    _, _, page = at_pmlp(desk)
    async with desk.visitor("pēteris") as clerk:
        long = await clerk.client.post(f"{page}/ask", data={"csrf": await clerk.csrf(page), "text": "a" * 2001})
    assert long.status_code == 422
    assert "a" * 2001 in long.text
    assert not desk.all(Inquiry)
