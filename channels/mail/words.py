"""What a header says, in letters: bare ones, and RFC 2047's words, whole or broken."""

import binascii
import re

from channels.mail.charset import decoded

ENCODED = r"=\?([^?\s]{1,60})\?([bBqQ])\?((?:[^?]|\?(?!=)){0,3000}?)(?:\?=|\?$|$)"
"""one encoded word, its end may be missing"""
_ENCODED = re.compile(ENCODED)
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff]")
LONGEST = 64_000


def shown(value: bytes, charset: str = "") -> str:
    """The value as a person reads it, on one line. `charset`: what the mail is in elsewhere."""
    return undone(decoded(value[:LONGEST], "", charset)[0])


def undone(text: str) -> str:
    """The text with its encoded words decoded, on one line."""
    return " ".join(_plain(text).split())


def named(value: bytes, charset: str = "") -> str:
    """The same for the name of a file, in which two blanks are two."""
    return re.sub(r"[^\S ]+", " ", _plain(decoded(value[:LONGEST], "", charset)[0])).strip()


def _plain(text: str) -> str:
    return _UNSEEN.sub("", _without_words(text) if "=?" in text else text)


def _without_words(text: str) -> str:
    """Words of one charset that touch are decoded together: some programs cut in the middle of a letter."""
    said: list[str] = []
    run: list[tuple[str, str, str]] = []
    at = 0
    for found in _ENCODED.finditer(text):
        between = text[at : found.start()]
        word = (found[1].lower(), found[2].lower(), found[3])
        if run and (between.strip() or run[-1][:2] != word[:2]):
            said.append(_run_decoded(run))
            run = []
        if between.strip() or at == 0:
            said.append(between)
        run.append(word)
        at = found.end()
    return "".join([*said, _run_decoded(run), text[at:]])


def _run_decoded(run: list[tuple[str, str, str]]) -> str:
    if not run:
        return ""
    charset, how, _ = run[0]
    contents = [content for _, _, content in run]
    data = _from_base64(contents) if how == "b" else b"".join(_from_q(content) for content in contents)
    return decoded(data, charset)[0]


def _from_q(content: str) -> bytes:
    raw = content.replace("_", " ").encode("utf-8", "surrogateescape")
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), raw)


def _from_base64(contents: list[str]) -> bytes:
    bare = [re.sub(r"[^A-Za-z0-9+/]", "", content) for content in contents]
    if any(len(one) % 4 and not whole.rstrip().endswith("=") for one, whole in zip(bare[:-1], contents, strict=False)):
        bare = ["".join(bare)]
    return b"".join(_padded(one) for one in bare)


def _padded(bare: str) -> bytes:
    if len(bare) % 4 == 1:
        bare = bare[:-1]
    return binascii.a2b_base64(bare + "=" * (-len(bare) % 4))
