"""Rasa's own program, in its own environment: train a project, and serve the model on this machine alone."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from config.settings import ROOT
from nlu.rasa_wire import RasaServer

PROGRAM = ROOT / ".venv-rasa" / "bin" / "rasa"
HOST = "127.0.0.1"
START_WITHIN = 180.0
"""Seconds for TensorFlow and the model to load; 8 on an idle machine."""
LOOK_EVERY = 0.2
_QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
}


class RasaFailed(RuntimeError):
    """Rasa is not there, or its program ended with an error; holds the last of what it said."""


@dataclass(frozen=True, slots=True)
class Serving:
    """A Rasa server that runs."""

    url: str
    pid: int

    def most_memory_mb(self) -> float:
        """The most memory the server has held; 0 where the system does not say."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text("utf-8")
        except OSError:
            return 0.0
        return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


def missing() -> str:
    """What is missing to run Rasa; "" where nothing is."""
    return "" if PROGRAM.exists() else "there is no .venv-rasa: `make rasa-setup` builds it with Python 3.10"


def train(project: Path, within: float | None = None) -> None:
    """Trains the whole project; its model is in `project`/models. Raises RasaFailed. `within` is in seconds."""
    with TemporaryFile() as said:
        process = _start(project, said, "train", "--out", "models")
        try:
            status = process.wait(within)
        except subprocess.TimeoutExpired:
            raise RasaFailed(f"Rasa has not learnt within {within:.0f} s") from None
        finally:
            _end(process)
        if status:
            raise RasaFailed(f"Rasa could not learn: {_last(said)}")


@contextmanager
def serving(project: Path) -> Iterator[Serving]:
    """The project's newest model on a free port, as long as the block lasts. Raises RasaFailed."""
    port = _free_port()
    with TemporaryFile() as said:
        process = _start(project, said, "run", "--enable-api", "--interface", HOST, "--port", str(port))
        try:
            running = Serving(f"http://{HOST}:{port}", process.pid)
            _await(process, RasaServer(running.url, timeout=5.0), said)
            yield running
        finally:
            _end(process)


def _await(process: subprocess.Popen[bytes], server: RasaServer, said: IO[bytes]) -> None:
    ends = time.monotonic() + START_WITHIN
    while not server.is_ready():
        if process.poll() is not None:
            raise RasaFailed(f"Rasa did not start: {_last(said)}")
        if time.monotonic() > ends:
            raise RasaFailed(f"Rasa has not started within {START_WITHIN:.0f} s: {_last(said)}")
        time.sleep(LOOK_EVERY)


def _start(project: Path, said: IO[bytes], *arguments: str) -> subprocess.Popen[bytes]:
    if reason := missing():
        raise RasaFailed(reason)
    return subprocess.Popen(  # noqa: S603 the program is ours, and no shell reads the arguments
        [str(PROGRAM), *arguments],
        cwd=project,
        env=os.environ | _QUIET,
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=subprocess.STDOUT,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _last(said: IO[bytes], most: int = 2_000) -> str:
    """The end of what the program has said."""
    said.seek(0, os.SEEK_END)
    said.seek(max(0, said.tell() - most))
    return said.read().decode("utf-8", "replace").strip()


def _free_port() -> int:
    with socket.socket() as line:
        line.bind((HOST, 0))
        return int(line.getsockname()[1])
