"""Doing what was decided for a ticket: quote the catalogue, ask back, or hand to people."""

from datetime import timedelta
from functools import partial

from bot.turn import Turn
from config.replies import courtesy
from models.queue import Timer
from models.service import Service
from models.setting import CHOICE_HOURS, value_of
from models.ticket import TicketState, record
from nlu.municipalities import all_places, told
from routing.competence import AnswerFromCatalogue, AnswerSeveral, AskPlace, Clarify, Decision, Route
from routing.quoting import answer_from_catalogue

CITIES = 3
"""most places offered on buttons, the largest; any other is typed"""
NO_CHOICE = "no choice made"
"""kind of the timer that hands a ticket to people when nobody chooses"""


def act(turn: Turn, decision: Decision) -> None:
    """Does it for the turn's ticket; what cannot be done goes to people."""
    services = turn.published.services
    if isinstance(decision, AnswerFromCatalogue) and (service := services.get(decision.service)):
        _answer(turn, service)
    elif isinstance(decision, AnswerSeveral) and (
        found := [services[code] for code in decision.services if code in services]
    ):
        _answer_several(turn, found, rest=decision.rest or len(found) < len(decision.services))
    elif isinstance(decision, Clarify) and (
        offered := [services[code] for code in decision.services if code in services]
    ):
        _ask_back(turn, offered)
    elif isinstance(decision, AskPlace):
        _ask_place(turn)
    else:
        turn.hand_over(decision.reply if isinstance(decision, Route) else "routed", "bot")


def _answer(turn: Turn, service: Service, whole: bool = True) -> None:
    turn.disclose()
    language = turn.on.language
    spoken = service.language_of_answer(language)
    if spoken != language and (excuse := courtesy(language, "only_latvian")):
        turn.say(excuse)
    quote = partial(answer_from_catalogue, turn.session, turn.contact, turn.on, service)
    publisher = turn.published.publisher_of(service, spoken)
    turn.said.append(quote(publisher, turn.at, pulled=turn.pulled, whole=whole))


def _answer_several(turn: Turn, services: list[Service], *, rest: bool) -> None:
    """What the catalogue knows at once; the rest goes to people, who see the whole message."""
    for number, service in enumerate(services, 1):
        _answer(turn, service, whole=number == len(services) and not rest)
    if rest:
        turn.hand_over("routed_rest", "bot")


def _ask_back(turn: Turn, services: list[Service]) -> None:
    ticket = turn.on
    ticket.state, ticket.offered = TicketState.CLARIFYING, [service.code for service in services]
    choices = [
        {"value": f"s:{ticket.ref}:{number}", "label": service.text("title", ticket.language)}
        for number, service in enumerate(services)
    ]
    choices.append({"value": f"s:{ticket.ref}:none", "label": turn.reply("none_of_these")})
    _wait_for_choice(turn, "which_service", choices)


def _ask_place(turn: Turn) -> None:
    ticket = turn.on
    ticket.state, ticket.offered = TicketState.CLARIFYING, []
    choices = [
        {"value": f"p:{ticket.ref}:{place}", "label": told(place, ticket.language)} for place in all_places()[:CITIES]
    ]
    choices.append({"value": f"p:{ticket.ref}:none", "label": turn.reply("place_unknown")})
    _wait_for_choice(turn, "which_place", choices)


def _wait_for_choice(turn: Turn, question: str, choices: list[dict[str, str]]) -> None:
    ticket = turn.on
    turn.disclose()
    turn.say(turn.reply(question), choices)
    record(turn.session, ticket, "asked back", "bot", turn.at, services=ticket.offered)
    due_at = turn.at + timedelta(hours=value_of(turn.session, CHOICE_HOURS))
    turn.session.add(Timer(kind=NO_CHOICE, ticket=ticket, key=f"choice:{ticket.ref}", due_at=due_at))
