"""Institutions as people change them at the desk: added, changed, retired; never deleted, because tickets name them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session, col, select

from catalogue.directory import InstitutionEntry, remember_institutions
from catalogue.publish import CATALOGUE
from models.change import note_change
from models.database import alone
from models.forwarding import Forwarding, ForwardingState
from models.institution import Institution
from models.moments import plainly
from models.ticket import Ticket

THING = "institution"
FIELDS = tuple(InstitutionEntry.model_fields)
BESIDE = ("approval",)
"""what is set at the desk only"""


class Wrong(ValueError):
    """A field that cannot be taken; `field` is its name."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def put_institution(session: Session, given: Mapping[str, Any], actor: str, at: datetime) -> Institution:
    """Adds the institution with that code or changes it: the fields that are given. Raises Wrong, storing nothing.

    From then on the file that it came from does not change it any more.
    """
    alone(session, CATALOGUE)
    row = session.exec(select(Institution).where(col(Institution.code) == given["code"]).with_for_update()).first()
    before = _form(row) if row else {}
    after = _judged({**before, **given})
    if after["coordinates"]:
        _alone_coordinates(session, after)
    if row is None:
        row = Institution(**after, edited_at=at)
        session.add(row)
    elif after != before:
        for name, value in after.items():
            setattr(row, name, value)
        row.edited_at = at
    if note_change(session, actor, THING, row.code, "changed" if before else "added", before, after, at):
        remember_institutions(session, at)
    return row


def retire(session: Session, institution: Institution, actor: str, at: datetime) -> None:
    """Nothing is forwarded to it any more. Raises Wrong where that would leave questions with nobody."""
    alone(session, CATALOGUE)
    if institution.coordinates:
        raise Wrong("", "it coordinates")
    if waiting_at(session, institution):
        raise Wrong("", "it has waiting questions")
    _mark(session, institution, at, "retired", actor, at)


def bring_back(session: Session, institution: Institution, actor: str, at: datetime) -> None:
    alone(session, CATALOGUE)
    _mark(session, institution, None, "brought back", actor, at)


def waiting_at(session: Session, institution: Institution) -> list[str]:
    """The numbers of the tickets that wait for its answer."""
    wanted = select(Ticket.ref).join(Forwarding, col(Forwarding.ticket_id) == col(Ticket.id))
    wanted = wanted.where(
        col(Forwarding.institution_id) == institution.id, col(Forwarding.state) == ForwardingState.WAITING
    )
    return list(session.exec(wanted.order_by(col(Ticket.id))))


def _mark(
    session: Session, institution: Institution, retired_at: datetime | None, what: str, actor: str, at: datetime
) -> None:
    before = plainly({"retired_at": institution.retired_at})
    if (institution.retired_at is None) == (retired_at is None):
        return
    institution.retired_at, institution.edited_at = retired_at, at
    note_change(session, actor, THING, institution.code, what, before, plainly({"retired_at": retired_at}), at)
    remember_institutions(session, at)


def _form(row: Institution) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (*FIELDS, *BESIDE)}


def _judged(form: Mapping[str, Any]) -> dict[str, Any]:
    """As it is stored. Raises Wrong with the first field that is wrong."""
    beside = {name: bool(form.get(name)) for name in BESIDE}
    try:
        judged = InstitutionEntry.model_validate({name: form[name] for name in FIELDS if name in form}).model_dump()
    except ValidationError as error:
        first = error.errors()[0]
        raise Wrong(str(first["loc"][0]), first["msg"]) from None
    for name in ("name", "areas"):
        judged[name] = {language: words for language, words in judged[name].items() if words}
    return judged | beside


def _alone_coordinates(session: Session, form: Mapping[str, Any]) -> None:
    """Two institutions that coordinate the same people would each wait for the other."""
    others = select(Institution.code).where(
        col(Institution.coordinates) == form["coordinates"], col(Institution.code) != form["code"]
    )
    if session.exec(others).first():
        raise Wrong("coordinates", "another one coordinates them")
