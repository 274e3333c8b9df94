"""What somebody did in Slack, from its JSON. Only buttons, forms, our command and our name are anything to us."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from channels.base import ParseError
from channels.slack_card import CHOOSE, FORWARD, TAKE

COMMAND = "/atbilde"
FORM = "forward"
"""callback_id of the window in which institutions are chosen"""
INSTITUTIONS, NOTE = "institutions", "note"
PRESSED = (TAKE, FORWARD, CHOOSE)


@dataclass(frozen=True, slots=True)
class Who:
    team: str
    account: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of a card."""

    who: Who
    does: str
    value: str
    trigger: str
    """lets a window be opened for three seconds"""
    channel: str
    answer_to: str


@dataclass(frozen=True, slots=True)
class Filled:
    """The window in which institutions are chosen."""

    who: Who
    context: str
    institutions: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Typed:
    """Our command, with what stands behind it."""

    who: Who
    text: str
    answer_to: str


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Somebody wrote to us, as if we could read."""

    who: Who
    channel: str


Done = Pressed | Filled | Typed | Mentioned


def id_of(body: dict[str, Any]) -> str:
    """Under which it is stored, the same however often Slack sends it; empty where it is nothing to us.

    What people write to each other is not even stored.
    """
    kind = body.get("type")
    if kind == "event_callback":
        event = _dict(body, "event")
        ours = event.get("type") == "app_mention" and not event.get("bot_id") and not event.get("subtype")
        return f"event:{body.get('event_id') or _digest(body)}" if ours else ""
    if kind == "block_actions":
        ours = any(action.get("action_id") in PRESSED for action in _actions(body))
        return f"press:{body.get('trigger_id') or _digest(body)}" if ours else ""
    if kind == "view_submission":
        view = _dict(body, "view")
        return f"form:{view.get('id') or _digest(body)}" if view.get("callback_id") == FORM else ""
    if body.get("command") == COMMAND:
        return f"command:{body.get('trigger_id') or _digest(body)}"
    return ""


def read(raw: bytes) -> Done | None:
    """Pure. None where it is nothing to us. Raises ParseError."""
    try:
        body = json.loads(raw)
        return _read(body) if id_of(body) else None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise ParseError(f"not what Slack documents: {type(error).__name__}: {error}") from error


def _read(body: dict[str, Any]) -> Done:
    kind = body.get("type")
    if kind == "event_callback":
        event = body["event"]
        return Mentioned(Who(_text(body["team_id"]), _text(event["user"])), _text(event["channel"]))
    if kind == "block_actions":
        action = next(action for action in _actions(body) if action.get("action_id") in PRESSED)
        channel = _dict(body, "channel").get("id") or _dict(body, "container").get("channel_id") or ""
        value, trigger = _text(action["value"]), _text(body["trigger_id"])
        answer_to = _text(body.get("response_url") or "")
        return Pressed(_who(body), action["action_id"], value, trigger, _text(channel), answer_to)
    if kind == "view_submission":
        view = body["view"]
        values = view["state"]["values"]
        codes = tuple(_text(one["value"]) for one in values[INSTITUTIONS][INSTITUTIONS]["selected_options"] or ())
        note = values[NOTE][NOTE].get("value") or ""
        return Filled(_who(body), _text(view["private_metadata"]), codes, _text(note))
    who = Who(_text(body["team_id"]), _text(body["user_id"]), _text(body.get("user_name") or ""))
    return Typed(who, _text(body.get("text") or ""), _text(body["response_url"]))


def _who(body: dict[str, Any]) -> Who:
    user = body["user"]
    team = _dict(body, "team").get("id") or user.get("team_id")
    return Who(_text(team), _text(user["id"]), _text(user.get("username") or user.get("name") or ""))


def _actions(body: dict[str, Any]) -> list[dict[str, Any]]:
    actions = body.get("actions")
    return [action for action in actions if isinstance(action, dict)] if isinstance(actions, list) else []


def _dict(body: dict[str, Any], key: str) -> dict[str, Any]:
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value.replace("\x00", "")


def _digest(body: dict[str, Any]) -> str:
    """For what comes without an id, which Slack does not document."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
