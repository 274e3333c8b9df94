"""Doing what was decided for a ticket: quote the catalogue, ask back, or hand to people."""

from datetime import timedelta

from bot.turn import Turn
from models.queue import Timer
from models.service import Service
from models.ticket import TicketState, record
from routing.answering import answer_from_catalogue
from routing.competence import AnswerFromCatalogue, Clarify, Decision, Route

PATIENCE = timedelta(hours=2)
"""how long the bot waits for a choice before people take over"""
NO_CHOICE = "no choice made"
"""kind of the timer that hands a ticket to people when nobody chooses"""


def act(turn: Turn, decision: Decision) -> None:
    """Does it for the turn's ticket; what cannot be done goes to people."""
    services = turn.published.services
    if isinstance(decision, AnswerFromCatalogue) and (service := services.get(decision.service)):
        _answer(turn, service)
    elif isinstance(decision, Clarify) and (
        found := [services[code] for code in decision.services if code in services]
    ):
        _ask_back(turn, found)
    else:
        turn.hand_over(decision.reply if isinstance(decision, Route) else "routed", "bot")


def _answer(turn: Turn, service: Service) -> None:
    turn.disclose()
    publisher = turn.published.publisher_of(service, turn.on.language)
    turn.said.append(
        answer_from_catalogue(turn.session, turn.contact, turn.on, service, publisher, turn.at, pulled=turn.pulled)
    )


def _ask_back(turn: Turn, services: list[Service]) -> None:
    ticket = turn.on
    ticket.state, ticket.offered = TicketState.CLARIFYING, [service.code for service in services]
    turn.disclose()
    choices = [
        {"value": f"s:{ticket.ref}:{number}", "label": service.text("title", ticket.language)}
        for number, service in enumerate(services)
    ]
    choices.append({"value": f"s:{ticket.ref}:none", "label": turn.reply("none_of_these")})
    turn.say(turn.reply("which_service"), choices)
    record(turn.session, ticket, "asked back", "bot", turn.at, services=ticket.offered)
    turn.session.add(Timer(kind=NO_CHOICE, ticket=ticket, key=f"choice:{ticket.ref}", due_at=turn.at + PATIENCE))
