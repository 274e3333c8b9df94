"""The staff desk: everything under /desk, and the pages that institutions open by link under /answer."""

from fastapi import APIRouter

from web import desk_files, desk_forwarding, desk_inbox, desk_login, desk_problems, desk_ticket

router = APIRouter()
for part in (desk_login, desk_inbox, desk_problems, desk_ticket, desk_forwarding, desk_files):
    router.include_router(part.router)
