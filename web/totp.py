"""Codes of a telephone's authenticator (RFC 6238): six digits that change every half minute, each good once.

The sums are `cryptography`'s.
"""

import hmac
import secrets
from base64 import b32decode, b32encode
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP, DIGITS = 30, 6
"""seconds and digits, which every authenticator knows"""
DRIFT = 1
"""how many steps a telephone's clock may be off"""
ISSUER = "Atbilde"


def new_secret() -> str:
    """160 bits, as people type them: 32 letters and digits."""
    return b32encode(secrets.token_bytes(20)).decode()


def address_of(secret: str, login: str) -> str:
    """What the QR code holds, as authenticators read it."""
    return _totp(secret).get_provisioning_uri(login, ISSUER)


def step_of(secret: str, code: str, at: datetime, last_step: int) -> int | None:
    """The step that the code is of, later than `last_step`; None where it is not right or was used already."""
    now, found = int(at.timestamp()) // STEP, None
    given = "".join(code.split()).encode()
    for step in range(now - DRIFT, now + DRIFT + 1):  # all of them, so that time tells nothing
        right = hmac.compare_digest(code_of(secret, step), given)
        if right and step > last_step:
            found = step
    return found


def code_of(secret: str, step: int) -> bytes:
    return _totp(secret).generate(step * STEP)


def _totp(secret: str) -> TOTP:
    return TOTP(b32decode(secret), DIGITS, SHA1(), STEP)  # noqa: S303  the only hash that all telephones know
