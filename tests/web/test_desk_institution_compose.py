"""The one answer of several parts: its sources, who is still missing, and another way where the channel is shut."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from channels.base import Channel, Inbound, Outbound, ParseError, SendError
from channels.email import Email
from models.clock import Clock, Outcome
from models.contact import Contact
from models.forwarding import Answer, Forwarding
from models.message import Message
from models.queue import OutboxRow
from models.service import Receipt, Service
from models.ticket import Event, Ticket
from tests.web.desk_house import DeskHouse

DAY = timedelta(hours=24)


class WhatsAppOfTests(Channel):
    """Lets us write for a day after the citizen has written."""

    name = "whatsapp"
    reply_window = DAY

    async def send(self, message: Outbound) -> str:
        raise SendError("the window is closed", permanent=True)

    def parse(self, raw: bytes) -> list[Inbound]:
        raise ParseError("nothing arrives here")


@pytest.fixture
def windowed(desk: DeskHouse) -> DeskHouse:
    """With a channel that lets us write for a day only, and letters on."""
    channels: tuple[type[Channel], ...] = (WhatsAppOfTests, Email)
    windows = {one.name: one.reply_window for one in channels if one.reply_window}
    sends = frozenset(one.name for one in channels if not one.pulled)
    desk.portal = desk.app.state.portal = replace(desk.portal, windows=windows, sends=sends)
    return desk


def long_ago(desk: DeskHouse, ticket: Ticket, reach: str = "") -> None:
    """The citizen wrote two days ago, and gave that to be reached by."""

    def work(session: Session) -> None:
        contact = session.get_one(Contact, ticket.contact_id)
        contact.reach = reach
        for message in session.exec(select(Message).where(col(Message.ticket_id) == ticket.id)):
            message.at -= 2 * DAY

    desk.database.write(work)


async def parts(desk: DeskHouse, ticket: Ticket) -> None:
    """PMLP and VSAA are asked, and both have answered."""
    pmlp, vsaa = desk.forwarded(ticket, "PMLP", "VSAA")
    for login, forwarding, text in (("pēteris", pmlp, "Pase: mēs."), ("vita", vsaa, "Pabalsts: mēs.")):
        page = f"/desk/forwardings/{forwarding.id}"
        async with desk.visitor(login) as clerk:
            await clerk.submits(page, f"{page}/answer", text=text)


def sent(desk: DeskHouse, ticket: Ticket) -> list[Message]:
    return [message for message in desk.all(Message, ticket_id=ticket.id) if message.answers]


async def test_the_answer_names_its_sources_and_keeps_them(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    ticket = desk.asked()
    entry = desk.all(Service, current=True)[0]

    def about(session: Session) -> None:
        session.get_one(Ticket, ticket.id).service_code = entry.code

    desk.database.write(about)
    await parts(desk, ticket)
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        shown = (await anna.opens(page)).text
        for words in ("Pase: mēs.", "Pabalsts: mēs.", "Kataloga teksts", f"{entry.version}. versija", "darbinieks, "):
            assert words in shown
        first, _ = desk.all(Answer)
        keys = [f"a:{first.id}", f"s:{entry.code}:{entry.version}"]
        gone = await anna.submits(page, f"{page}/answer", text="Viss kopā.", sources=["a:999999"])
        assert (gone.status_code, "Viss kopā." in gone.text) == (422, True)
        done = await anna.submits(page, f"{page}/answer", text="Viss kopā.", sources=keys)
        assert "Atbilde ir nosūtīta." in done.text
        assert entry.url in done.text
    (message,) = sent(desk, ticket)
    assert "Viss kopā.\n\nAvoti:\n– Pilsonības un migrācijas lietu pārvalde, " in message.text
    assert f"{entry.version}. versija. {entry.url}" in message.text
    assert "Valsts sociālās" not in message.text
    composed = desk.all(Answer)[-1]
    assert [source.get("answer") or source["version"] for source in composed.sources] == [first.id, entry.version]
    assert [receipt.service_version for receipt in desk.all(Receipt, message_id=message.id)] == [entry.version]


async def test_before_all_have_answered_the_page_says_who_is_missing_and_what_is_taken_back(desk: DeskHouse) -> None:
    ticket = desk.asked()
    pmlp, _ = desk.forwarded(ticket, "PMLP", "VSAA")
    theirs, page = f"/desk/forwardings/{pmlp.id}", f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("pēteris") as clerk, desk.visitor("anna") as anna:
        await clerk.submits(theirs, f"{theirs}/answer", text="Pase: mēs.")
        shown = (await anna.opens(page)).text
        assert "Vēl nav atbildējuši" in shown
        assert "pārsūtījumi šīm iestādēm tiks atsaukti un to atbildes vairs netiks gaidītas: VSAA." in shown
        await anna.submits(page, f"{page}/answer", text="Pietiek ar vienu.")
    assert [forwarding.state for forwarding in desk.all(Forwarding)] == ["answered", "withdrawn"]


async def test_in_a_closed_window_nothing_is_sent_before_another_way_is_chosen(windowed: DeskHouse) -> None:
    desk = windowed
    ticket = desk.asked(channel="whatsapp")
    long_ago(desk, ticket, reach="Anna@Example.lv")
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        shown = (await anna.opens(page)).text
        assert "Kanālā WhatsApp vairs nevar rakstīt" in shown
        assert "E-pasts: anna@example.lv" in shown
        refused = await anna.submits(page, f"{page}/answer", text="Mēs palīdzēsim.")
        assert (refused.status_code, "Mēs palīdzēsim.</textarea>" in refused.text) == (422, True)
        assert "Izvēlieties, kā atbildi nosūtīt." in refused.text
        assert not sent(desk, ticket)
        other = await anna.submits(page, f"{page}/answer", text="Mēs palīdzēsim.", way="sms")
        assert (other.status_code, sent(desk, ticket)) == (422, [])
        await anna.submits(page, f"{page}/answer", text="Mēs palīdzēsim.", way="email")
    (message,) = sent(desk, ticket)
    (row,) = desk.all(OutboxRow, message_id=message.id)
    assert (row.channel, row.conversation) == ("email", "anna@example.lv")
    assert [e.data["channel"] for e in desk.all(Event, kind="answered another way")] == ["email"]


async def test_where_nothing_else_reaches_him_the_answer_stands_on_the_questions_page(windowed: DeskHouse) -> None:
    desk = windowed
    ticket = desk.asked(channel="whatsapp")
    long_ago(desk, ticket)
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna, desk.visitor() as citizen:
        shown = (await anna.opens(page)).text
        link = shown.partition('value="https://atbilde.example/question/')[2].partition('"')[0]
        await anna.submits(page, f"{page}/answer", text="Mēs <b>palīdzēsim</b>.", way="page")
        own = await citizen.opens(f"/question/{link}")
        assert "Mēs &lt;b&gt;palīdzēsim&lt;/b&gt;." in own.text
        for bad in (link[:-2] + "xx", "1", link.replace("~", "9~", 1)):
            assert (await citizen.opens(f"/question/{bad}")).status_code == 404
    assert desk.all(Clock, ticket_id=ticket.id, kind="answer")[0].outcome == Outcome.IN_TIME
    assert not desk.all(OutboxRow, message_id=sent(desk, ticket)[0].id)


async def test_an_institutions_answer_in_a_closed_window_waits_for_the_coordinator(windowed: DeskHouse) -> None:
    desk = windowed
    ticket = desk.asked(channel="whatsapp")
    long_ago(desk, ticket)
    (forwarding,) = desk.forwarded(ticket, "PMLP")
    page = f"/desk/forwardings/{forwarding.id}"
    async with desk.visitor("pēteris") as clerk, desk.visitor("anna") as anna:
        await clerk.submits(page, f"{page}/answer", text="Nāciet rīt.")
        shown = (await anna.opens(f"/desk/tickets/{ticket.ref}")).text
    assert "jautātājam tajā kanālā vairs nevar rakstīt" in shown
    assert "Nāciet rīt.</textarea>" in shown
    assert not sent(desk, ticket)
    assert desk.now(ticket).state == "composing"


async def test_an_open_window_and_a_channel_without_one_change_nothing(windowed: DeskHouse) -> None:
    desk = windowed
    for channel in ("whatsapp", "telegram"):
        ticket = desk.asked(channel=channel)
        if channel == "telegram":
            long_ago(desk, ticket)
        page = f"/desk/tickets/{ticket.ref}"
        async with desk.visitor("anna") as anna:
            assert 'name="way"' not in (await anna.opens(page)).text
            await anna.submits(page, f"{page}/answer", text="Mēs palīdzēsim.")
        assert [row.channel for row in desk.all(OutboxRow, message_id=sent(desk, ticket)[0].id)] == [channel]
