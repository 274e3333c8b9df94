"""Looking up what is said, in any language: small letters without marks."""

import re
import unicodedata

OPENING = 2000
"""characters of what stands above everything quoted"""
_QUOTES = re.compile(
    r"^\s{0,9}(?:"
    r"[-_*= ]{0,40}(?:original message|original appointment|forwarded message|begin forwarded|"
    r"weitergeleitete nachricht"
    r"|ursprungliche nachricht|sakotnejais zinojums|sakotneja vestule|parsutita|parsutit|исходное сообщение"
    r"|пересылаемое|пересланное|originalus laiskas|persiustas|edastatud|algne kiri|algsonum)"
    r"|.{0,200}(?:\bwrote|rakstija|пишет|писала?|написала?|schrieb|rase|kirjutas|a ecrit|napisal\(a\)):?\s*$"
    r"|(?:from|no|от|von|nuo|saatja|kellelt|de|od): .{0,300}$"
    r")"
)


def folded(text: str) -> str:
    """For looking up words: small letters without marks, blanks as one."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


def any_of(*phrases: str) -> re.Pattern[str]:
    """Finds one of the phrases in what was `folded`."""
    return re.compile("|".join(_unmarked(phrase) for phrase in phrases))


def begins(*phrases: str) -> re.Pattern[str]:
    """Matches a subject that begins with one of the phrases, also behind stars and words in brackets."""
    return re.compile(r"[\s*!]*(?:\[[^\]]{1,40}\]\s*)?[\s*!\"'-]*(?:" + any_of(*phrases).pattern + ")")


def _unmarked(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def opening(text: str) -> str:
    """What stands above everything that is quoted or forwarded, folded."""
    said: list[str] = []
    size = 0
    for line in text[: 4 * OPENING].splitlines():
        plain = folded(line[:400])
        if _QUOTES.match(plain) and (said or _is_quote_head(plain)):
            break
        if plain and not plain.startswith(">"):
            said.append(plain)
            size += len(plain)
        if size > OPENING:
            break
    return " ".join(said)


def _is_quote_head(plain: str) -> bool:
    """At the very top a line such as `No: …` may as well be a person's; a rule or `… wrote:` is not."""
    return plain.startswith(("-", "_", "*", "=", ">", "begin forwarded")) or plain.endswith(":")
