"""Passwords of staff: what a new one must be like, and the argon2 hashes that are kept of them."""

import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 256
OBVIOUS = ("password", "parole", "qwerty", "atbilde", "123456", "abcdef", "latvija", "letmein", "welcome", "admin")
"""what a password may not consist of alone, however often repeated or whatever digits stand behind it"""
_HASHER = PasswordHasher()


def check_password_rules(password: str, login: str = "") -> str:
    """Why the password cannot be taken; empty where it can."""
    plain = _same(password).casefold()
    if len(plain) < SHORTEST:
        return f"a password has at least {SHORTEST} characters"
    if len(plain) > LONGEST:
        return f"a password has at most {LONGEST} characters"
    if len(set(plain)) < 5:
        return "the password repeats too few different characters"
    if login and login.casefold() in plain:
        return "the password contains the log-in"
    rest = plain
    for word in OBVIOUS:
        rest = rest.replace(word, "")
    if len(rest.strip("0123456789!.?-_ ")) < 4:
        return "the password is too easy to guess"
    return ""


def hash_password(password: str) -> str:
    """What is stored instead of the password."""
    return _HASHER.hash(_same(password))


def is_password(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one hashed. For nobody's (None) it takes as long as for somebody's, and is not."""
    nobodys = _nobodys_hash()
    try:
        return _HASHER.verify(password_hash or nobodys, _same(password)) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


@lru_cache
def _nobodys_hash() -> str:
    return _HASHER.hash("nobody")


def _same(password: str) -> str:
    """The same letters typed on different machines are the same password."""
    return unicodedata.normalize("NFKC", password)
