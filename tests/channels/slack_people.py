"""What people do in Slack, as Slack says it: each payload is held to the samples of slackapi/java-slack-sdk."""

import itertools
import json
from pathlib import Path
from typing import Any

from tests.conftest import SHARED

Json = dict[str, Any]
SAMPLES = SHARED / "slack"
WHY_ABSENT = "needs ../shared/data/slack, which is not beside this checkout"
TEAM, CHANNEL, BOT = "T0TEAM", "C0CARDS", "U0BOT"
_number = itertools.count(1)


def pressed(message: Json, action_id: str, account: str, url: str) -> Json:
    """A button of a message that is there."""
    found = [
        element
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["action_id"] == action_id
    ]
    assert found, f"the card has no button {action_id}: {message['blocks'][-1]}"
    action = {name: found[0][name] for name in ("type", "action_id", "value", "text") if name in found[0]}
    container = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": message["channel"],
        "is_ephemeral": False,
    }
    return {
        "type": "block_actions",
        **_from(account),
        "container": container,
        "trigger_id": f"trigger-{next(_number)}",
        "channel": {"id": message["channel"], "name": "jautājumi"},
        "message": {"type": "message", "user": BOT, "text": message["text"], "ts": message["ts"]},
        "response_url": f"{url}/hooks/{account}/{next(_number)}",
        "actions": [{**action, "block_id": "b1", "action_ts": "1.0"}],
    }


def submitted(view: Json, account: str, codes: list[str], note: str = "") -> Json:
    """A window with institutions chosen that it offers."""
    choice = next(block for block in view["blocks"] if block.get("block_id") == "institutions")["element"]
    offered = {option["value"]: option for group in choice["option_groups"] for option in group["options"]}
    options = [offered[code] for code in codes]
    values = {
        "institutions": {"institutions": {"type": choice["type"], "selected_options": options}},
        "note": {"note": {"type": "plain_text_input", "value": note or None}},
    }
    kept = {name: view[name] for name in ("id", "type", "title", "submit", "close", "private_metadata", "callback_id")}
    return {
        "type": "view_submission",
        **_from(account),
        "trigger_id": f"trigger-{next(_number)}",
        "view": {**kept, "state": {"values": values}},
        "is_enterprise_install": False,
    }


def typed(text: str, account: str, url: str, command: str = "/atbilde") -> Json:
    return {
        "token": "old",
        "team_id": TEAM,
        "team_domain": "vdaa",
        "channel_id": "C0OTHER",
        "channel_name": "cits",
        "user_id": account,
        "user_name": account.lower(),
        "command": command,
        "text": text,
        "api_app_id": "A0APP",
        "is_enterprise_install": "false",
        "response_url": f"{url}/hooks/{account}/{next(_number)}",
        "trigger_id": f"trigger-{next(_number)}",
    }


def happened(event: Json, event_id: str = "") -> Json:
    """An event of the Events API."""
    return {
        "token": "old",
        "team_id": TEAM,
        "api_app_id": "A0APP",
        "event": event,
        "type": "event_callback",
        "event_id": event_id or f"Ev{next(_number)}",
        "event_time": 1_790_000_000,
        "authed_users": [BOT],
    }


def mention(account: str, text: str = "Sveiki!", channel: str = CHANNEL) -> Json:
    return {"type": "app_mention", "user": account, "text": f"<@{BOT}> {text}", "ts": "1.2", "channel": channel}


def sample(name: str) -> Json:
    found: Json = json.loads((SAMPLES / name).read_text("utf-8"))
    return found


def strays(payload: Json, sample_path: str, but: tuple[str, ...] = ()) -> list[str]:
    """Names in the payload that the sample has not; the samples leave out what has a form of its own (`but`)."""
    return list(_strays(payload, sample(sample_path), "", but))


def event_samples() -> list[Path]:
    return sorted((SAMPLES / "events").glob("*.json"))


def _strays(ours: Any, theirs: Any, where: str, but: tuple[str, ...]) -> Any:
    if isinstance(ours, dict) and isinstance(theirs, dict) and theirs:
        for name, value in ours.items():
            if name in but:
                continue
            if name not in theirs:
                yield f"{where}.{name}"
            else:
                yield from _strays(value, theirs[name], f"{where}.{name}", but)


def _from(account: str) -> Json:
    return {
        "team": {"id": TEAM, "domain": "vdaa"},
        "user": {"id": account, "username": account.lower(), "name": account.lower(), "team_id": TEAM},
        "api_app_id": "A0APP",
        "token": "old",
    }
