"""The dashboard: how much comes in, what the bot does alone, how the law's terms are kept, and by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from models.clock import ClockKind
from models.institution import Institution
from models.moments import now, riga_date
from models.ticket import Audience
from reports.bot_share import BotShare, bot_share
from reports.due import open_now
from reports.endings import Kept, endings, kept, tally
from reports.flow import answered, complaints, received
from reports.league import league
from reports.scope import Scope
from reports.span import Named, Span
from routing.clocks import due
from routing.rules import calendar_in, in_force
from web.desk import plotted
from web.desk.figure import Figure, Number, Share, csv_file, written
from web.desk.pages import DeskRoute, desk_page, desk_wording
from web.desk.span import Asked, asked_for
from web.desk.words import Wording
from web.portal import HasPortal
from web.problems import Problem
from web.sessions import Overseeing, Staff

router = APIRouter(prefix="/desk/dashboard", route_class=DeskRoute, include_in_schema=False)
KINDS = (ClockKind.FORWARD, ClockKind.INSTITUTION, ClockKind.ANSWER)


@dataclass(frozen=True, slots=True)
class Shown:
    numbers: Sequence[Number]
    figures: Sequence[Figure]


@router.get("")
async def dashboard(request: Request, portal: HasPortal, staff: Overseeing) -> Response:
    """Of the questions that the person oversees; the span of time and the filters stand in the address."""
    w = desk_wording(request, staff)
    asked = asked_for(request.query_params, w.today, w)
    scope = asked.scope(whose(staff))
    shown = await portal.database.reading(lambda session: _shown(session, w, asked, scope))
    return figures_page(request, "dashboard.html", staff, asked, shown, audiences=tuple(Audience))


@router.get("/{figure}.csv")
async def table(request: Request, portal: HasPortal, staff: Overseeing, figure: str) -> Response:
    """The table behind a picture."""
    w = desk_wording(request, staff)
    asked = asked_for(request.query_params, w.today, w)
    shown = await portal.database.reading(lambda session: _shown(session, w, asked, asked.scope(whose(staff))))
    return file_of(shown.figures, figure, asked)


def figures_page(
    request: Request, template: str, staff: Staff, asked: Asked, shown: "Shown", **values: Any
) -> Response:
    """A page of pictures for the span that was asked for; with what was wrong about it."""
    return desk_page(
        request,
        template,
        staff,
        status=asked.problem.status if asked.problem else 200,
        problem=asked.problem,
        asked=asked,
        named=tuple(Named),
        shown=shown,
        written=written,
        **values,
    )


def whose(staff: Staff) -> str:
    """The code of the coordinator whose questions are shown; empty for those who see all."""
    return staff.institution.code if staff.coordinates else ""


def file_of(figures: Sequence[Figure], key: str, asked: Asked) -> Response:
    """Raises Problem where there is no such figure."""
    for figure in figures:
        if figure.key == key:
            return csv_file(figure, f"{key}-{asked.span.first}-{asked.span.last}")
    raise Problem(404, "There is no such page.")


def working_days(calendar: str, after: date, until: date) -> int:
    return calendar_in(in_force(), calendar).between(after, until)


def limit_of(kind: ClockKind) -> int:
    """Working days that the law in force today gives for a question."""
    return due(kind, riga_date(now())).term.span.working_days


def _shown(session: Session, w: Wording, asked: Asked, scope: Scope) -> Shown:
    span = asked.span
    came, went = received(session, span, scope), answered(session, span, scope)
    found = endings(session, span, scope, working_days)
    share, running = bot_share(session, span, scope), open_now(session, scope)
    rows = league(session, span, scope, found, running, w.today)
    codes = {row.code for row in rows}
    names = {one.code: one for one in session.exec(select(Institution).where(col(Institution.code).in_(codes)))}
    figures = [
        plotted.due_calendar(w, "due", running.answers),
        plotted.due_at_institutions(w, running.at_institutions, names),
        plotted.flow(w, "flow", span, came, went),
        plotted.by_channel(w, came, went),
        plotted.bot(w, share),
        *(plotted.took(w, found, kind, limit_of(kind)) for kind in KINDS),
        plotted.league(w, rows, names),
    ]
    figures_now = _sums(session, span, scope, {kind: kept(found, kind) for kind in KINDS}, share)
    figures_before = _sums(
        session, asked.before, scope, tally(session, asked.before, scope), bot_share(session, asked.before, scope)
    )
    numbers = [Number(key, value, figures_before[key]) for key, value in figures_now.items()]
    still_open = (("open", sum(running.answers.values())), ("overdue", running.overdue(w.today)))
    return Shown([*numbers, *(Number(key, value, compared=False) for key, value in still_open)], figures)


def _sums(
    session: Session, span: Span, scope: Scope, terms: Mapping[str, Kept], share: BotShare
) -> dict[str, int | Share | None]:
    """What was received is what the bot's parts add up to; what was answered are the answers' terms that ended."""
    parts = {kind: terms[kind].share for kind in KINDS}
    return {
        "received": share.received,
        "answered": terms[ClockKind.ANSWER].needed,
        "bot": None if share.share is None else Share(share.share),
        **{f"in_time_{kind}": None if part is None else Share(part) for kind, part in parts.items()},
        "complaints": complaints(session, span, scope),
    }
