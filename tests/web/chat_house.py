"""A small house for the chat alone: the real routers over a real socket, and a bot that only echoes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import orjson
import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, func, select
from starlette.staticfiles import StaticFiles
from websockets.sync.client import ClientConnection, connect

from bot.channels import open_letter
from channels.base import Inbound, Kind
from channels.webchat import WebChat
from config.settings import Settings
from models.contact import Contact, contact_of
from models.database import Database
from models.message import Message, heard, say
from models.moments import now
from models.queue import InboxRow, State
from models.ticket import Ticket, open_ticket
from web import chat
from web.limits import RateLimit
from web.pages import STATIC
from web.portal import Listeners, Portal, Taken
from web.problems import add_problems
from web.signing import Signing

KEY = "a key for tests only, with enough characters"


class ChatHouse:
    """`address` answers HTTP and WebSockets."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        url = f"sqlite:///{folder / 'chat.db'}"
        usual: dict[str, Any] = {"database_url": url, "data_dir": folder, "questions_per_minute": 1000}
        self.settings = Settings(**usual | settings)
        self.database = Database(self.settings.database_url)
        SQLModel.metadata.create_all(self.database.engine)
        self.signing = Signing(KEY)
        self.listeners = Listeners()
        self.fail = 0
        """how many messages cannot be stored"""
        self.tells = True
        """whether this process notices what it stores; else only the look at the database finds it"""
        self.app = self._app()
        self.server = Server(self.app, lifespan="off")

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    @contextmanager
    def chat(self, **headers: str) -> Iterator["Chat"]:
        with connect(f"ws://{self.address}/chat", additional_headers=headers, max_size=None) as connection:
            yield Chat(connection)

    def token(self, visitor: str, purpose: str = "visitor") -> str:
        return self.signing.sign(purpose, visitor)

    def count(self, table: type[SQLModel]) -> int:
        with self.database.read() as session:
            return session.exec(select(func.count()).select_from(table)).one()

    def person_says(self, visitor: str, text: str) -> None:
        """Stores an answer as another process would: nobody here is told."""

        def work(session: Session) -> None:
            contact = contact_of(session, "webchat", visitor, now(), name="", language="lv")
            say(session, contact, None, text, now(), pulled=True)

        self.database.write(work)

    @contextmanager
    def open(self) -> Iterator["ChatHouse"]:
        self.server.start()
        try:
            yield self
        finally:
            self.server.stop()
            self.database.close()

    async def take(self, channel: str, external_id: str, raw: bytes, conversation: str) -> Taken:
        if self.fail:
            self.fail -= 1
            raise OSError("the disk is full")
        (inbound,) = WebChat().parse(raw)
        assert inbound.external_id == external_id
        try:
            contact_id = await self.database.writing(lambda session: self._answer(session, channel, inbound, raw))
        except IntegrityError:
            return Taken(new=False, worked=True, inbox_id=0, raw=raw)
        if self.tells:
            self.listeners.tell(contact_id)
        return Taken(new=True, worked=True, inbox_id=0, raw=raw)

    def _answer(self, session: Session, channel: str, inbound: Inbound, raw: bytes) -> int:
        at = now()
        contact = contact_of(session, channel, inbound.conversation, at, name="", language=inbound.language or "lv")
        ticket = session.exec(select(Ticket).where(Ticket.contact_id == contact.id)).first()
        ticket = ticket or open_ticket(session, contact, at)
        session.add(
            InboxRow(
                channel=channel, conversation=inbound.conversation, external_id=inbound.external_id, raw=raw,
                received_at=at, due_at=at, state=State.DONE, ticket_id=ticket.id,
            )
        )  # fmt: skip
        if inbound.kind is Kind.CHOICE:
            say(session, contact, ticket, f"chose {inbound.choice}", at, pulled=True)
        else:
            heard(session, contact, ticket, inbound.text, at, external_id=inbound.external_id)
            session.flush()
            choices = [{"value": "h:yes", "label": "Jā"}, {"value": "h:no", "label": "Nē"}]
            say(session, contact, ticket, f"echo {inbound.text}", at, pulled=True, choices=choices)
        return contact.id or 0

    def _app(self) -> FastAPI:
        app = FastAPI()
        app.state.portal = Portal(
            settings=self.settings,
            database=self.database,
            signing=self.signing,
            take=self.take,
            pulled=frozenset({"webchat"}),
            wake_outbox=lambda: None,
            said=self.listeners,
            rate_limit=RateLimit(self.settings),
            file=lambda _: iter(()),
            open_letter=open_letter,
        )
        add_problems(app)
        app.mount("/static", StaticFiles(directory=STATIC))
        app.include_router(chat.router)
        return app


class Chat:
    """The citizen's end of a WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.token = ""

    def hello(self, token: object = None, last: object = 0, **more: object) -> dict[str, Any]:
        self.send({"type": "hello", "token": token, "language": "lv", "last": last} | more)
        welcome = self.hear("welcome")
        self.token = welcome["token"]
        return welcome

    def send(self, frame: object) -> None:
        self.connection.send(frame if isinstance(frame, str | bytes) else orjson.dumps(frame).decode())

    def say(self, text: str, client_id: str = "11111111") -> None:
        self.send({"type": "say", "id": client_id, "text": text})

    def hear(self, kind: str, seconds: float = 5) -> dict[str, Any]:
        """The next frame, which must be of that kind."""
        frame: dict[str, Any] = orjson.loads(self.connection.recv(seconds))
        assert frame["type"] == kind, frame
        return frame

    def messages(self, number: int) -> list[dict[str, Any]]:
        return [self.hear("message")["message"] for _ in range(number)]

    def says_nothing_more(self) -> bool:
        """True where the answer to a ping is the next thing that comes."""
        self.send({"type": "ping"})
        return bool(self.hear("pong"))


def visitors(house: ChatHouse) -> list[str]:
    with house.database.read() as session:
        return list(session.exec(select(Contact.address)))


def texts(house: ChatHouse) -> list[str]:
    with house.database.read() as session:
        return list(session.exec(select(Message.text).order_by(Message.id)))  # type: ignore[arg-type]


class Server(uvicorn.Server):
    """Serves in a thread on a port that was free."""

    def __init__(self, app: FastAPI, lifespan: Literal["on", "off"]) -> None:
        super().__init__(uvicorn.Config(app, log_config=None, ws_max_size=64 * 1024, lifespan=lifespan))
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._started = threading.Event()
        self._thread = threading.Thread(target=self.run, args=([self._socket],), daemon=True)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._started.set()

    def start(self) -> None:
        self._thread.start()
        assert self._started.wait(60)

    def stop(self) -> None:
        self.should_exit = True
        self._thread.join(15)
        assert not self._thread.is_alive()
