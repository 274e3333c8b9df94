"""The chat on other sites: one script tag makes a button there that opens our page in a frame."""

import json
from functools import lru_cache

from fastapi import APIRouter, Request
from fastapi.responses import Response

from config.replies import LANGUAGES
from web.chat_house import frame_ancestors
from web.citizen import WORDS, chat_values
from web.pages import STATIC, language_of, page, page_words
from web.portal import HasPortal
from web.talk import new_visitor

router = APIRouter(include_in_schema=False)


@router.get("/chat/frame")
async def frame(request: Request, portal: HasPortal) -> Response:
    """The bare chat. Whose talk it is the browser knows: the cookies of a framed page are not sent."""
    return page(
        request,
        "frame.html",
        words=WORDS,
        language=language_of(request),
        frame_ancestors=frame_ancestors(portal.settings),
        **chat_values(portal, new_visitor()) | {"token": ""},
    )


@router.get("/widget.js")
async def widget() -> Response:
    headers = {"Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(_widget(), media_type="text/javascript", headers=headers)


@router.get("/widget-demo")
async def demo(request: Request, portal: HasPortal) -> Response:
    return page(
        request,
        "widget_demo.html",
        words=WORDS,
        language=language_of(request),
        host=str(request.base_url).rstrip("/"),
        **chat_values(portal, new_visitor()),
    )


@lru_cache
def _widget() -> str:
    words = {language: page_words(WORDS, language)["widget"] for language in LANGUAGES}
    return (STATIC / "widget.js").read_text("utf-8").replace("__WORDS__", json.dumps(words))
