"""What all pages of the desk have in common: their frame, their language, and errors in plain words."""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote, urlencode

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.moments import now, riga_date
from web.desk_words import LANGUAGES, Wording
from web.pages import COOKIE, language_of, page
from web.problems import Problem
from web.sessions import NotSignedIn, Staff

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
    """The page that says what is wrong, and gives back what was typed, so that no text is lost."""
    if "text/html" not in request.headers.get("accept", ""):
        raise error
    typed = ""
    if request.method == "POST" and status in (401, 403, 422):
        form = await request.form()
        typed = str(form.get("text") or form.get("reason") or form.get("note") or "")
    return desk_page(request, "error.html", None, here="/desk", status=status, code=str(status), typed=typed)


def _address(request: Request, without: tuple[str, ...] = ()) -> str:
    """The page's own address with its query."""
    query = urlencode([(k, v) for k, v in request.query_params.multi_items() if k not in without])
    return request.url.path + (f"?{query}" if query else "")
