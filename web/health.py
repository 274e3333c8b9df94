"""Whether it lives, whether it is ready, and the numbers."""

import asyncio

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func
from sqlalchemy import select as sql_select
from sqlmodel import Session, SQLModel, col, select
from starlette.responses import PlainTextResponse, Response

from models.clock import Clock, Outcome
from models.moments import now, riga_date
from models.queue import InboxRow, OutboxRow
from models.ticket import Ticket
from routing.horizon import count_provisional
from web.portal import HasPortal
from web.problems import Problem

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def lives() -> PlainTextResponse:
    return PlainTextResponse("ok\n")


@router.get("/readyz")
async def ready(portal: HasPortal) -> PlainTextResponse:
    if reason := await asyncio.to_thread(portal.ready):
        raise Problem(503, reason)
    return PlainTextResponse("ready\n")


@router.get("/metrics")
async def metrics(portal: HasPortal) -> Response:
    """Counted afresh from the rows, so that every process gives the same numbers."""
    return Response(await portal.database.reading(_numbers), media_type=CONTENT_TYPE_LATEST)


def _numbers(session: Session) -> bytes:
    registry = CollectorRegistry()
    _count(session, registry, "atbilde_tickets", "Tickets by state and channel", Ticket, "state", "channel")
    _count(session, registry, "atbilde_inbox", "Inbox rows by state and channel", InboxRow, "state", "channel")
    _count(session, registry, "atbilde_outbox", "Outbox rows by state and channel", OutboxRow, "state", "channel")
    _count(session, registry, "atbilde_clocks", "The law's clocks by kind and outcome", Clock, "kind", "outcome")
    overdue = Gauge("atbilde_clocks_overdue", "Running clocks that are overdue", registry=registry)
    overdue.set(
        session.exec(
            select(func.count()).where(col(Clock.outcome) == Outcome.RUNNING, col(Clock.due_on) < riga_date(now()))
        ).one()
    )
    provisional = Gauge(
        "atbilde_clocks_provisional",
        "Running clocks due after the last year whose moved days are known",
        registry=registry,
    )
    provisional.set(count_provisional(session))
    return generate_latest(registry)


def _count(
    session: Session, registry: CollectorRegistry, name: str, help_text: str, table: type[SQLModel], *labels: str
) -> None:
    gauge = Gauge(name, help_text, labels, registry=registry)
    columns = [getattr(table, label) for label in labels]
    for *values, number in session.execute(sql_select(*columns, func.count()).group_by(*columns)).all():
        gauge.labels(*values).set(number)
