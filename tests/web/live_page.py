"""An open page of the desk as a browser holds it: its server-sent events over real HTTP."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import quote

from models.moments import now
from tests.web.desk_house import DeskHouse
from web.session_rows import open_session
from web.sessions import COOKIE, STREAM


@dataclass
class LivePage:
    response: HTTPResponse

    def hears(self, event: str = "changed") -> dict[str, object]:
        """The next event, which must be that one; with its number as `id`."""
        while (frame := self._frame()).get("event") != event:
            assert "event" not in frame, frame
        return {"id": int(frame["id"]), **json.loads(frame["data"])}

    def is_over(self) -> bool:
        """The server has closed the connection and said nothing more."""
        return not self._frame()

    def _frame(self) -> dict[str, str]:
        lines: list[str] = []
        while (line := self.response.readline().decode().rstrip("\n")) or not lines:
            lines.append(line)
            if not line:
                break
        return dict(line.split(": ", 1) for line in lines if ": " in line)


@contextmanager
def live_page(desk: DeskHouse, port: int, login: str, place: str, after: int = 0) -> Iterator[LivePage]:
    """Connected when it is given: the server has answered."""
    cookie = desk.database.write(lambda session: open_session(session, desk.people[login], now()))
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        headers = {"Accept": STREAM, "Cookie": f"{COOKIE}={cookie}", "Accept-Language": "lv"}
        connection.request("GET", f"/desk/live?place={quote(place)}&after={after}", headers=headers)
        response = connection.getresponse()
        assert response.status == 200, response.status
        page = LivePage(response)
        assert page._frame() == {"retry": "4000"}
        yield page
    finally:
        connection.close()
