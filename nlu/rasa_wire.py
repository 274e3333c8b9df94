"""What is said to a Rasa server and what it answers: POST /model/parse, and nothing of it believed unseen."""

import http.client
import json
import math
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from nlu.rasa_export import intent_of, plain

LONGEST_ANSWER = 1_000_000
"""bytes"""


class NoAnswer(RuntimeError):
    """Rasa did not answer in time, or not what can be read; says why, never with the citizen's words."""


@dataclass(frozen=True, slots=True)
class Guess:
    """An intent, which is a service's code where the catalogue was exported, and Rasa's confidence within 0..1."""

    intent: str
    confidence: float


class RasaServer:
    """A server by its address; a connection for each question, so that any thread may ask."""

    def __init__(self, url: str, timeout: float) -> None:
        """`timeout` in seconds, to connect and again to answer. Raises ValueError where `url` is no address."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{url!r} is no address such as http://127.0.0.1:5005")
        self._connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port, self._path = parts.hostname, parts.port, parts.path.rstrip("/")
        self._timeout = timeout

    def rank(self, text: str) -> list[Guess]:
        """Rasa's guesses, best first. Raises NoAnswer."""
        try:
            return _guesses(json.loads(self._post("/model/parse", {"text": plain(text)})))
        except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}"[:200]) from None

    def is_ready(self) -> bool:
        """Whether a model is loaded."""
        try:
            self.rank("?")
        except NoAnswer:
            return False
        return True

    def _post(self, path: str, body: dict[str, str]) -> bytes:
        connection = self._connect(self._host, self._port, timeout=self._timeout)
        try:
            connection.connect()
            with _hung_up_after(self._timeout, connection.sock):
                connection.request("POST", self._path + path, json.dumps(body), {"Content-Type": "application/json"})
                response = connection.getresponse()
                if response.status != http.HTTPStatus.OK:
                    raise NoAnswer(f"status {response.status}")
                answer = response.read(LONGEST_ANSWER + 1)
        finally:
            connection.close()
        if len(answer) > LONGEST_ANSWER:
            raise NoAnswer("too long an answer")
        return answer


@contextmanager
def _hung_up_after(seconds: float, line: socket.socket) -> Iterator[None]:
    """A socket's own time-out begins anew with every byte: a server that sends one now and then would hold us."""
    timer = threading.Timer(seconds, _hang_up, [line])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):  # it has ended by itself
        line.shutdown(socket.SHUT_RDWR)


def _guesses(answer: Any) -> list[Guess]:
    ranking = answer.get("intent_ranking") if isinstance(answer, dict) else None
    if not isinstance(ranking, list):
        raise NoAnswer("no intent_ranking in the answer")
    guesses = [_guess(item) for item in ranking]
    return sorted(guesses, key=lambda guess: -guess.confidence)


def _guess(item: Any) -> Guess:
    name, confidence = (item.get("name"), item.get("confidence")) if isinstance(item, dict) else (None, None)
    if not isinstance(name, str) or isinstance(confidence, bool) or not isinstance(confidence, int | float):
        raise NoAnswer("an intent without name or confidence")
    if not math.isfinite(confidence) or not -0.001 <= confidence <= 1.001:
        raise NoAnswer("a confidence that is none")
    return Guess(intent_of(name), min(1.0, max(0.0, float(confidence))))
