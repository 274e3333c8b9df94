"""Personal codes, accounts, cards, telephones and addresses taken out of a text before others see it."""

import re
from collections.abc import Callable

PERSONAL_CODE = re.compile(
    r"(?<![\d-])(?:(?:0[1-9]|[12]\d|3[01])[ .]?(?:0[1-9]|1[0-2])[ .]?\d{2}[-\u2010-\u2015 ]{0,3}[0-2]\d{4}"
    r"|3[2-9][ .]?\d{2}[ .]?\d{2}[-\u2010-\u2015 ]{0,3}\d{5})(?![\d-])"
)
"""Old form (a birth date and five digits) and new (begins with 32-39), which has no check digit to ask for."""

_E_MAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,5}[^\W\d_]{2,24}\b")
_ACCOUNT = re.compile(
    r"\b[A-Za-z]{2}\d{2}(?:[A-Za-z0-9]{11,30}|(?:[ -][A-Za-z0-9]{4}){2,7}(?:[ -][A-Za-z0-9]{1,3})?)\b", re.ASCII
)
_LATVIAN_ACCOUNT = re.compile(r"LV\d{2}[ -]?[A-Z]{4}[ -]?(?:[A-Z0-9][ -]?){12}[A-Z0-9]\b", re.ASCII | re.IGNORECASE)
_DOCUMENT = re.compile(r"\b(?:LV|LK|LD|PA|PR|RA)[ -]?\d{7}(?!\d)", re.IGNORECASE)  # passport, identity card
_CARD = re.compile(r"(?<!\d)(?<!\d[ -])\d(?:[ -]?\d){12,18}(?!\d)")
_PHONE = re.compile(
    r"(?<![\w+])(?!(?:19|20)\d\d[ -](?:\d\d[ -]\d\d|20\d\d)(?!\d))"  # 2026-11-23 and 2025-2026 are dates
    r"(?:(?:\+|00)\d{1,3}[ -]?(?:\(\d{1,4}\)[ -]?)?\d(?:[ -]?\d){5,11}"
    r"|(?:371[ -]?)?[26]\d(?:[ -]?\d){6})(?![ -]?\d)(?!\w)|(?<![\w+])[26]\d{7}(?!\w)"
)


def mask(text: str) -> str:
    """The text with [e-pasts], [konts], [karte], [personas kods], [dokuments] and [tālrunis] instead of the real ones.

    Time grows with the length of the text only: every expression is bounded.
    """
    text = _E_MAIL.sub("[e-pasts]", text)
    text = _ACCOUNT.sub(_account, text)
    text = PERSONAL_CODE.sub("[personas kods]", text)
    text = _DOCUMENT.sub("[dokuments]", text)
    text = _CARD.sub(_card, text)
    return _PHONE.sub("[tālrunis]", text)


def without_private(text: str) -> str:
    """The text as it is read, embedded and learnt: nothing stands where the private things were."""
    if "@" not in text and sum(map(str.isdigit, text)) < FEWEST_DIGITS:
        return text
    return _PLACEHOLDER.sub(" ", mask(text))


FEWEST_DIGITS = 7
"""of a document; everything else that is masked has more, or an @"""
_PLACEHOLDER = re.compile(r"\[(?:e-pasts|konts|karte|personas kods|dokuments|tālrunis)\]")


def _account(found: re.Match[str]) -> str:
    text = found[0]
    if latvian := _LATVIAN_ACCOUNT.match(text):  # a slip in the check digits does not make it less private
        return "[konts]" + text[latvian.end() :]
    return _first_part(text, is_account, "[konts]")


def _card(found: re.Match[str]) -> str:
    return _first_part(found[0], is_card, "[karte]")


def _first_part(text: str, fits: Callable[[str], bool], instead: str) -> str:
    """What follows with a blank between may look like the last groups of the number."""
    for end in [len(text), *(gap.start() for gap in reversed(list(re.finditer(r"[ -]", text))))]:
        if fits(text[:end]):
            return instead + text[end:]
    return text


def is_account(text: str) -> bool:
    """Whether this is an IBAN, by its own check digits (ISO 13616)."""
    plain = re.sub(r"[\s-]", "", text).upper()
    moved = plain[4:] + plain[:4]
    return 15 <= len(plain) <= 34 and int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


def is_card(text: str) -> bool:
    """Whether these digits pass the check of payment cards (Luhn)."""
    digits = [int(digit) for digit in text if digit.isdecimal()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return 13 <= len(digits) <= 19 and any(digits) and (sum(doubled) + sum(digits[-1::-2])) % 10 == 0
