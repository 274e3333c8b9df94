"""What citizens may ask about the site itself: what it is, what becomes of their data, whether they can use it."""

from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from models.clock import ClockKind
from models.moments import now, riga_date
from models.setting import CLEANING, FILES_MONTHS, LEFTOVER_DAYS, WORDS_MONTHS, value_of
from routing.clocks import due
from web.citizen import WORDS, language_names
from web.pages import language_of, page, page_words
from web.portal import HasPortal

router = APIRouter(include_in_schema=False)
STATEMENT_OF = date(2026, 11, 24)
"""when the accessibility statement was last gone through; to be done again each year (Decision (EU) 2018/1523)"""
KEPT = 5
"""which section of the privacy page says how long data are kept"""


@router.get("/about")
async def about(request: Request) -> Response:
    return _shown(request, "about", _terms())


@router.get("/privacy")
async def privacy(request: Request, portal: HasPortal) -> Response:
    """How long data are kept is what the administrators have set."""
    cleans, kept = await portal.database.reading(_retention)
    words = page_words(WORDS, language_of(request))["privacy"]
    sections = [dict(section) for section in words["sections"]]
    sections[KEPT] |= (
        {"text": [words["kept_on"]], "items": words["kept_on_items"]} if cleans else {"text": [words["kept_off"]]}
    )
    return _shown(request, "privacy", kept, sections)


@router.get("/accessibility")
async def accessibility(request: Request) -> Response:
    """By the model of Implementing Decision (EU) 2018/1523 and of Cabinet regulation No. 445."""
    on = STATEMENT_OF
    return _shown(request, "accessibility", {"day": on.day, "month": on.month, "year": on.year})


def _shown(
    request: Request, which: str, filling: dict[str, Any], sections: list[dict[str, Any]] | None = None
) -> Response:
    language = language_of(request)
    words = page_words(WORDS, language)[which]
    return page(
        request,
        "about.html",
        words=WORDS,
        language=language,
        languages=language_names(),
        heading=words["heading"],
        lead=words["lead"],
        sections=words["sections"] if sections is None else sections,
        filling=filling,
    )


def _terms() -> dict[str, Any]:
    """The law's terms for a question received today, in working days."""
    today = riga_date(now())
    return {str(kind): due(kind, today).term.span.working_days for kind in ClockKind}


def _retention(session: Session) -> tuple[bool, dict[str, Any]]:
    """Whether data are deleted by themselves, and after which time."""
    kept = {"words": WORDS_MONTHS, "files": FILES_MONTHS, "leftovers": LEFTOVER_DAYS}
    return bool(value_of(session, CLEANING)), {name: value_of(session, setting) for name, setting in kept.items()}
