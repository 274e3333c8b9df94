"""The link by which somebody in Slack says at the desk who he is: signed, for a quarter of an hour."""

import base64
import binascii
import json
from dataclasses import dataclass

from web.signing import Signing

PURPOSE = "slack account"
SECONDS = 15 * 60


@dataclass(frozen=True, slots=True)
class Account:
    """In Slack."""

    team: str
    id: str
    name: str


def address_to_link(signing: Signing, link_base: str, team: str, account: str, name: str) -> str:
    """Of letters and digits only, so that the log-in leads back to it."""
    token = signing.sign_for_a_time(PURPOSE, json.dumps([team, account, name]))
    return f"{link_base}/desk/slack/link?token={base64.urlsafe_b64encode(token.encode()).decode().rstrip('=')}"


def account_of(signing: Signing, token: str) -> Account | None:
    """None where the token is not ours or too old."""
    try:
        signed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except (binascii.Error, UnicodeError, ValueError):
        return None
    value = signing.read_within(PURPOSE, signed, SECONDS)
    return Account(*json.loads(value)) if value is not None else None
