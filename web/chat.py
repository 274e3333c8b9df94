"""All that citizens are served: their pages, and the chat by WebSocket or plain HTTP."""

from fastapi import APIRouter

from web import about, chat_code, chat_http, chat_socket, citizen, question_page, widget

router = APIRouter()
for part in (chat_socket, chat_http, chat_code, citizen, widget, about, question_page):
    router.include_router(part.router)
