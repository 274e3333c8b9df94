"""Passwords of staff: what a new one must be like, and the argon2 hashes that are kept of them."""

import secrets
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 256
OBVIOUS = (
    "administrator", "1qaz2wsx3edc", "1q2w3e4r5t6y", "qwertyuiop", "trustno1", "iloveyou", "password", "passw0rd",
    "p@ssw0rd", "p@ssword", "sunshine", "princess", "football", "baseball", "superman", "changeme", "asdfghjkl",
    "parole", "parolite", "slepena", "qwerty", "qazwsx", "zxcvbnm", "asdfgh", "atbilde", "abcdef", "abc123", "latvija",
    "letmein", "welcome", "dragon", "monkey", "master", "secret", "riga", "rīga", "admin", "login", "user", "test",
    "labdien", "sveiki", "1q2w3e", "q1w2e3", "0987654321", "123456",
)  # fmt: skip
"""what a password may not consist of alone, however often repeated or whatever digits stand behind it"""
_HASHER = PasswordHasher()


def check_password_rules(password: str, login: str = "", name: str = "") -> str:
    """Why the password cannot be taken; empty where it can. No kinds of characters are asked for: length is."""
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
    for word in (*(part for part in _same(name).casefold().split() if len(part) > 2), *OBVIOUS):
        rest = rest.replace(word, "")
    if len(rest.strip("0123456789!.?-_ ")) < 4:
        return "the password is too easy to guess"
    return ""


def hash_password(password: str) -> str:
    """What is stored instead of the password."""
    return _HASHER.hash(_same(password))


def is_password(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one hashed. For nobody's (None, or no hash) it takes as long, and is not."""
    known = password_hash if password_hash and password_hash.startswith("$argon2") else None
    try:
        return _HASHER.verify(known or _nobodys_hash(), _same(password)) and known is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(password_hash: str) -> bool:
    """Whether it was made with weaker parameters than are used now."""
    return _HASHER.check_needs_rehash(password_hash)


@lru_cache
def _nobodys_hash() -> str:
    return _HASHER.hash(secrets.token_hex())


def _same(password: str) -> str:
    """The same letters typed on different machines are the same password."""
    return unicodedata.normalize("NFKC", password)
