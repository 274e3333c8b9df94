"""Signed words in addresses and ids of our letters, by which an answer finds back to what it answers.

They stand where servers may change the case and cut at blanks, so they are lower case, digits and hyphens only.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable

SIGNATURE = 20
"""hex digits: 80 bits, which nobody guesses over mail, and still fits a local part of 64 characters"""
_TOKEN = re.compile(rf"(?<![a-z0-9])([tf][1-9][0-9]{{0,17}})-([0-9a-f]{{{SIGNATURE}}})(?![a-z0-9])")


class Tokens:
    """Makes and reads them; `t12` is ticket 12, `f34` forwarding 34."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, party: str) -> str:
        return f"{party}-{self._sign(party)}"

    def read(self, texts: Iterable[str]) -> str:
        """The first party that is signed by us in one of the texts; empty where there is none."""
        for text in texts:
            for party, signature in _TOKEN.findall(text.casefold()):
                if hmac.compare_digest(signature, self._sign(party)):
                    return str(party)
        return ""

    def _sign(self, party: str) -> str:
        return hmac.new(self._key, f"letter {party}".encode(), hashlib.sha256).hexdigest()[:SIGNATURE]
