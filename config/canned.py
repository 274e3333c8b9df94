"""The canned replies with which a fresh installation begins: data in `canned.yaml`."""

from typing import Any

import yaml

from config.settings import CONFIG


def starting_replies() -> list[dict[str, Any]]:
    """name, scope and texts by language of each."""
    replies: list[dict[str, Any]] = yaml.safe_load((CONFIG / "canned.yaml").read_text("utf-8"))
    return replies
