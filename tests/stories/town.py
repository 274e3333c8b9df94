"""The whole product in one process, for stories: the real application with its workers, and staff in browsers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from fastapi import FastAPI

from bot.app import House, create_app
from bot.first_start import LOGINS
from config.settings import Settings
from tests.web.desk_house import Visitor


@dataclass
class Town:
    app: FastAPI
    folder: Path

    @property
    def house(self) -> House:
        house: House = self.app.state.house
        return house

    def client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url="http://town", headers={"Accept-Language": "lv"})

    @asynccontextmanager
    async def at_the_desk(self, login: str) -> AsyncIterator[Visitor]:
        """A browser whose user has logged in with the password made at the first start."""
        lines = (self.folder / LOGINS).read_text("utf-8").splitlines()
        password = dict(line.split("\t") for line in lines)[login]
        async with self.client() as client:
            visitor = Visitor(client)
            entered = await visitor.submits("/desk/login", "/desk/login", login=login, password=password)
            assert entered.status_code == 200
            yield visitor

    @asynccontextmanager
    async def passer_by(self) -> AsyncIterator[Visitor]:
        """A browser whose user has no log-in, only perhaps a link."""
        async with self.client() as client:
            yield Visitor(client)


@asynccontextmanager
async def town(database_url: str, folder: Path, channels: str = "webchat,api") -> AsyncIterator[Town]:
    settings = Settings(database_url=database_url, data_dir=folder, channels=channels, public_url="http://town")
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield Town(app, folder)
