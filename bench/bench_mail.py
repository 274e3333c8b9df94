"""Mails turned into tickets: how many a second beside django-helpdesk, and how much memory. One JSON line each.

    python -m bench.bench_mail [rate|flat|large]

Each measures in a process of its own, by the real way: stored in the inbox, worked into a ticket, on SQLite where every
commit is synced to disk. Nothing is sent. For django-helpdesk's side, give it an environment of its own and say where:

    python3 -m venv /tmp/helpdesk && /tmp/helpdesk/bin/pip install "django-helpdesk[teams]"
    HELPDESK_PYTHON=/tmp/helpdesk/bin/python python -m bench.bench_mail rate
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from sqlalchemy import func
from sqlmodel import Session, col, select

from bench.letters import large, letters
from bot.app import House
from bot.inbox import Inbox
from bot.worker import Worker
from channels.mail.identity import identity, sender
from config.settings import ROOT, Settings
from models.queue import PENDING, InboxRow, State
from models.ticket import Ticket
from nlu.understand import Band, Intent, Understanding

WHOLE, MAILS, THEIRS, MANY = 400, 2000, 400, 10_000
"""for our rate with and without understanding, for theirs, and for memory"""
AT_ONCE = 16
"""handed in at the same time, as mail servers do"""
LARGE_MB = 25
MB = 1024 * 1024
Figures = dict[str, object]


def main() -> None:
    if chosen := sys.argv[1:]:
        MEASURES[chosen[0]]()
        return
    for name in MEASURES:
        subprocess.run([sys.executable, "-m", "bench.bench_mail", name], check=True, cwd=ROOT)


def rate() -> None:
    """Ours whole, then without understanding the question, which theirs does not do either, then theirs."""
    with tempfile.TemporaryDirectory() as folder:
        house = asyncio.run(_rate(Path(folder), list(letters(WHOLE)), _house))
        _print("mail rate", **house)
        bare = asyncio.run(_rate(Path(folder) / "bare", list(letters(MAILS)), _not_understanding))
        _print("mail rate without understanding", **bare)
        theirs = _helpdesk(Path(folder) / "theirs")
    _print("mail rate of django-helpdesk", **theirs)
    if "a_second" in theirs:
        _print("mail rate beside it", whole=_times(house, theirs), without_understanding=_times(bare, theirs))


def _times(ours: Figures, theirs: Figures) -> dict[str, float]:
    """How often theirs, by the clock and by what the processor did."""
    clock = float(str(ours["a_second"])) / float(str(theirs["a_second"]))
    processor = float(str(theirs["cpu_ms_each"])) / float(str(ours["cpu_ms_each"]))
    return {"by_the_clock": round(clock, 1), "by_processor_time": round(processor, 1)}


def flat() -> None:
    """Without understanding, which would take half an hour and whose memory bench_questions measures."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_flat(Path(folder)))


def large_one() -> None:
    with tempfile.TemporaryDirectory() as folder:
        mail = Path(folder) / "large.eml"
        mail.write_bytes(large(LARGE_MB * MB))
        asyncio.run(_large(Path(folder), mail, mail.stat().st_size / MB))


MEASURES: dict[str, Callable[[], None]] = {"rate": rate, "flat": flat, "large": large_one}


async def _rate(folder: Path, mails: list[bytes], workers: Callable[[House], tuple[Inbox, Worker]]) -> Figures:
    house = await _ready(folder)
    inbox, worker = workers(house)
    load, began, cpu = os.getloadavg()[0], time.perf_counter(), time.process_time()
    await _through(house, inbox, worker, mails)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    figures = await house.database.reading(_counted)
    await asyncio.to_thread(house.database.close)
    each = {"a_second": round(len(mails) / took, 1), "cpu_ms_each": round(1000 * cpu / len(mails), 2)}
    return {"mails": len(mails), **figures, "seconds": round(took, 2), **each, "load_before": round(load, 1)}


async def _flat(folder: Path) -> None:
    house, seen = await _ready(folder), []
    made, workers = letters(MANY), _not_understanding(house)
    for _ in range(10):
        await _through(house, *workers, [next(made) for _ in range(MANY // 10)])
        seen.append(_status_mb("VmRSS"))
    figures = await house.database.reading(_counted)
    _print("mail memory", mails=MANY, **figures, rss_mb=seen, grown_mb=round(seen[-1] - seen[1], 1))
    await asyncio.to_thread(house.database.close)


async def _large(folder: Path, mail: Path, size: float) -> None:
    house = await _ready(folder)
    await _through(house, *_house(house), list(letters(50)))
    stored = await _peak(lambda: _hand_in(house.inbox, mail.read_bytes()))
    worked = await _peak(lambda: _work_off(house))
    figures = await house.database.reading(_counted)
    for what, peak in (("storing", stored), ("working", worked)):
        _print(
            f"mail memory while {what} a large one", size_mb=round(size, 1), peak_mb=peak, times=round(peak / size, 2)
        )
    _print("mail large", **figures)
    await asyncio.to_thread(house.database.close)


async def _ready(folder: Path) -> House:
    """A house whose worker works, and nothing else: no listening, no sending, no ticking."""
    url = f"sqlite:///{folder}/atbilde.db"
    house = House(Settings(database_url=url, data_dir=folder / "data", channels="email", secret_key=None))
    await house.work_off()
    while await asyncio.to_thread(house.brain.learn):
        pass
    await asyncio.to_thread(house.brain.understand, "Kas te notiek, ja neviens neatbild?", "", "", "")
    return house


def _house(house: House) -> tuple[Inbox, Worker]:
    return house.inbox, house.worker


def _not_understanding(house: House) -> tuple[Inbox, Worker]:
    """Every question goes to people, as at a desk without an engine; all else is as ever."""
    unknown = Understanding("lv", Intent.QUESTION, Band.ROUTE, (), (), 0.0)
    worker = Worker(
        house.database,
        house.channels,
        lambda *_: unknown,
        house.brain.published,
        house.store,
        house.owner,
        stored=lambda _: None,
    )
    return Inbox(house.database, house.owner, worker.wake, {"email": house.channels["email"].largest}), worker


async def _through(house: House, inbox: Inbox, worker: Worker, mails: Iterable[bytes]) -> None:
    """Handed in by several at a time while the worker works, until the last is a ticket."""
    waiting = iter(mails)

    async def hand_in_on() -> None:
        for raw in waiting:
            await _hand_in(inbox, raw)

    working = asyncio.create_task(worker.run())
    await asyncio.gather(*(hand_in_on() for _ in range(AT_ONCE)))
    while await house.database.reading(_pending):  # noqa: ASYNC110 - the work ends in threads
        await asyncio.sleep(0.05)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def _hand_in(inbox: Inbox, raw: bytes) -> None:
    await inbox.receive("email", identity(raw), raw, sender(raw))


async def _work_off(house: House) -> None:
    while await house.worker.work():
        pass


async def _peak(work: Callable[[], Awaitable[None]]) -> float:
    """How many MB more than before it took at its height."""
    before = _status_mb("VmRSS")
    _forget_peak()
    await work()
    return round(_status_mb("VmHWM") - before, 1)


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", "ascii")


def _status_mb(name: str) -> float:
    status = Path("/proc/self/status").read_text("utf-8")
    line = next(line for line in status.splitlines() if line.startswith(name))
    return round(int(line.split()[1]) / 1024, 1)


def _pending(session: Session) -> int:
    return session.exec(select(func.count(col(InboxRow.id))).where(col(InboxRow.state).in_(PENDING))).one()


def _counted(session: Session) -> dict[str, int]:
    states = session.exec(select(InboxRow.state, func.count(col(InboxRow.id))).group_by(InboxRow.state)).all()
    tickets = session.exec(select(func.count(col(Ticket.id)))).one()
    return {"tickets": tickets} | {f"rows_{state}": number for state, number in states if state != State.WORKING}


def _helpdesk(folder: Path) -> Figures:
    python = os.environ.get("HELPDESK_PYTHON")
    if not python:
        return {"skipped": "HELPDESK_PYTHON names no environment with django-helpdesk; see bench/bench_mail.py"}
    (folder / "mails").mkdir(parents=True)
    for number, raw in enumerate(letters(THEIRS)):
        (folder / "mails" / f"{number:06}.eml").write_bytes(raw)
    script = ROOT / "bench" / "helpdesk_import.py"
    load = os.getloadavg()[0]
    done = subprocess.run([python, script, folder / "mails"], capture_output=True, text=True, check=False)
    if done.returncode:
        return {"skipped": done.stderr.strip().splitlines()[-1]}
    figures: Figures = json.loads(done.stdout)
    return figures | {"load_before": round(load, 1)}


def _print(bench: str, **figures: object) -> None:
    print(json.dumps({"bench": bench, **figures}), flush=True)


if __name__ == "__main__":
    main()
