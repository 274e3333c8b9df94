"""Administration: everything under /desk/admin."""

from fastapi import APIRouter

from web.admin import (
    calendar,
    canned,
    changes,
    channels,
    competences,
    home,
    institutions,
    invitation,
    people,
    people_file,
    retention,
    settings,
)

router = APIRouter()
for part in (
    home,
    institutions,
    people_file,
    people,
    invitation,
    competences,
    canned,
    calendar,
    settings,
    retention,
    channels,
    changes,
):
    router.include_router(part.router)
