"""The parts of the administration, who sees which, and what their pages have in common."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from models.change import Change
from models.staff import Role
from routing.triage import NotPossible
from web.desk.pages import desk_page, desk_wording
from web.sessions import Staff

PAGE = 50
"""rows on one page of a list"""


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    address: str
    editors: bool = False
    """editors see it too"""


PARTS = (
    Part("institutions", "/institutions"),
    Part("people", "/people"),
    Part("roles", "/roles"),
    Part("competences", "/competences", editors=True),
    Part("canned", "/canned", editors=True),
    Part("calendar", "/calendar"),
    Part("settings", "/settings"),
    Part("retention", "/retention"),
    Part("channels", "/channels"),
    Part("changes", "/changes"),
)
PAGE_OF = {"institution": "/desk/admin/institutions/of?code={}", "person": "/desk/admin/people/of?login={}"}
"""where a thing is shown, by its name"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A change as a page shows it."""

    change: Change

    def __getattr__(self, name: str) -> Any:
        return getattr(self.change, name)

    @property
    def fields(self) -> list[str]:
        return list({**self.change.before, **self.change.after})

    @property
    def address(self) -> str:
        return PAGE_OF.get(self.change.thing, "").format(quote(self.change.name))


def admin_parts(staff: Staff) -> list[Part]:
    """Those that the person may open."""
    return [part for part in PARTS if staff.looks_on or (part.editors and staff.person.role == Role.EDITOR)]


def admin_page(
    request: Request, part: str, template: str, staff: Staff, *, here: str = "", status: int = 200, **values: Any
) -> Response:
    """A page of that part."""
    words = desk_wording(request, staff).t["admin"]
    values |= {"admin_parts": admin_parts, "here_part": part, "may": staff.administers, "a": words}
    return desk_page(request, f"admin/{template}", staff, here=here, status=status, **values)


def mark_of(form: Mapping[str, Any]) -> str:
    """Another one whenever any of it is another: a form carries that of what its reader saw."""
    return hashlib.sha256(json.dumps(form, sort_keys=True, default=str).encode()).hexdigest()[:16]


def same_as_seen(seen: str, form: Mapping[str, Any]) -> None:
    """Raises NotPossible where somebody has changed the thing since the form was opened."""
    if seen != mark_of(form):
        raise NotPossible("somebody has changed it meanwhile")
