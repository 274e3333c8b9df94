"""Signed words: tokens that nobody can make but us. Each purpose has its own salt, so one never passes for another."""

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from itsdangerous import BadSignature, Signer, TimestampSigner


class Signing:
    """`sign` and `read` for each purpose; comparison is in constant time."""

    def __init__(self, key: str) -> None:
        if len(key) < 32:
            raise ValueError("SECRET_KEY needs at least 32 characters")
        self._key = key

    def sign(self, purpose: str, value: str) -> str:
        return self._signer(purpose).sign(value.encode()).decode()

    def read(self, purpose: str, token: str) -> str | None:
        """The value, or None where the token is not ours or for another purpose."""
        try:
            return self._signer(purpose).unsign(token.encode()).decode()
        except (BadSignature, UnicodeError):
            return None

    def sign_for_a_time(self, purpose: str, value: str) -> str:
        return self._timed(purpose).sign(value.encode()).decode()

    def read_within(self, purpose: str, token: str, seconds: int) -> str | None:
        """The value, or None where the token is not ours or older than `seconds`."""
        try:
            return self._timed(purpose).unsign(token.encode(), max_age=seconds).decode()
        except (BadSignature, UnicodeError):
            return None

    def derive(self, purpose: str) -> bytes:
        """A key of its own for what signs in another way."""
        return hmac.new(self._key.encode(), f"atbilde.{purpose}".encode(), hashlib.sha256).digest()

    def _signer(self, purpose: str) -> Signer:
        return Signer(self._key, salt=f"atbilde.{purpose}", sep="~", key_derivation="hmac", digest_method=_sha256)

    def _timed(self, purpose: str) -> TimestampSigner:
        return TimestampSigner(
            self._key, salt=f"atbilde.{purpose}", sep="~", key_derivation="hmac", digest_method=_sha256
        )


def secret_key(given: str | None, folder: Path) -> str:
    """The key given by settings, else one made at the first start and kept, readable by its owner only."""
    if given:
        return given
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secret.key"
    if not path.exists():
        # Written whole under another name and linked in: of several processes that start at once, one wins for all.
        own = folder / f"secret.key.{os.getpid()}"
        own.touch(mode=0o600)
        own.write_text(secrets.token_urlsafe(48), "utf-8")
        with suppress(FileExistsError):
            path.hardlink_to(own)
        own.unlink()
    return path.read_text("utf-8").strip()


def _sha256(data: bytes = b"") -> "hashlib._Hash":
    return hashlib.sha256(data)
