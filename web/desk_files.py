"""Files that citizens sent: handed out to be saved, never to be opened in the desk's own pages."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import FileResponse, Response

from models.message import Attachment
from nlu.privacy import mask
from web.desk_access import NotThere, shown_attachment
from web.desk_pages import DeskRoute
from web.portal import HasPortal, Portal
from web.sessions import SignedIn

router = APIRouter(prefix="/desk/attachments", route_class=DeskRoute, include_in_schema=False)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}


@router.get("/{attachment_id}")
async def attachment(
    portal: HasPortal, staff: SignedIn, attachment_id: Annotated[int, Path(ge=1, lt=2**31)]
) -> Response:
    found = await portal.database.reading(lambda session: shown_attachment(session, staff, attachment_id))
    return download(portal, found)


def download(portal: Portal, attachment: Attachment) -> Response:
    path = portal.file_path(attachment.sha256)
    if not path.is_file():
        raise NotThere
    return FileResponse(path, media_type=attachment.media_type, filename=mask(attachment.name), headers=HEADERS)
