"""What happens when somebody has proved who he is: his session begins, or the second step is asked for."""

import re
from urllib.parse import quote

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.log_in import SecondFactor
from models.moments import now
from models.staff import Person
from web.cookies import cookie, drop_cookie, give_cookie
from web.portal import Portal
from web.session_rows import close_session, open_session
from web.sessions import COOKIE

HALFWAY = "desk_half"
"""cookie of somebody whose password was right and who has to give a code yet"""
BEFORE = "desk_before"
"""cookie of a browser that has opened the log-in page"""
OURS = re.compile(r"/desk(/[\w/-]*)?(\?[\w=&%.+-]*)?", re.ASCII)


async def enter(
    request: Request, portal: Portal, person: Person, goes_to: str, *, provider_token: str = "", proved: bool = False
) -> Response:
    """Logs in, or leads to the second step where the person has one and has not `proved` it elsewhere."""

    def work(session: Session) -> tuple[str, bool]:
        half = not proved and session.get(SecondFactor, person.id) is not None
        secret = begin(session, request, portal, person, half=half, proved=proved, provider_token=provider_token)
        return secret, half

    secret, half = await portal.database.writing(work)
    return halfway(portal, secret, goes_to) if half else arrived(portal, secret, goes_to)


def begin(
    session: Session,
    request: Request,
    portal: Portal,
    person: Person,
    *,
    half: bool = False,
    proved: bool = False,
    provider_token: str = "",
) -> str:
    """A new session with a secret that nobody knew before; the browser's earlier one ends."""
    close_session(session, cookie(request, portal, COOKIE))
    device, address = request.headers.get("user-agent", ""), portal.rate_limit.address(request)
    return open_session(
        session,
        person,
        now(),
        device=device,
        address=address,
        half=half,
        proved=proved,
        provider_token=provider_token,
    )


def arrived(portal: Portal, secret: str, goes_to: str) -> Response:
    response = RedirectResponse(local(goes_to), 303)
    give_cookie(response, portal, COOKIE, secret)
    for name in (BEFORE, HALFWAY):
        drop_cookie(response, portal, name)
    return response


def halfway(portal: Portal, secret: str, goes_to: str) -> Response:
    response = RedirectResponse(f"/desk/login/code?next={quote(local(goes_to), safe='/')}", 303)
    give_cookie(response, portal, HALFWAY, secret)
    return response


def local(address: str) -> str:
    """The address if it is one of the desk's own, else the desk: nobody is led elsewhere from our log-in."""
    return address if OURS.fullmatch(address) and not address.startswith("/desk/login") else "/desk"
