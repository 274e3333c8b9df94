"""Who is meant by From, To and their like: every form that programs and people write, not only the allowed ones."""

import re
from collections.abc import Iterator

from channels.mail.charset import decoded
from channels.mail.headers import Headers
from channels.mail.mail import Address
from channels.mail.words import LONGEST, undone

MOST = 1000
"""addresses of one mail that are looked at"""
_NOBODY = Address("")
_LONGEST_NAME = 60
"""pieces between commas"""
_TOKEN = re.compile(
    r"(?P<word>=\?[^?\s]{1,60}\?[bBqQ]\?[^?]{0,3000}\?=)"
    r'|(?P<quoted>"(?:[^"\\]|\\.){0,1000}")'
    r"|(?P<comment>\([^()]*\))"
    r"|(?P<angle><[^<>]*>)"
    r"|(?P<end>[,;])"
    r'|(?P<plain>[^",;<>()=]+|.)',
    re.DOTALL,
)
_MAILBOX = re.compile(
    r"""(?<![^\s"<>()\[\],;:@])("[^"]{1,200}"|[^\s"<>()\[\],;:@]{1,200}+)@(\[[^\]\s]{1,80}\]|[^\s"<>()\[\],;:@]{1,255})"""
)
_ONE_WORD = re.compile(r"[\w.+=/-]{1,64}")


def addresses(headers: Headers, *names: str) -> tuple[Address, ...]:
    """Everybody in these headers, once each."""
    found: dict[str, Address] = {}
    for name in names:
        for value in headers.values(name):
            for one in _read(value, headers.charset):
                if "@" in one.address and len(found) < MOST:
                    found.setdefault(one.address, one)
    return tuple(found.values())


def sender_of(headers: Headers) -> Address:
    """From, else Sender, Reply-To, Return-Path; a bare word such as MAILER-DAEMON where no address is to be had."""
    names = ("from", "sender", "reply-to", "return-path", "x-envelope-from", "envelope-from")
    for name in names:
        if named := addresses(headers, name):
            return named[0] if named[0].name or name == "from" else Address(named[0].address, _name(headers))
    local = (one for name in names for value in headers.values(name) for one in _read(value, headers.charset))
    return next((one for one in local if one.address), Address("", _name(headers)))


def first_of(headers: Headers, name: str) -> Address:
    """The first address there; an empty one where there is none."""
    return next(iter(addresses(headers, name)), _NOBODY)


def _name(headers: Headers) -> str:
    """What From says where it holds no address."""
    return next((one.name for value in headers.values("from") for one in _read(value, headers.charset) if one.name), "")


def _read(value: bytes, charset: str) -> list[Address]:
    return list(_split(decoded(value[:LONGEST], "", charset)[0]))


def _split(text: str) -> Iterator[Address]:
    tokens: list[tuple[str, str]] = []
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        if kind != "end":
            tokens.append((kind, found[0]))
            continue
        if found[0] == ";" or len(tokens) > _LONGEST_NAME or _is_one(tokens):
            yield from _one(tokens)
            tokens = []
        elif tokens:
            tokens.append(("plain", ","))  # a comma within a name that should have been quoted
    yield from _one(tokens)


def _is_one(tokens: list[tuple[str, str]]) -> bool:
    return any(kind == "angle" for kind, _ in tokens) or any("@" in text for kind, text in tokens if kind == "plain")


def _one(tokens: list[tuple[str, str]]) -> Iterator[Address]:
    angle = next((text for kind, text in tokens if kind == "angle" and "@" in text), None)
    angle = angle or next((text for kind, text in tokens if kind == "angle"), None)
    if angle is not None:
        name = "".join(_word(kind, text) for kind, text in tokens if kind not in ("angle", "comment"))
        yield Address(_mailbox(undone(angle[1:-1])), _clean(name) or _comment(tokens))
        return
    text = "".join(text for kind, text in tokens if kind != "comment")
    text = re.sub(r"\s*@\s*", "@", text)
    if found := _MAILBOX.search(text):
        yield Address(_mailbox(found[0]), _comment(tokens) or _clean(undone(text[: found.start()])))
    elif _ONE_WORD.fullmatch(text.strip()) and not text.strip().startswith("="):
        yield Address(text.strip().lower(), _comment(tokens))
    elif name := _clean("".join(_word(kind, text) for kind, text in tokens)):
        if "@" in name and "=?" in text and "=?" not in name:
            yield from _split(name)  # the address too was put into the encoded word
        else:
            yield Address("", _comment(tokens) if name.startswith("(") else name)


def _mailbox(text: str) -> str:
    """In lower case, without what does not belong to it."""
    text = re.sub(r"^mailto:", "", text.strip(" '"), flags=re.IGNORECASE)
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2]  # a route, RFC 822
    if found := re.match(r'"([^"]{1,200})"\s*@(.+)', text):
        local = found[1] if re.fullmatch(r"[\w.+-]+", found[1]) else f'"{found[1]}"'
        return f"{local}@{found[2]}".lower().rstrip(". ")
    bare = re.sub(r"\s+|[\"<>]", "", text)
    return bare.lower().rstrip(".,;'")[:320]


def _word(kind: str, text: str) -> str:
    if kind == "word":
        return f" {text}"
    return " " + re.sub(r"\\(.)", r"\1", text[1:-1]) + " " if kind == "quoted" else text


def _comment(tokens: list[tuple[str, str]]) -> str:
    return next((_clean(text[1:-1]) for kind, text in tokens if kind == "comment"), "")


def _clean(name: str) -> str:
    return undone(name).strip("\"'<>,;: \t").strip()
