"""A translation server for tests that speaks LibreTranslate's published API over real HTTP."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KNOWN = ("lv", "en", "ru", "uk")


@dataclass
class Libre:
    """What was asked of it, and what it does next instead of translating."""

    url: str = ""
    key: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    status: int = 200
    body: bytes | None = None
    silent: threading.Event | None = None
    """it answers only once that is set"""

    def answer(self, path: str, posted: dict[str, str]) -> tuple[int, bytes]:
        self.asked.append(posted)
        if self.silent:
            self.silent.wait(10)
        if self.body is not None or self.status != 200:
            return self.status, self.body if self.body is not None else b'{"error": "as told"}'
        for name in ("q", "source", "target"):
            if name not in posted:
                return 400, json.dumps({"error": f"Invalid request: missing {name} parameter"}).encode()
        if path != "/translate":
            return 404, b'{"error": "Not found"}'
        if posted.get("api_key", "") != self.key:
            return 403, b'{"error": "Invalid API key"}'
        if posted["target"] not in KNOWN or posted["source"] not in (*KNOWN, "auto"):
            return 400, json.dumps({"error": f"{posted['target']} is not supported"}).encode()
        said = {"translatedText": f"<{posted['target']}> {posted['q']}"}
        if posted["source"] == "auto":
            said["detectedLanguage"] = {"confidence": 90.0, "language": "lv"}  # type: ignore[assignment]
        return 200, json.dumps(said).encode()


@contextmanager
def libre(key: str = "") -> Iterator[Libre]:
    fake = Libre(key=key)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            status, body = fake.answer(self.path, json.loads(self.rfile.read(length)))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
