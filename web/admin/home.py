"""Where the administration begins: its parts, each with a line on what it is for."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from web.admin.access import admin_page
from web.desk.pages import DeskRoute
from web.sessions import SeeingTexts

router = APIRouter(prefix="/desk/admin", route_class=DeskRoute, include_in_schema=False)


@router.get("")
async def home(request: Request, staff: SeeingTexts) -> Response:
    return admin_page(request, "", "home.html", staff)
