"""Slack's requests over HTTP: the signature over the raw body first, then the rest."""

import hashlib
import hmac
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter, Request, Response

from channels.webhook import body_of, problem

log = logging.getLogger(__name__)
BODY_BYTES = 1024 * 1024
APART = 300
"""seconds that a request may be old, or ahead of us"""

Hand = Callable[[str, Mapping[str, str]], Awaitable[tuple[int, str, str]]]
"""(body, headers) -> status, body and media type of the answer. Raises ValueError for what Slack does not send"""


def webhooks(secret: bytes, hand: Hand) -> APIRouter:
    router = APIRouter()

    async def arrives(request: Request) -> Response:
        raw = await body_of(request, BODY_BYTES)
        if raw is None:
            return problem(413, f"a request has at most {BODY_BYTES} bytes")
        stamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not is_signed(secret, stamp, signature, raw, time.time()):
            return problem(401, "the signature is missing, wrong or too old")
        try:
            status, body, media_type = await hand(raw.decode("utf-8"), request.headers)
        except ValueError as error:
            log.warning("slack: signed, but not what Slack documents: %s", error)
            return problem(400, "not what Slack documents")
        return Response(body, status, media_type=media_type or None)

    for path in ("/events", "/interactions", "/commands"):
        router.add_api_route(path, arrives, methods=["POST"], include_in_schema=False)
    return router


def is_signed(secret: bytes, stamp: str, signature: str, raw: bytes, at: float) -> bool:
    """Whether whoever holds the secret signed exactly these bytes, not long ago. In constant time."""
    if not re.fullmatch(r"[0-9]{1,12}", stamp) or abs(at - int(stamp)) > APART:
        return False
    wanted = "v0=" + hmac.new(secret, b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "replace"))
