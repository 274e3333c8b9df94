"""A Bot API server over real HTTP, held to the published schema in what it takes and in what it gives."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from tests.channels.bot_api_citizen import Json
from tests.channels.bot_api_methods import ApiError, BotApiMethods
from tests.channels.bot_api_schema import schema

TOKEN = "1234567:AA-fake_token"


@dataclass
class Failure:
    method: str
    told: ApiError
    after: int


class BotApi(BotApiMethods):
    """`async with BotApi() as api`: listens at `api.url`. What broke the schema stands in `violations`."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, Json]] = []
        self.answers: list[tuple[str, Any]] = []
        self.url = ""
        self._failures: list[Failure] = []
        self._drops = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/bot{token:[^/]+}/{method}", self._handle)
        app.router.add_get("/file/bot{token:[^/]+}/{path:.+}", self._download)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop_delivery()
        await self._runner.cleanup()

    def fail_next(
        self,
        status: int,
        description: str = "",
        *,
        retry_after: int | None = None,
        method: str = "sendMessage",
        after: int = 0,
        page: str = "",
    ) -> None:
        """The next call of the method, or a later one where `after` calls pass before it."""
        told = ApiError(status, description or f"scripted {status}", retry_after, page)
        self._failures.append(Failure(method, told, after))

    def fail_download(self, status: int) -> None:
        self.fail_next(status, method="download")

    def drop_connection_after_taking_next(self) -> None:
        """The next message is taken and shown to the citizen, and then the line breaks."""
        self._drops += 1

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await self._wake.wait()

    def called(self, method: str) -> list[Json]:
        return [parameters for name, parameters in self.calls if name == method]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            if request.match_info["token"] != TOKEN:
                raise ApiError(401, "Unauthorized")
            result = await self._take(method, await _parameters(request))
            if method == "sendMessage" and self._drops:
                self._drops -= 1
                assert request.transport
                request.transport.abort()
            return web.json_response({"ok": True, "result": result})
        except ApiError as told:
            if told.page:
                body = told.page.encode("utf-8", "surrogateescape")
                return web.Response(status=told.status, body=body, content_type="text/html", charset="utf-8")
            extra = {"parameters": {"retry_after": told.retry_after}} if told.retry_after else {}
            answer = {"ok": False, "error_code": told.status, "description": told.description, **extra}
            return web.json_response(answer, status=told.status)
        except Exception as error:
            self.violations.append(f"{method}: the fake itself failed: {error!r}")
            raise
        finally:
            self.changed()

    async def _take(self, method: str, parameters: Json) -> Any:
        self.calls.append((method, parameters))
        self.changed()
        do: Callable[[Json], Awaitable[Any]] | None = getattr(self, f"_do_{method}", None)
        if do is None:
            self.violations.append(f"{method} is unknown to the schema or to this fake")
            raise ApiError(404, "Not Found: method not found")
        if faults := schema().request_faults(method, parameters):
            self.violations += faults
            raise ApiError(400, f"Bad Request: {faults[0]}")
        self._fail_where_scripted(method)
        result = await do(parameters)
        self.violations += schema().answer_faults(method, result)
        self.answers.append((method, result))
        return result

    def _fail_where_scripted(self, method: str) -> None:
        failure = next((failure for failure in self._failures if failure.method == method), None)
        if failure and failure.after:
            failure.after -= 1
        elif failure:
            self._failures.remove(failure)
            raise failure.told

    async def _download(self, request: web.Request) -> web.Response:
        try:
            self._fail_where_scripted("download")
            content = dict(self.files.values())[request.match_info["path"]]
            return web.Response(body=content, status=200 if request.match_info["token"] == TOKEN else 401)
        except (ApiError, KeyError) as error:
            return web.Response(status=getattr(error, "status", 404), text="Not Found")


async def _parameters(request: web.Request) -> Json:
    if request.content_type == "application/json":
        return {**request.query, **json.loads(await request.read() or b"{}")}
    return {**request.query, **(await request.post())}


@asynccontextmanager
async def bot_api() -> AsyncIterator[BotApi]:
    """For a fixture: fails the test at its end where anything broke the schema."""
    async with BotApi() as api:
        yield api
    assert api.violations == []
