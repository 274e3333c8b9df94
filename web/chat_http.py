"""The web chat over plain HTTP, for where WebSockets are blocked: the same talk, asked for by long polling."""

import asyncio
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError

from web.chat_house import ChatHouse, chat_house
from web.chat_line import LARGEST, said_of
from web.ears import Ear
from web.problems import Problem
from web.talk import Choose, Hints, Json, Say, new_visitor, token_of, visitor_of

router = APIRouter(include_in_schema=False)
LONGEST_WAIT = 25.0
NO_STORE = {"Cache-Control": "no-store"}


class Beginning(BaseModel):
    token: str | None = None


@router.post("/chat/session")
async def begin(request: Request) -> JSONResponse:
    """The token given back if it is ours, else a new one."""
    house = _open_to(request)
    try:
        beginning = Beginning.model_validate_json(await _body(request) or b"{}")
    except ValidationError as error:
        raise Problem(422, said_of(error)) from error
    visitor = visitor_of(house.portal, beginning.token) or new_visitor()
    return JSONResponse({"token": token_of(house.portal, visitor)}, headers=NO_STORE)


@router.post("/chat/messages")
async def say(request: Request) -> JSONResponse:
    house = _open_to(request)
    visitor = _visitor(request, house)
    said = _said(await _body(request))
    house.check_rate(request, visitor)
    taken = await house.hand_in(visitor, said, Hints())
    return JSONResponse({"stored": said.id}, 201 if taken.worked else 202, NO_STORE)


@router.get("/chat/messages")
async def messages(
    request: Request,
    after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    wait: Annotated[float, Query(ge=0, le=60, allow_inf_nan=False)] = 0,
) -> JSONResponse:
    """What is newer than `after`; where there is nothing, answers as soon as there is, at the latest after `wait`."""
    house = _open_to(request)
    visitor = _visitor(request, house)
    house.check_connections(visitor)
    with house.ears.listening(visitor, after) as ear:
        found = await _news(request, ear, min(wait, LONGEST_WAIT))
    return JSONResponse({"messages": found}, headers=NO_STORE)


async def _news(request: Request, ear: Ear, wait: float) -> list[Json]:
    if found := await ear.news():
        return found
    gone = asyncio.create_task(_gone(request))
    try:
        async with asyncio.timeout(wait):
            while not found and not gone.done():
                rung = asyncio.create_task(ear.rung())
                try:
                    await asyncio.wait([rung, gone], return_when=asyncio.FIRST_COMPLETED)
                finally:
                    rung.cancel()
                found = await ear.news()
    except TimeoutError:
        pass
    finally:
        gone.cancel()
    return found


async def _gone(request: Request) -> None:
    """Until the asker has hung up."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _open_to(request: Request) -> ChatHouse:
    house = chat_house(request)
    house.check_origin(request)
    return house


def _visitor(request: Request, house: ChatHouse) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    visitor = visitor_of(house.portal, token.strip()) if scheme.lower() == "bearer" else None
    if visitor is None:
        raise Problem(401, "The token is missing or not ours.", {"WWW-Authenticate": "Bearer"})
    return visitor


def _said(body: bytes) -> Say | Choose:
    try:
        given = orjson.loads(body)
        return Choose.model_validate(given) if "value" in given else Say.model_validate(given)
    except (orjson.JSONDecodeError, TypeError) as error:
        raise Problem(400, "The message is no JSON object.") from error
    except ValidationError as error:
        raise Problem(422, said_of(error)) from error


async def _body(request: Request) -> bytes:
    read = b""
    async for part in request.stream():
        read += part
        if len(read) > LARGEST:
            raise Problem(413, f"A message may have at most {LARGEST} bytes.")
    return read
