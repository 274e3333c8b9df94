"""The staff desk: everything under /desk, and the pages that institutions open by link under /answer."""

from fastapi import APIRouter

from web import (
    desk_by_letter,
    desk_calendar,
    desk_files,
    desk_forwarding,
    desk_held,
    desk_inbox,
    desk_law,
    desk_letters,
    desk_login,
    desk_problems,
    desk_service,
    desk_terms,
    desk_ticket,
)

router = APIRouter()
for part in (
    desk_login,
    desk_inbox,
    desk_problems,
    desk_held,
    desk_letters,
    desk_calendar,
    desk_terms,
    desk_ticket,
    desk_by_letter,
    desk_law,
    desk_service,
    desk_forwarding,
    desk_files,
):
    router.include_router(part.router)
