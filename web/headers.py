"""Headers that every answer has, whatever made it: nothing runs or frames it that its own page does not allow."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""for what is no page: pages bring their own"""
YEAR = 31_536_000


class Headers:
    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        """`secure`: it is served over HTTPS, and browsers shall never ask for it otherwise."""
        self._app = app
        self._always = {"X-Content-Type-Options": "nosniff"}
        if secure:
            self._always["Strict-Transport-Security"] = f"max-age={YEAR}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._always.items():
                    headers[name] = value
                headers.setdefault("Content-Security-Policy", POLICY)
                headers.setdefault("Referrer-Policy", "same-origin")
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
