"""The first start, also of several processes at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from sqlmodel import func, select

from bot.first_start import FIRST, LOGINS, prepare
from models.canned import CannedReply
from models.database import Database
from models.staff import Person

PROCESSES = 4


def test_of_several_processes_that_start_first_one_makes_the_people(database: Database, tmp_path: Path) -> None:
    start = Barrier(PROCESSES)

    def begin(number: int) -> None:
        start.wait()
        prepare(database, tmp_path / str(number))

    with ThreadPoolExecutor(PROCESSES) as threads:
        list(threads.map(begin, range(PROCESSES)))

    with database.read() as session:
        assert session.exec(select(func.count()).select_from(Person)).one() == len(FIRST)
        names = session.exec(select(CannedReply.name)).all()
    assert len(set(names)) == len(names) > 0
    assert len(list(tmp_path.glob(f"*/{LOGINS}"))) == 1
