"""Pages: templates, their words by language, and the headers that keep a page to itself."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import ChainableUndefined, Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse

from config.replies import DEFAULT, LANGUAGES, in_words
from config.settings import CONFIG
from web.portal import portal_of

HERE = Path(__file__).parent
STATIC = HERE / "static"
COOKIE = "language"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; manifest-src 'self'; frame-src 'self'"
)


def language_of(request: Request, known: tuple[str, ...] = LANGUAGES) -> str:
    """`?language=`, else the cookie, else what the browser asks for, else Latvian."""
    asked = [request.query_params.get("language", ""), request.cookies.get(COOKIE, "")]
    asked += [part.split(";")[0].strip()[:2] for part in request.headers.get("accept-language", "").split(",")]
    return next((language for language in asked if language in known), DEFAULT)


def page(
    request: Request,
    template: str,
    *,
    words: str,
    language: str,
    status: int = 200,
    frame_ancestors: str = "'none'",
    **values: Any,
) -> HTMLResponse:
    """Renders `templates/<template>`; in it `t.key` are the words of `config/<words>.<language>.yaml`."""
    html = (
        _environment()
        .get_template(template)
        .render(request=request, language=language, t=page_words(words, language), path=request.url.path, **values)
    )
    response = HTMLResponse(html, status)
    response.headers["Content-Security-Policy"] = f"{CSP}; frame-ancestors {frame_ancestors}"
    response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "no-store"
    if request.query_params.get("language") == language:
        secure = portal_of(request).settings.secure_cookies
        response.set_cookie(COOKIE, language, max_age=31_536_000, samesite="lax", httponly=True, secure=secure)
    return response


@lru_cache
def page_words(name: str, language: str) -> dict[str, Any]:
    """All words of a set of pages, also those that stand in parts of it; Latvian where the language is not there."""
    if not (CONFIG / f"{name}.{language}.yaml").exists():
        language = DEFAULT
    words: dict[str, Any] = {}
    for path in (CONFIG / f"{name}.{language}.yaml", *sorted(CONFIG.glob(f"{name}_*.{language}.yaml"))):
        _add(words, yaml.safe_load(path.read_text("utf-8")))
    return words


def _add(words: dict[str, Any], more: dict[str, Any]) -> None:
    """Groups of words are joined; a word that stands there already is a mistake of the files."""
    for key, value in more.items():
        if key not in words:
            words[key] = value
        elif isinstance(value, dict) and isinstance(words[key], dict):
            _add(words[key], value)
        else:
            raise ValueError(f"the words have {key} twice")


@lru_cache
def static(name: str) -> str:
    """The address of a static file; it changes with the content, so browsers may keep it for ever."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = static
    environment.filters["in_words"] = in_words
    return environment
