"""Cookies of the desk: never read by scripts, and over HTTPS bound to exactly this host (`__Host-`)."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from web.portal import Portal


def cookie(connection: HTTPConnection, portal: Portal, name: str) -> str:
    """Its value; empty where there is none."""
    return connection.cookies.get(_named(portal, name), "")


def give_cookie(response: Response, portal: Portal, name: str, value: str, seconds: int | None = None) -> None:
    """Kept for so many seconds, else until the browser closes."""
    response.set_cookie(
        _named(portal, name),
        value,
        max_age=seconds,
        httponly=True,
        samesite="lax",
        secure=portal.settings.secure_cookies,
    )


def drop_cookie(response: Response, portal: Portal, name: str) -> None:
    response.delete_cookie(_named(portal, name), httponly=True, samesite="lax", secure=portal.settings.secure_cookies)


def _named(portal: Portal, name: str) -> str:
    return f"__Host-{name}" if portal.settings.secure_cookies else name
