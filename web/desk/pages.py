"""What all pages of the desk have in common: their frame, their language, and errors in plain words."""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote, urlencode

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.moments import now, riga_date
from web.desk.keep import TooLong, keep, typed_in, words_of
from web.desk.words import LANGUAGES, Wording
from web.pages import COOKIE, language_of, page
from web.portal import portal_of
from web.problems import Problem
from web.sessions import NotSignedIn, SecondStepMissing, Staff

PERMISSIONS = "camera=(), geolocation=(), microphone=()"


class DeskRoute(APIRoute):
    """Tells people who browse of errors on a page; programs get the problem document."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_or_explain(request: Request) -> Response:
            try:
                return await handle(request)
            except NotSignedIn as error:
                if request.method == "GET":
                    return RedirectResponse(f"/desk/login?next={quote(_address(request), safe='/')}", 303)
                return await _explain(request, error, error.status)
            except SecondStepMissing as error:
                if request.method == "GET":
                    return RedirectResponse("/desk/account/second-step", 303)
                return await _explain(request, error, error.status)
            except Problem as error:
                return await _explain(request, error, error.status)
            except HTTPException as error:
                return await _explain(request, error, error.status_code)
            except RequestValidationError as error:
                # an address that cannot exist, such as a number with letters, is simply not there
                if all(mistake["loc"][0] == "path" for mistake in error.errors()):
                    return await _explain(request, Problem(404, "There is no such page."), 404)
                return await _explain(request, error, 422)

        return handle_or_explain


def desk_page(
    request: Request, template: str, staff: Staff | None, *, here: str = "", status: int = 200, **values: Any
) -> Response:
    """A page of the desk; `here` is its own address, which differs where a form's answer is shown again."""
    language = desk_language(request, staff)
    here = here or _address(request, without=("language", "done"))
    response = page(
        request,
        f"desk/{template}",
        words="desk",
        language=language,
        status=status,
        w=desk_wording(request, staff),
        staff=staff,
        here=here,
        languages=LANGUAGES,
        csrf=values.pop("csrf", staff.csrf if staff else ""),
        **values,
    )
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Permissions-Policy"] = PERMISSIONS
    return response


def desk_language(request: Request, staff: Staff | None) -> str:
    """As chosen, else the staff member's own, else what the browser asks for."""
    chosen = (request.query_params.get("language", ""), request.cookies.get(COOKIE, ""))
    own = (staff.person.language,) if staff else ()
    return next((one for one in (*chosen, *own) if one in LANGUAGES), "") or language_of(request, LANGUAGES)


def desk_wording(request: Request, staff: Staff | None) -> Wording:
    """How this page is worded."""
    return Wording(desk_language(request, staff), riga_date(now()))


def done(address: str, what: str) -> Response:
    """To the page after a form was sent; it says `what` was done (`done` in the words)."""
    return RedirectResponse(f"{address}?done={what}", 303)


async def _explain(request: Request, error: Exception, status: int) -> Response:
    """The page that says what is wrong, and gives back what was typed, so that no text is lost.

    Where the log-in ran out or the form is another log-in's, the text becomes a draft and waits on its page.
    """
    form = await request.form() if request.method == "POST" and status not in (413, 500) else FormData()
    kept_at = await _kept(request, form) if status in (401, 403) else ""
    if "text/html" not in request.headers.get("accept", ""):
        raise error
    code = "second_step" if isinstance(error, SecondStepMissing) else str(status)
    said = {"code": code, "typed": words_of(form), "kept_at": kept_at}
    return desk_page(request, "error.html", None, here="/desk", status=status, **said)


async def _kept(request: Request, form: FormData) -> str:
    """The page on which what was typed now waits as its writer's draft; empty where it could not be kept."""
    portal = portal_of(request)
    typed = typed_in(portal, form)
    if typed is None or typed.person_id is None:
        return ""
    try:
        kept = await portal.database.writing(lambda session: keep(session, typed, now()))
    except TooLong:
        return ""
    return typed.place if kept else ""


def _address(request: Request, without: tuple[str, ...] = ()) -> str:
    """The page's own address with its query."""
    query = urlencode([(k, v) for k, v in request.query_params.multi_items() if k not in without])
    return request.url.path + (f"?{query}" if query else "")
