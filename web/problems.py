"""Errors as RFC 9457 problem details: for programs `application/problem+json`, the same words for people."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

TITLES = {
    400: "The request cannot be read",
    401: "Who are you?",
    403: "Not allowed",
    404: "Not found",
    405: "Not this way",
    409: "Contradicts what is there",
    410: "No longer valid",
    413: "Too large",
    415: "Not this kind of content",
    422: "The request has mistakes",
    429: "Too many requests",
    500: "Our mistake",
    503: "Not ready",
}


SCHEMA = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": {"field": {"type": "string"}, "error": {"type": "string"}}},
        },
    },
}


class Problem(Exception):
    """Ends a request with a problem document."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers
        self.more = more


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    body = {"type": "about:blank", "title": TITLES.get(status, "Error"), "status": status, "detail": detail, **more}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What the description of a route says of its errors."""
    content = {"application/problem+json": {"schema": SCHEMA}}
    return {status: {"description": TITLES[status], "content": content} for status in statuses}


def add_problems(app: FastAPI) -> None:
    """Every error of the application becomes a problem document; a mistake of ours tells nothing of the inside."""
    app.add_exception_handler(Problem, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _mistake)


async def _ours(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return problem(error.status, error.detail, error.headers, **error.more)


async def _invalid(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    errors = [{"field": ".".join(str(part) for part in e["loc"][1:]), "error": e["msg"]} for e in error.errors()]
    status = 400 if any(e["type"] == "json_invalid" for e in error.errors()) else 422
    said = "; ".join(f"{e['field']}: {e['error']}" if e["field"] else str(e["error"]) for e in errors[:5])
    return problem(status, said, errors=errors[:20])


async def _http(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return problem(error.status_code, str(error.detail), dict(error.headers) if error.headers else None)


async def _mistake(_request: Request, _error: Exception) -> Response:
    return problem(500, "Something went wrong on our side; what you sent before is safe. Please try again.")
