"""Files that people sent: handed out to be saved, never to be opened in the desk's own pages."""

import asyncio
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path
from starlette.responses import Response, StreamingResponse

from models.message import Attachment
from nlu.privacy import mask
from web.desk.access import NotThere, dangerous_attachment, shown_attachment
from web.desk.pages import DeskRoute
from web.portal import HasPortal, Portal
from web.sessions import Coordinating, SignedIn

router = APIRouter(prefix="/desk/attachments", route_class=DeskRoute, include_in_schema=False)
Id = Annotated[int, Path(ge=1, lt=2**31)]
OCTETS = "application/octet-stream"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}


@router.get("/{attachment_id}")
async def attachment(portal: HasPortal, staff: SignedIn, attachment_id: Id) -> Response:
    found = await portal.database.reading(lambda session: shown_attachment(session, staff, attachment_id))
    return await download(portal, found)


@router.post("/{attachment_id}/anyway")
async def attachment_anyway(portal: HasPortal, staff: Coordinating, attachment_id: Id) -> Response:
    """A coordinator wants a file that may be dangerous, and takes it as nothing but bytes."""
    found = await portal.database.reading(lambda session: dangerous_attachment(session, staff, attachment_id))
    return await download(portal, found, OCTETS)


async def download(portal: Portal, attachment: Attachment, media_type: str = "") -> Response:
    try:
        pieces = await asyncio.to_thread(portal.file, attachment.sha256)
    except FileNotFoundError as error:
        raise NotThere from error
    headers = HEADERS | {"Content-Disposition": _saved_as(attachment), "Content-Length": str(attachment.size)}
    return StreamingResponse(pieces, media_type=media_type or attachment.media_type, headers=headers)


def _saved_as(attachment: Attachment) -> str:
    name = mask(attachment.name)
    quoted = quote(name)
    return f'attachment; filename="{name}"' if quoted == name else f"attachment; filename*=utf-8''{quoted}"
