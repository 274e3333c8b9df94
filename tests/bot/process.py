"""The product as a process of its own, which tests kill without a word."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import httpx
from sqlalchemy import text, update
from sqlmodel import Session, col, select

from config.settings import ROOT
from models.database import Database
from models.moments import now
from models.queue import PENDING, InboxRow, OutboxRow, State

MAIN = "from bot.cli import main; main()"
STARTS_WITHIN = 60


class Server:
    """`atbilde serve`. `before` is Python that it runs first."""

    def __init__(self, database_url: str, folder: Path, settings: Mapping[str, str], before: str = "") -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.database_url = database_url
        self.log = folder / "server.log"
        self._folder = folder
        self._settings = settings
        self._command = [sys.executable, "-c", f"{before}\n{MAIN}", "serve"]
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Returns when it is ready."""
        process = await self.begin()
        async with asyncio.timeout(STARTS_WITHIN), httpx.AsyncClient() as client:
            while not await self._ready(client):
                assert process.poll() is None, self.log.read_text("utf-8")[-3000:]
                await asyncio.sleep(0.05)

    async def begin(self) -> "subprocess.Popen[bytes]":
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "DATABASE_URL": self.database_url,
            "DATA_DIR": str(self._folder / "var"),
            "PORT": str(self.port),
            "EMAIL_SMTP_LISTEN": "",
            **self._settings,
        }
        with self.log.open("ab") as log:
            self._process = await asyncio.to_thread(
                subprocess.Popen, self._command, cwd=self._folder, env=environment, stdout=log, stderr=log
            )
        return self._process

    async def _ready(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(f"{self.address}/readyz", timeout=2)).status_code == 200
        except httpx.TransportError:
            return False

    async def end(self, how: signal.Signals = signal.SIGKILL) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(how)
        return await asyncio.to_thread(process.wait, 30)

    async def dies(self) -> int:
        """By itself; returns what it ended with."""
        process, self._process = self._process, None
        return await asyncio.to_thread(process.wait, STARTS_WITHIN) if process else 0


def a_minute_passes(database: Database) -> None:
    """So that what a killed process held may be taken over."""
    over = now() - timedelta(seconds=1)

    def work(session: Session) -> None:
        for table in (InboxRow, OutboxRow):
            held = col(table.state) == State.WORKING
            session.execute(update(table).where(held).values(lease_until=over))

    database.write(work)
    nobody_leads(database)


def nobody_leads(database: Database) -> None:
    """So that the next process does at once what only one may do."""
    database.write(lambda session: session.execute(text("DELETE FROM lease")))


def pending(database: Database) -> int:
    """Rows that are left to work on."""
    with database.read() as session:
        inbox = session.exec(select(InboxRow.id).where(col(InboxRow.state).in_(PENDING))).all()
        outbox = session.exec(select(OutboxRow.id).where(col(OutboxRow.state).in_(PENDING))).all()
    return len(inbox) + len(outbox)
