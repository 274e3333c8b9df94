"""Machine translation at the desk: of what a citizen wrote, for who reads it; of an answer, below the original."""

from typing import Annotated

from fastapi import APIRouter, Form, Path
from sqlmodel import Session, select
from starlette.requests import Request
from starlette.responses import Response

from config.replies import reply
from config.settings import Settings
from models.message import Author, Message
from models.moments import now
from models.ticket_link import with_merged
from models.translation import Translation
from nlu.privacy import mask
from nlu.translator import NotTranslated, Translator
from web.desk.access import NotThere, overseen_ticket
from web.desk.forms import Mistake, Refused, refused, typed, wanted
from web.desk.pages import DeskRoute, desk_language
from web.desk.ticket import ticket_page
from web.portal import HasPortal
from web.sessions import Coordinating

router = APIRouter(prefix="/desk/tickets", route_class=DeskRoute, include_in_schema=False)
Id = Annotated[int, Path(ge=1, lt=2**31)]


@router.post("/{ref}/messages/{message_id}/translate")
async def translate(request: Request, portal: HasPortal, staff: Coordinating, ref: str, message_id: Id) -> Response:
    """Into the reader's language; kept with the message, so that it is asked for once."""
    language = desk_language(request, staff)

    def look(session: Session) -> tuple[Message, bool]:
        ids = with_merged(session, overseen_ticket(session, staff, ref).id or 0)
        message = session.get(Message, message_id)
        if message is None or message.ticket_id not in ids or message.author != Author.CITIZEN:
            raise NotThere
        return message, _kept(session, message, language) is not None

    try:
        engine = _engine(portal.settings)
        message, there = await portal.database.reading(look)
        if not there:
            text = await engine.translate(message.text, message.language, language)

            def keep(session: Session) -> None:
                old = _kept(session, message, language, any_text=True) or Translation(
                    message_id=message_id, language=language, text="", of="", engine="", by="", at=now()
                )
                old.text, old.of, old.engine, old.by, old.at = text, mask(message.text), engine.host, staff.login, now()
                session.add(old)

            await portal.database.writing(keep)
    except NotTranslated as error:
        problem = refused(f"translate-{message_id}", Mistake("", error.key), {})
        return await ticket_page(request, portal, staff, ref, problem)
    return await ticket_page(request, portal, staff, ref)


@router.post("/{ref}/translate-answer")
async def translate_answer(
    request: Request,
    portal: HasPortal,
    staff: Coordinating,
    ref: str,
    text: Annotated[str, Form()] = "",
    sources: Annotated[list[str] | None, Form()] = None,
    way: Annotated[str, Form()] = "",
    seen: Annotated[str, Form()] = "",
) -> Response:
    """The page again: below what was written stands the translation, marked as one. Nothing is stored or sent."""
    language = await portal.database.reading(lambda session: overseen_ticket(session, staff, ref).language)
    given: dict[str, object] = {"text": text, "sources": sources or [], "way": way, "seen": seen}
    try:
        engine = _engine(portal.settings)
        said = wanted(text, "text", "write_answer")
        mark = reply(language, "machine_translation")
        said = said.split(f"\n\n{mark}")[0]  # pressed again after the text was changed
        translated = await engine.translate_own(said, "auto", language)
    except Mistake as error:
        return await ticket_page(request, portal, staff, ref, refused("answer", error, given))
    except NotTranslated as error:
        return await ticket_page(request, portal, staff, ref, refused("answer", Mistake("text", error.key), given))
    given["text"] = f"{said}\n\n{mark}\n\n{typed(translated)}"
    return await ticket_page(request, portal, staff, ref, Refused("answer", "", "", 200, given))


def _engine(settings: Settings) -> Translator:
    """Raises NotTranslated where there is none."""
    if not settings.translate_url:
        raise NotTranslated("translate_not_set_up")
    key = settings.translate_key.get_secret_value() if settings.translate_key else ""
    return Translator(settings.translate_url, key)


def _kept(session: Session, message: Message, language: str, *, any_text: bool = False) -> Translation | None:
    """What is kept of the text as it is now (`any_text`: or as it was before it was edited)."""
    wanted = select(Translation).where(Translation.message_id == message.id, Translation.language == language)
    kept = session.exec(wanted).first()
    return kept if kept is not None and (any_text or kept.of == mask(message.text)) else None
