"""An institution's own figures: what it was given, how it met its terms, about which services. Nobody else's."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from models.clock import ClockKind
from models.institution import Institution
from models.service import Service
from reports import charts
from reports.due import open_now
from reports.endings import Ending, endings, kept, median, spread
from reports.flow import ByDay
from reports.own import ServiceRow, answered_by_day, by_service, forwarded_by_day
from reports.scope import EVERYTHING
from reports.span import Span
from web.desk import plotted
from web.desk.dashboard import Shown, figures_page, file_of, limit_of, working_days
from web.desk.figure import Cell, Figure, Number, Share, Table
from web.desk.pages import DeskRoute, desk_wording
from web.desk.span import Asked, asked_for
from web.desk.words import Wording
from web.portal import HasPortal
from web.sessions import SignedIn

router = APIRouter(prefix="/desk/statistics", route_class=DeskRoute, include_in_schema=False)
MONTHS = timedelta(days=334)
"""about eleven months before the running one"""
TERM = ClockKind.INSTITUTION


@router.get("")
async def statistics(request: Request, portal: HasPortal, staff: SignedIn) -> Response:
    """Of the institution that the person works for."""
    w = desk_wording(request, staff)
    asked = asked_for(request.query_params, w.today, w)
    shown = await portal.database.reading(lambda session: _shown(session, w, asked, staff.institution))
    return figures_page(request, "statistics.html", staff, asked, shown)


@router.get("/{figure}.csv")
async def table(request: Request, portal: HasPortal, staff: SignedIn, figure: str) -> Response:
    """The table behind a picture."""
    w = desk_wording(request, staff)
    asked = asked_for(request.query_params, w.today, w)
    shown = await portal.database.reading(lambda session: _shown(session, w, asked, staff.institution))
    return file_of(shown.figures, figure, asked)


def _shown(session: Session, w: Wording, asked: Asked, institution: Institution) -> Shown:
    own, span = institution.id or 0, asked.span
    running = open_now(session, EVERYTHING, owner=institution.code)
    days = Counter({on: number for (_, on), number in running.at_institutions.items()})
    found = endings(session, span, EVERYTHING, working_days, owner=institution.code)
    services = by_service(session, own, span)
    months = Span((w.today - MONTHS).replace(day=1), w.today)
    figures = [
        plotted.due_calendar(w, "due_here", days),
        _flow(session, w, "flow_here", own, span),
        plotted.took(w, found, TERM, limit_of(TERM)),
        _services(session, w, services),
        _flow(session, w, "months", own, months),
    ]
    earlier = endings(session, asked.before, EVERYTHING, working_days, owner=institution.code)
    now, before = _sums(found, services), _sums(earlier, by_service(session, own, asked.before))
    numbers = [Number(key, value, before[key]) for key, value in now.items()]
    overdue = sum(number for on, number in days.items() if on < w.today)
    here = (("waiting", sum(days.values())), ("overdue_here", overdue))
    return Shown([*numbers, *(Number(key, value, compared=False) for key, value in here)], figures)


def _flow(session: Session, w: Wording, key: str, own: int, span: Span) -> Figure:
    came, went = (one(session, own, span) for one in (forwarded_by_day, answered_by_day))
    return plotted.flow(w, key, span, _unnamed(came), _unnamed(went))


def _unnamed(days: Counter[date]) -> ByDay:
    """An institution gets its questions by one channel: from the coordinator."""
    return Counter({(on, ""): number for on, number in days.items()})


def _services(session: Session, w: Wording, rows: Sequence[ServiceRow]) -> Figure:
    words = w.t["charts"]["services"]
    codes = [row.service for row in rows]
    known = session.exec(select(Service).where(col(Service.current), col(Service.code).in_(codes))).all()
    titles = {one.code: one.text("title", w.language) for one in known} | {"": words["unknown"]}
    columns = ("received", "in_time", "late", "returned")
    table: list[list[Cell]] = [
        [titles.get(row.service, row.service), *(getattr(row, name) for name in columns)] for row in rows
    ]
    drawn = [row for row in rows if row.received][: plotted.MOST_ROWS]
    labels = [plotted.cut(titles.get(row.service, row.service)) for row in drawn]
    drawing = charts.rows(labels, [row.received for row in drawn]) if drawn else None
    told = words["told"].format(services=len(rows), received=sum(row.received for row in rows))
    return Figure("services", told, drawing, Table([words["service"], *(words[name] for name in columns)], table))


def _sums(found: Sequence[Ending], rows: Sequence[ServiceRow]) -> dict[str, Cell]:
    terms = kept(found, TERM)
    return {
        "received_here": sum(row.received for row in rows),
        "in_time_institution": None if terms.share is None else Share(terms.share),
        "median": median(spread(found, TERM)),
        "late_here": terms.late,
        "returned": sum(row.returned for row in rows),
    }
