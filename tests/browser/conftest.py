"""The whole application on a port of its own, and Chromium to look at it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlmodel import Session, col, select

from bot.app import create_app
from bot.brain import Brain
from config.settings import Settings
from models.contact import contact_of
from models.database import Database
from models.message import Author, Direction, Message, say
from models.moments import now
from tests.browser.desk import Opener
from tests.web.chat_house import Server
from tests.web.desk_house import PASSWORD, DeskHouse, open_house

CHROMIUM = Path("/usr/bin/chromium")
expect.set_options(timeout=15_000)


@dataclass
class Served:
    """The application's address, and its database as another process sees it."""

    address: str
    database: Database

    def heard(self, text: str) -> int:
        """How often a citizen's message stands in the database."""
        with self.database.read() as session:
            found = select(Message.id).where(col(Message.text) == text, col(Message.direction) == Direction.IN)
            return len(session.exec(found).all())

    def person_says(self, visitor: str, text: str) -> None:
        def work(session: Session) -> None:
            contact = contact_of(session, "webchat", visitor, now(), name="", language="lv")
            say(session, contact, None, text, now(), pulled=True, author=Author.INSTITUTION, author_name="PMLP")

        self.database.write(work)


@pytest.fixture(scope="session")
def served(prepared_sqlite: Path, learnt: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = shutil.copytree(learnt, tmp_path_factory.mktemp("served"), dirs_exist_ok=True)
    shutil.copy(prepared_sqlite, folder / "atbilde.db")
    url = f"sqlite:///{folder / 'atbilde.db'}"
    settings = Settings(database_url=url, data_dir=folder, channels="webchat,api", questions_per_minute=1000)
    server = Server(create_app(settings), lifespan="on")
    server.start()
    database = Database(url)
    yield Served(f"http://127.0.0.1:{server.port}", database)
    database.close()
    server.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"needs {CHROMIUM}")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def open_browser(chromium: Browser, served: Served) -> Iterator[Any]:
    """`open_browser(locale="lv", …)`: a browser of a citizen who was never here; page errors fail the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def opened(**options: Any) -> Page:
        context = chromium.new_context(**{"base_url": served.address, "locale": "lv"} | options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(open_browser: Any) -> Page:
    opened: Page = open_browser()
    return opened


@pytest.fixture
def desk(prepared_sqlite: Path, tmp_path: Path, brain: Brain) -> Iterator[DeskHouse]:
    shutil.copy(prepared_sqlite, tmp_path / "atbilde.db")
    house = open_house(f"sqlite:///{tmp_path / 'atbilde.db'}", brain, tmp_path)
    yield house
    house.database.close()


@pytest.fixture
def browse(desk: DeskHouse, chromium: Browser) -> Iterator[Opener]:
    """`browse("anna", width=320, javascript=False)`: a window in which Anna has logged in."""
    server = Server(desk.app, lifespan="off")
    server.start()
    contexts, errors = [], []

    def opened(login: str = "", *, width: int = 1280, javascript: bool = True) -> Page:
        context = chromium.new_context(
            base_url=f"http://127.0.0.1:{server.port}",
            locale="lv",
            viewport={"width": width, "height": 800},
            java_script_enabled=javascript,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
        if login:
            page.goto("/desk")
            page.get_by_label("Lietotājvārds").fill(login)
            page.get_by_label("Parole").fill(PASSWORD)
            page.get_by_role("button", name="Pieteikties").click()
            expect(page.get_by_role("button", name="Iziet")).to_be_visible()
            page.wait_for_load_state()  # a key pressed before the page has its script does nothing
        return page

    yield opened
    for context in contexts:
        context.close()
    server.stop()
    assert errors == []
