"""Which letters the bytes are, whatever the mail says of them or keeps quiet about."""

import codecs
import re

from charset_normalizer import from_bytes

SAMPLE = 20_000
"""bytes that a guess looks at"""
_ALIASES = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "windows-874": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "chinesebig5": "big5hkscs",
    "big5": "big5hkscs",
    "ks-c-5601-1987": "cp949",
    "ks-c-5601": "cp949",
    "euc-kr": "cp949",
    "shift-jis": "cp932",
    "shift_jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "x-euc-jp": "euc_jp",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "utf-8n": "utf-8",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "ansi-x3.110-1983": "cp1252",
    "koi8": "koi8_r",
}
"""names that Python does not know, and narrow ones for which the wide one is always meant"""
_NO_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "charmap", "mbcs", "oem"}
_NAME = re.compile(r"[a-z0-9][a-z0-9.:+-]{1,39}")
_ONE_BYTE = re.compile(r"cp(125\d|437|7\d\d|8\d\d)$|iso8859|koi8|mac|latin|ascii|tis|ptcp|kz|hp")
_HOUSE = ("cp1257", "iso8859_4", "cp1251", "koi8_r", "iso8859_5", "cp866", "cp1252")
_LATIN = frozenset("āčēģīķļņšūžōŗĀČĒĢĪĶĻŅŠŪŽąęėįųĄĘĖĮŲäöüõÄÖÜÕßéèŌŖ")
_LATVIAN = frozenset("āēīšžčū")
_CYRILLIC = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁІЇЄҐ")
_FREQUENT = frozenset("оеаинтсрвлкмдпуОЕАИНТСРВЛКМДПУ")
_MARKS = frozenset("„“”‚‘’«»–—…•€§°№\xa0")
_SURE = 1.2


def decoded(data: bytes, declared: str = "", hint: str = "") -> tuple[str, str]:
    """The text, and what was wrong with it (empty: nothing). `hint`: the charset that the rest of the mail has."""
    if data.isascii() and not declared.lower().startswith(("utf-7", "unicode-1-1", "iso-2022", "hz")):
        if b"\x1b$" not in data and b"\x1b(" not in data:
            return data.decode("ascii"), ""
        declared = declared or "iso-2022-jp"
    codec = codec_of(declared)
    if codec and (text := _strictly(data, codec)) is not None:
        if _ONE_BYTE.match(codec) and (real := _strictly(data, "utf-8")) is not None:
            return real, f"is UTF-8, though it says {declared}"
        if codec != "cp1252" or not _is_ascii_name(declared):
            return text, ""
    flaw = f"its letters are not {declared[:40]}" if declared else "does not say which letters it is in"
    if (text := _strictly(data, "utf-8")) is not None:
        return text, flaw
    if codec == "utf-8" and _is_nearly(data):
        return data.decode("utf-8", "replace"), "some letters are broken"
    found = guessed(data[:SAMPLE], codec_of(hint))
    return data.decode(found, "replace"), f"{flaw}; read as {found}"


def codec_of(name: str) -> str:
    """Python's own name of the charset; empty where there is no such."""
    bare = name.strip(" \t\"'").lower().replace("_", "-").partition("*")[0]
    if not _NAME.fullmatch(bare):
        return ""
    for tried in (
        _ALIASES.get(bare, bare),
        re.sub(r"^(x-|cs)|(?<=^cp)-", "", bare),
        re.sub(r"^win(dows)?-?", "cp", bare),
    ):
        try:
            codec = codecs.lookup(tried).name
            b"a".decode(codec)
        except (LookupError, ValueError, UnicodeError):
            continue
        return "" if codec.replace("_", "-") in _NO_CHARSETS else codec
    return ""


def guessed(data: bytes, hint: str = "") -> str:
    """The codec that gives the likeliest text: first the languages of this country, then what a library makes of it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if hint and hint not in (*_HOUSE, "utf-8") and _strictly(data, hint) is not None:
        return hint
    scores = {codec: _likelihood(data, codec) + (0.3 if codec == hint else 0) for codec in _HOUSE}
    best = max(scores, key=lambda codec: scores[codec])
    if scores[best] >= _SURE:
        return "iso8859_13" if best == "cp1257" and _has_other_quotes(data) else best
    if far := _far_east(data):
        return far
    found = from_bytes(data).best()
    if found is None or found.encoding.startswith(("utf_16", "utf_32")):
        return "cp1252"
    return codec_of(found.encoding) or "cp1252"


def _is_ascii_name(declared: str) -> bool:
    return "ascii" in declared.lower()


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        text = data.decode(codec)
    except (UnicodeError, ValueError):
        return None
    return text.encode("utf-8", "replace").decode("utf-8") if codec == "utf-7" else text  # halves of letters are none


def _is_nearly(data: bytes) -> bool:
    """UTF-8 that was cut in the middle of a letter or has a few bytes of something else."""
    broken = data[:SAMPLE].decode("utf-8", "replace")
    good = sum(1 for letter in broken if letter > "\x7f" and letter != "�")
    return good > 3 * broken.count("�") or (data[-4:].decode("utf-8", "ignore").isascii() and data[:-4].isascii())


def _likelihood(data: bytes, codec: str) -> float:
    """How much the letters beyond ASCII look like words of a language written around here, for each of them."""
    text = data.decode(codec, "replace")
    score, count, row, before = 0.0, 0, 0, " "
    cyrillic = codec in ("cp1251", "koi8_r", "iso8859_5", "cp866", "mac_cyrillic", "koi8_u")
    for letter in text:
        if letter > "\x7f":
            count += 1
            row = row + 1 if letter.isalpha() else 0
            score += -1 if row > 2 and letter in _LATIN else _worth(letter, before, cyrillic)
            before = letter
            continue
        row = 0
        if cyrillic and letter.isalpha() and before in _CYRILLIC:
            score -= 2
        before = letter
    return score / count if count else 0.0


def _worth(letter: str, before: str, cyrillic: bool) -> float:
    if letter in _MARKS:
        return 1.3 if not before.isalpha() or letter in "”“’»…" else 0.0
    if before.islower() and letter.isupper():
        return -3
    if letter in _CYRILLIC:
        if before.isalpha() and before < "\x7f":
            return -2
        return 2 if letter in _FREQUENT else 1
    if letter not in _LATIN or cyrillic:
        return -3 if letter < "\xa0" or letter == "�" else -1.5
    return 2 if letter in _LATVIAN else 1.5


def _has_other_quotes(data: bytes) -> bool:
    """ISO 8859-13 and windows-1257 have the same letters and other marks."""
    return not any(0x80 <= byte < 0xA0 for byte in data) and any(byte in data for byte in b"\xa1\xa5\xb4\xff")


def _far_east(data: bytes) -> str:
    for codec, first, last, share in (
        ("cp932", "ぁ", "ヿ", 0.15),
        ("euc_jp", "ぁ", "ヿ", 0.15),
        ("euc_kr", "가", "힣", 0.6),
        ("gb2312", "一", "鿿", 0.6),
        ("big5", "一", "鿿", 0.6),
    ):
        text = _strictly(data, codec) or _strictly(data[:-1], codec)
        letters = [letter for letter in text or "" if letter > "\xff"]
        if letters and sum(first <= letter <= last for letter in letters) >= share * len(letters):
            return {"euc_kr": "cp949", "gb2312": "gb18030", "big5": "big5hkscs"}.get(codec, codec)
    return ""
