"""Asks questions of a running server from many clients at once, over real HTTP, and takes the times."""

import http.client
import json
import statistics
import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    clients: int
    questions: int
    per_second: float
    p50_ms: float
    p99_ms: float


def ask_many(port: int, clients: int, questions: int, texts: list[str], run: str) -> Figures:
    """`questions` in all, each waited for until the reply that is stored has come back. Raises where one fails."""
    times: list[float] = []
    errors: list[str] = []
    began = time.perf_counter()
    each = questions // clients
    threads = [
        threading.Thread(target=_client, args=(port, number, each, texts, run, times, errors))
        for number in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    if errors:
        raise RuntimeError(errors[0])
    return Figures(
        clients,
        len(times),
        round(len(times) / took, 1),
        round(statistics.median(times) * 1000, 2),
        round(statistics.quantiles(times, n=100)[98] * 1000, 2),
    )


def _client(
    port: int, number: int, questions: int, texts: list[str], run: str, times: list[float], errors: list[str]
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for count in range(questions):
        body = {"text": texts[(number + count) % len(texts)], "client_id": f"{run}-{number}-{count}"}
        began = time.perf_counter()
        connection.request("POST", "/api/v1/questions", json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read())
        times.append(time.perf_counter() - began)
        if response.status != 201 or not answer["reply"]["text"]:
            errors.append(f"{response.status}: {answer}")
            return
