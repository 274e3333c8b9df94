"""What the understanding learns from the catalogue in force."""

from collections.abc import Mapping

from sqlmodel import Session, col, func, select

from catalogue.publish import in_force
from models.catalogue_load import loaded
from models.institution import Institution
from models.service import Service
from nlu.meaning import Competence, Entry


def entries(session: Session) -> list[Entry]:
    """One for each service in force, by code."""
    return [_entry(service) for service in in_force(session).values()]


def competences(session: Session) -> list[Competence]:
    """One for each institution, by code."""
    institutions = session.exec(select(Institution).order_by(col(Institution.code)))
    return [Competence(body.code, body.name, _tuples(body.areas), body.territorial) for body in institutions]


def catalogue_stamp(session: Session) -> str:
    """Another text whenever services or institutions have changed; cheap enough to ask often."""
    newest, versions = session.exec(select(func.max(Service.id), func.count(col(Service.id)))).one()
    current = session.exec(select(func.count(col(Service.id))).where(col(Service.current))).one()
    return f"{newest or 0}-{versions}-{current}-{loaded(session, 'institutions')[:12]}"


def _entry(service: Service) -> Entry:
    return Entry(
        code=service.code,
        institution=service.institution,
        also=tuple(service.also),
        municipality=service.municipality or "",
        audience=service.audience,
        titles=service.texts["title"],
        keywords=_tuples(service.keywords),
        questions=_tuples(service.questions),
        summaries=service.texts["summary"],
    )


def _tuples(lists: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {language: tuple(items) for language, items in lists.items()}
