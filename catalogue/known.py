"""What the services of a file may refer to, and what other services already answer."""

from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session, col, select

from models.institution import Institution
from models.service import LifeSituation, Service


@dataclass(frozen=True)
class Known:
    institutions: frozenset[str]
    life_situations: frozenset[str]
    today: date
    questions: dict[str, str] = field(default_factory=dict)
    """by the question as it is compared: the code of the service that answers it"""


def known(session: Session, today: date) -> Known:
    """What the database holds."""
    services = session.exec(select(Service.code, Service.questions).where(col(Service.current)))
    return Known(
        frozenset(session.exec(select(Institution.code))),
        frozenset(session.exec(select(LifeSituation.code))),
        today,
        {compared(text): code for code, questions in services for texts in questions.values() for text in texts},
    )


def compared(question: str) -> str:
    """Two questions that differ in case, spaces or the mark at the end are the same."""
    return " ".join(question.casefold().split()).strip(" ?!.…;")
