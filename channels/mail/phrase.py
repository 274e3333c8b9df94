"""Looking up what is said, in any language: small letters without marks."""

import re
import unicodedata

OPENING = 2000
"""characters of what stands above everything quoted"""
_RULES = re.compile(
    r"[-_*= ]{0,40}(?:original message|original appointment|forwarded message|begin forwarded|weitergeleitete nachricht"
    r"|ursprungliche nachricht|sakotnejais zinojums|sakotneja vestule|parsutita|parsutit|исходное сообщение"
    r"|пересылаемое|пересланное|originalus laiskas|persiustas|edastatud|algne kiri|algsonum)"
    r"|.{0,200}(?:\bwrote|rakstija|пишет|писала?|написала?|schrieb|rase|kirjutas|a ecrit|napisal\(a\)):?$"
)
_FROM = re.compile(r"(?:from|no|от|von|nuo|saatja|kellelt|de|od): ")
_SENT = re.compile(
    r"(?:sent|date|to|sutits|nosutits|datums|kam|отправлено|дата|кому|gesendet|datum|an|issiusta|data|saadetud|kuupaev"
    r"|kellele|wyslano|envoye|enviado): "
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
    lines = [plain for line in text[: 4 * OPENING].splitlines() if (plain := folded(line[:400]))]
    said: list[str] = []
    for number, line in enumerate(lines):
        if _is_quote(line, lines[number + 1 : number + 4]):
            break
        if not line.startswith(">"):
            said.append(line)
    return " ".join(said)[:OPENING]


def _is_quote(line: str, following: list[str]) -> bool:
    """A rule, `… wrote:`, or the first line of some headers."""
    return bool(_RULES.match(line) or (_FROM.match(line) and any(_SENT.match(other) for other in following)))
