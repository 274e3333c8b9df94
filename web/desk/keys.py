"""Single keys that do something at the desk: which ones, and whether the person wants them at all."""

from typing import Annotated

from fastapi import APIRouter, Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from models.staff import Person
from web.desk.pages import DeskRoute, desk_page, done
from web.portal import HasPortal
from web.sessions import AtOwnAccount, OwnForm

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)


@router.get("/keys")
async def keys(request: Request, staff: AtOwnAccount) -> Response:
    return desk_page(request, "keys.html", staff)


@router.post("/keys")
async def switch(portal: HasPortal, staff: OwnForm, keys: Annotated[str, Form(max_length=3)] = "") -> Response:
    """`on` switches them on, anything else off; for this person, in every browser."""

    def work(session: Session) -> None:
        session.get_one(Person, staff.person.id).shortcuts = keys == "on"

    await portal.database.writing(work)
    return done("/desk/keys", "keys_on" if keys == "on" else "keys_off")
