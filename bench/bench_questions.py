"""Time from POST of a question to the stored reply, p50 and p99, and questions a second; memory and time to ready.

One process on SQLite, everything stored durably (synchronous=FULL). One JSON line for each number of clients.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import asdict
from pathlib import Path

import yaml

from bench.load import ask_many
from config.settings import CONFIG, ROOT

PORT = 8765
CLIENTS = (1, 16)
QUESTIONS = 3000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, server = _start(folder)
        _stop(server)
        second, server = _start(folder)
        time.sleep(3)
        idle = _rss_mb(server.pid)
        print(json.dumps({"bench": "start", "first_ready_s": first, "second_ready_s": second, "idle_rss_mb": idle}))
        texts = _texts()
        ask_many(PORT, 4, 400, texts, "warm")
        for clients in CLIENTS:
            figures = ask_many(PORT, clients, QUESTIONS, texts, f"run{clients}")
            print(json.dumps({"bench": "questions", **asdict(figures), "rss_mb": _rss_mb(server.pid)}))
        _stop(server)


def _start(folder: str) -> tuple[float, "subprocess.Popen[bytes]"]:
    """Starts the server; seconds until /readyz says so."""
    settings = {
        "PORT": str(PORT),
        "DATABASE_URL": f"sqlite:///{folder}/atbilde.db",
        "DATA_DIR": folder,
        "CHANNELS": "webchat,api",
    }
    began = time.perf_counter()
    command = [str(Path(sys.executable).with_name("atbilde")), "serve"]
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ | settings, stdout=subprocess.DEVNULL)
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=1):
                return round(time.perf_counter() - began, 2), server
        except OSError:
            if server.poll() is not None:
                raise RuntimeError("the server did not start") from None
            time.sleep(0.02)


def _stop(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    server.wait(20)


def _rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024, 1)


def _texts() -> list[str]:
    """Questions in and outside the catalogue: every service's first question and those of the sample tickets."""
    texts = [line for line in (CONFIG / "demo-questions.txt").read_text("utf-8").splitlines() if line]
    for path in sorted((ROOT / "catalogue" / "start").glob("services-*.yaml")):
        texts += [service["questions"]["lv"][0] for service in yaml.safe_load(path.read_text("utf-8"))["services"]]
    return texts


if __name__ == "__main__":
    main()
