"""What the understanding learns from the catalogue in force, or from the files of the starting catalogue."""

from collections.abc import Mapping
from datetime import date

from sqlmodel import Session, col, func, select

from catalogue.directory import read_institutions, read_life_situations
from catalogue.entry import Form, form_of
from catalogue.known import Known
from catalogue.publish import in_force
from catalogue.read import entries_of, rows_of
from catalogue.start import INSTITUTIONS, START
from models.catalogue_load import loaded
from models.institution import Institution
from models.service import Service
from nlu.meaning import Competence, Entry


def entries(session: Session) -> list[Entry]:
    """One for each service in force."""
    return [_entry(form_of(service)) for service in in_force(session).values()]


def competences(session: Session) -> list[Competence]:
    """One for each institution that questions are still forwarded to, by code."""
    in_office = select(Institution).where(col(Institution.retired_at).is_(None))
    institutions = session.exec(in_office.order_by(col(Institution.code)))
    return [_competence(body.code, body.name, body.areas, body.territorial) for body in institutions]


def catalogue_stamp(session: Session) -> str:
    """Another text whenever services or institutions have changed; cheap enough to ask often."""
    newest, versions = session.exec(select(func.max(Service.id), func.count(col(Service.id)))).one()
    current = session.exec(select(func.count(col(Service.id))).where(col(Service.current))).one()
    return f"{newest or 0}-{versions}-{current}-{loaded(session, 'institutions')[:12]}"


def start_entries() -> list[Entry]:
    """The same as `entries` of a database that holds the starting catalogue and nothing else."""
    bodies, situations = read_institutions(INSTITUTIONS), read_life_situations(START / "life_situations.yaml")
    known = Known(frozenset(b.code for b in bodies), frozenset(s.code for s in situations), today=date.max)
    rows = [row for file in sorted(START.glob("services-*.yaml")) for row in rows_of(file)[0]]
    return [_entry(entry.form()) for entry in sorted(entries_of(rows, [], known), key=lambda entry: entry.code)]


def start_competences() -> list[Competence]:
    """The institutions of the file, by code."""
    forms = sorted((body.model_dump() for body in read_institutions(INSTITUTIONS)), key=lambda form: str(form["code"]))
    return [_competence(form["code"], form["name"], form["areas"], form["territorial"]) for form in forms]


def _entry(form: Form) -> Entry:
    return Entry(
        code=form["code"],
        institution=form["institution"],
        also=tuple(form["also"]),
        municipality=form["municipality"] or "",
        audience=form["audience"],
        titles=form["title"],
        keywords=_tuples(form["keywords"]),
        questions=_tuples(form["questions"]),
        summaries=form["summary"],
        life_situation=form["life_situation"] or "",
    )


def _competence(
    code: str, names: Mapping[str, str | None], areas: Mapping[str, list[str]], territorial: bool
) -> Competence:
    said = {language: name for language, name in names.items() if name}
    return Competence(code, said, _tuples({k: its for k, its in areas.items() if its}), territorial)


def _tuples(lists: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {language: tuple(items) for language, items in lists.items()}
