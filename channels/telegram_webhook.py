"""Telegram's webhook: the secret first, then the body, then the store, and only then 200."""

import hmac
import json
import logging
from typing import Any

from fastapi import APIRouter, Request, Response

from channels.base import Receive
from channels.telegram_text import chat_of
from channels.webhook import body_of, problem

log = logging.getLogger(__name__)

BODY_BYTES = 1024 * 1024


def webhook(secret: bytes, receive: Receive) -> APIRouter:
    """Any answer but 200 makes Telegram send the update again."""
    router = APIRouter()

    @router.post("", include_in_schema=False)
    async def update_arrives(request: Request) -> Response:
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "").encode("latin-1")
        if not hmac.compare_digest(given, secret):
            return problem(401, "the secret token is missing or wrong")
        raw = await body_of(request, BODY_BYTES)
        if raw is None:
            return problem(413, f"an update is at most {BODY_BYTES} bytes")
        update = _update(raw)
        if update is None:
            return problem(400, "not an update: no JSON object with an integer update_id")
        try:
            await receive(str(update["update_id"]), raw, chat_of(update))
        except Exception:
            log.exception("telegram: update %s could not be stored; Telegram will send it again", update["update_id"])
            return problem(503, "the update could not be stored")
        return Response()

    return router


def _update(raw: bytes) -> dict[str, Any] | None:
    try:
        update = json.loads(raw)
        return update if type(update["update_id"]) is int else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
