"""The chat's JavaScript modules. They name each other without a version, so it stands in their folder's name."""

import hashlib
from functools import lru_cache

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from web.pages import STATIC
from web.problems import Problem

router = APIRouter(include_in_schema=False)
CODE = STATIC / "chat"


@router.get("/chat/code/{version}/{name}")
async def code(version: str, name: str) -> Response:
    if name not in _modules():
        raise Problem(404, "There is no such file.")
    keep = "public, max-age=31536000, immutable" if version == _version() else "no-store"
    return FileResponse(CODE / name, media_type="text/javascript", headers={"Cache-Control": keep})


def code_address() -> str:
    """Of the module to start with; changes with any of them."""
    return f"/chat/code/{_version()}/chat.js"


@lru_cache
def _version() -> str:
    return hashlib.sha256(b"".join((CODE / name).read_bytes() for name in _modules())).hexdigest()[:12]


@lru_cache
def _modules() -> tuple[str, ...]:
    return tuple(sorted(path.name for path in CODE.glob("*.js")))
