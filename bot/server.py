"""The HTTP server; greets whoever started it once it listens."""

import socket

import uvicorn

from bot.app import create_app
from bot.banner import greet
from config.settings import Settings


class Server(uvicorn.Server):
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__(
            uvicorn.Config(
                create_app(settings),
                settings.host,
                settings.port,
                log_config=None,
                access_log=False,
                ws_max_size=64 * 1024,
                timeout_graceful_shutdown=10,
                proxy_headers=False,
                server_header=False,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            greet(self._settings)


def run(settings: Settings) -> bool:
    """Serves until stopped; False where it could not even listen."""
    server = Server(settings)
    try:
        server.run()
    except SystemExit:
        return False
    return server.started
