"""What webhooks have in common: a body that is not read beyond its limit, and what is said of a refused one."""

from fastapi import Request
from fastapi.responses import JSONResponse


async def body_of(request: Request, most: int) -> bytes | None:
    """None where it has more than `most` bytes: then the rest is not read."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)


def problem(status: int, title: str) -> JSONResponse:
    content = {"type": "about:blank", "title": title, "status": status}
    return JSONResponse(content, status, media_type="application/problem+json")
