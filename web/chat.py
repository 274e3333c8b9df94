"""All that citizens are served: their pages, and the chat by WebSocket or plain HTTP."""

from fastapi import APIRouter

from web import chat_code, chat_http, chat_socket, citizen, widget

router = APIRouter()
for part in (chat_socket, chat_http, chat_code, citizen, widget):
    router.include_router(part.router)
