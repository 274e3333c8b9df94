"""The web chat over a WebSocket: each thing the citizen says is stored before it is acknowledged."""

import asyncio
from collections.abc import Awaitable
from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import Field, ValidationError

from web.chat_house import ChatHouse, chat_house
from web.chat_line import NORMAL, OUR_MISTAKE, POLICY, Closing, Line, said_of
from web.ears import Ear
from web.problems import Problem
from web.talk import Choose, Hints, Json, Say, new_visitor, token_of, visitor_of

log = structlog.get_logger()
router = APIRouter()
IDLE = 600.0
"""seconds without a frame after which a connection is closed; the page pings every 30"""
GREETING = 30.0
"""seconds a connection has to say hello"""
REFUSALS = 10
"""messages refused for their number before the connection is closed"""
SAID: dict[object, type[Say] | type[Choose]] = {"say": Say, "choose": Choose}


class Hello(Hints):
    type: Literal["hello"]
    token: Any = None
    last: Annotated[int, Field(ge=0, lt=2**63, strict=True)] = 0


@router.websocket("/chat")
async def chat(socket: WebSocket) -> None:
    house = chat_house(socket)
    try:
        house.check_origin(socket)
    except Problem as problem:
        await socket.close(POLICY, problem.detail)
        return
    await socket.accept()
    line = Line(socket)
    try:
        await Connection(socket, line, house).run()
    except WebSocketDisconnect:
        pass
    except Closing as closing:
        await line.close(closing.code, str(closing))
    except Exception:
        log.exception("a chat connection failed")
        await line.close(OUR_MISTAKE, "our mistake; please connect again")


class Connection:
    """One open chat: listens to the citizen and tells what is new, both at once."""

    def __init__(self, socket: WebSocket, line: Line, house: ChatHouse) -> None:
        self._socket = socket
        self._line = line
        self._house = house
        self._refusals = 0
        self._unacknowledged: set[str] = set()
        self._hints = Hints()
        self._visitor = ""

    async def run(self) -> None:
        self._hints = hello = await self._greeted()
        visitor = visitor_of(self._house.portal, hello.token)
        # A token that is not ours may be anybody's guess: such a visitor begins anew and sees nothing of before.
        self._visitor, after = (visitor, hello.last) if visitor else (new_visitor(), 0)
        try:
            self._house.check_connections(self._visitor)
        except Problem as problem:
            raise Closing(POLICY, problem.detail) from problem
        with self._house.ears.listening(self._visitor, after) as ear:
            token = token_of(self._house.portal, self._visitor)
            await self._line.send({"type": "welcome", "token": token, "messages": await ear.news()})
            await _first_of(self._listen(), self._tell(ear))

    async def _greeted(self) -> Hello:
        try:
            async with asyncio.timeout(GREETING):
                while True:
                    frame = await self._line.frame()
                    try:
                        return Hello.model_validate(frame)
                    except ValidationError as error:
                        await self._line.refuse(frame, 422, f"Say hello first. {said_of(error)}")
        except TimeoutError as error:
            raise Closing(POLICY, "nobody said hello") from error

    async def _listen(self) -> None:
        while True:
            try:
                async with asyncio.timeout(IDLE):
                    frame = await self._line.frame()
            except TimeoutError as error:
                raise Closing(NORMAL, "idle") from error
            try:
                await self._take(frame)
            except ValidationError as error:
                await self._line.refuse(frame, 422, said_of(error))
            except Problem as problem:
                await self._line.refuse(frame, problem.status, problem.detail)

    async def _tell(self, ear: Ear) -> None:
        while True:
            await ear.rung()
            for message in await ear.news():
                await self._acknowledge(message.get("client_id", ""))
                await self._line.send({"type": "message", "message": message})

    async def _take(self, frame: Json) -> None:
        kind = frame.get("type")
        model = SAID.get(kind) if isinstance(kind, str) else None
        if model is None:
            raise Problem(400, "The type of a frame is say, choose or ping.")
        said = model.model_validate(frame)
        self._check_rate()
        self._unacknowledged.add(said.id)
        try:
            await self._house.hand_in(self._visitor, said, self._hints)
        except Exception as error:
            self._unacknowledged.discard(said.id)
            log.exception("a chat message could not be stored")
            raise Problem(503, "The message could not be stored just now; please send it again.") from error
        await self._acknowledge(said.id)

    def _check_rate(self) -> None:
        try:
            self._house.check_rate(self._socket, self._visitor)
        except Problem as problem:
            self._refusals += 1
            if self._refusals > REFUSALS:
                raise Closing(POLICY, problem.detail) from problem
            raise

    async def _acknowledge(self, client_id: str) -> None:
        """Once, and before the message itself is told: seen in the database it is stored, whoever notices first."""
        if client_id in self._unacknowledged:
            self._unacknowledged.discard(client_id)
            await self._line.send({"type": "stored", "id": client_id})


async def _first_of(*works: Awaitable[None]) -> None:
    """Runs them together until the first ends; then ends the others and raises what it raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
