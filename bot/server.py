"""The HTTP server; greets whoever started it once it listens."""

import socket

import uvicorn

from bot.app import create_app
from bot.banner import greet
from bot.memory import keep_for_good
from config.settings import Settings
from web.desk.tail import end_live


class Server(uvicorn.Server):
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app = create_app(settings)
        super().__init__(
            uvicorn.Config(
                self._app,
                log_config=None,
                access_log=False,
                ws_max_size=64 * 1024,
                timeout_graceful_shutdown=10,
                proxy_headers=False,
                server_header=False,
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        end_live(self._app)  # open pages come back to the next process, and we need not wait for them
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            keep_for_good()
            greet(self._settings)


def listen(settings: Settings) -> socket.socket:
    """Takes the address before anything else is done. Raises OSError where it is not to be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((settings.host, settings.port))
        sock.listen(2048)
    except OSError:
        sock.close()
        raise
    return sock


def run(settings: Settings, sock: socket.socket) -> bool:
    """Serves until stopped; False where it could not start. Raises ValueError for settings that cannot be."""
    server = Server(settings)
    server.run([sock])
    return server.started
