"""From the text of a mail the person's own words: without what was quoted, and without the signature.

Where it is not sure, words stay: a line too many costs a glance, a line too few costs an answer.
"""

import re
from dataclasses import dataclass
from unicodedata import normalize

from channels.mail.reply_opening import ABOVE, Kind, is_quoted, opening_at
from channels.mail.reply_patterns import SHARED_LINE, ends_in_wrote
from channels.mail.reply_signature import is_closing, is_footer, without_signature

__all__ = ["ABOVE", "own_words"]

_LINE_ENDS = re.compile(r"\r\n|\r|\n|\x0b|\x0c|\x85|\u2028|\u2029")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_ESCAPED_QUOTE = re.compile(r"^(?:&gt;\s?)+")
_BELOW = re.compile(
    r"(?<!\w)(?:below|zemāk|turpinājumā|fyi|f\.y\.i\.?|zināšanai|informācijai|pārsūtu|pārsūtīju|ниже|пересылаю|"
    r"для (?:информации|сведения)|siehe unten|unten|zur (?:info\w*|kenntnis)|weitergeleitet|žemiau|persiunčiu|"
    r"susipažinimui|"
    r"allpool|edastan|teadmiseks|forwarding|forwarded for|нижче)(?!\w)",
    re.IGNORECASE,
)
_SALUTATION = re.compile(
    r"^\W*(?:lab(?:dien|rīt|vakar)\w*|sveiki|sveicināti|здравствуйте|добрый (?:день|вечер)|доброе утро|hello|hi|dear|"
    r"hallo|"
    r"guten tag|sehr geehrte\w*|laba diena|sveiki|tere|tervist)(?:\s\S+){0,4}\W*$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Block:
    lines: list[str]
    quoted: bool = False
    introduced: Kind | None = None
    """how a program said whose words these are"""


def own_words(text: str) -> str:
    """Never raises; never empty where `text` is not blank: where all seems quoted, it is the whole text."""
    lines = [line for raw in _LINE_ENDS.split(text) for line in _two_where_shared(raw)]
    blocks, cut = _blocks(lines)
    if cut < len(lines) and _only_points_below(blocks):
        return text.strip()
    runs = _answers(blocks)
    words = [_joined(without_signature(run)) for run in runs]
    return "\n\n".join(filter(None, words if any(words) else map(_joined, runs))) or text.strip()


def _two_where_shared(line: str) -> list[str]:
    """Turning HTML to text may leave an intro on the line of the last words."""
    if 20 < len(line) < 2000 and not is_quoted(line) and line.rstrip().endswith(":") and ends_in_wrote(line):
        return SHARED_LINE.split(line.rstrip(), maxsplit=1)
    return [line]


def _seen(line: str) -> str:
    """A line as a reader sees it, by which it is judged."""
    plain = normalize("NFC", _UNSEEN.sub("", line)).replace("\xa0", " ").strip()
    if plain.startswith("|") and "|" not in plain.lstrip("| "):  # not a row of a table
        return ">" + plain
    return ">" + _ESCAPED_QUOTE.sub("", plain) if plain.startswith("&gt;") else plain


def _blocks(lines: list[str]) -> tuple[list[_Block], int]:
    """The person's and the quoted lines in turn, up to the line from which all is quoted."""
    seen = [_seen(line) for line in lines]
    blocks = [_Block([])]
    at, said = 0, False
    while at < len(lines):
        opening = opening_at(seen, at)
        if opening is None:
            said = said or bool(seen[at] and not is_quoted(seen[at]) and not is_footer(seen[at]))
            _add(blocks, lines[at], seen, at)
            at += 1
            continue
        below = next((number for number in range(opening.end, len(lines)) if seen[number]), len(lines))
        if below < len(lines) and is_quoted(seen[below]) and (said or opening.kind is Kind.INTRO):
            blocks.append(_Block([], quoted=True, introduced=opening.kind))
            at = below
        elif said and opening.sure:
            return blocks, at
        elif opening.kind is Kind.INTRO and opening.sure:
            at = opening.end
        else:
            blocks.append(_Block(lines[at : opening.end] if opening.kind is Kind.INTRO else lines[at:]))
            at = opening.end if opening.kind is Kind.INTRO else len(lines)
    return blocks, at


def _add(blocks: list[_Block], line: str, seen: list[str], at: int) -> None:
    last = blocks[-1]
    quoted = is_quoted(seen[at]) or (last.quoted and (not seen[at] or _wraps(seen, at)))
    if quoted == last.quoted:
        last.lines.append(line)
    else:
        blocks.append(_Block([line], quoted=quoted))


def _wraps(seen: list[str], at: int) -> bool:
    """The end of a long quoted line, broken off by a program on the way."""
    above, line, below = seen[at - 1], seen[at], seen[at + 1] if at + 1 < len(seen) else ""
    return len(above) > 60 and is_quoted(below) and is_quoted(above) and (line[0].islower() or line[0] in "(<")


def _only_points_below(blocks: list[_Block]) -> bool:
    """Whether nothing is said but where to look."""
    lines = [line.strip() for block in blocks if not block.quoted for line in block.lines if line.strip()]
    ends = next((at for at, line in enumerate(lines) if is_closing(line)), len(lines))
    words = " ".join(line for line in lines[:ends] if not _SALUTATION.match(line) and not is_footer(line))
    return words.count(" ") < 12 and bool(_BELOW.search(words))


def _answers(blocks: list[_Block]) -> list[list[str]]:
    """Runs of the person's lines; quoted lines stay where they stand between answers, or nobody introduced them."""
    ends = (at for at in range(len(blocks), 0, -1) if not blocks[at - 1].quoted)
    end = next((at for at in ends if _joined(without_signature(blocks[at - 1].lines))), len(blocks))
    blocks = blocks[:end]
    between = [at for at, block in enumerate(blocks) if block.quoted]
    kind = _introduced(blocks[between[0]]) if len(between) == 1 else None
    if kind:
        above, below = blocks[: between[0]], blocks[between[0] + 1 :]
        if kind is not Kind.INTRO or not any(map(_says, above)) or not any(map(_says, below)):
            return [block.lines for block in above + below]
    return [[line for block in blocks for line in block.lines]]


def _says(block: _Block) -> bool:
    """Something beside a greeting at the end."""
    first = next((line.strip() for line in block.lines if line.strip() and not is_footer(line.strip())), "")
    return bool(first) and not is_closing(first)


def _introduced(block: _Block) -> Kind | None:
    """Some programs put the intro inside the quote."""
    inside = [_seen(line).lstrip("> ") for line in block.lines[:6]]
    openings = (opening_at(inside, at) for at in range(len(inside)))
    return block.introduced or next((opening.kind for opening in openings if opening), None)


def _joined(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip("\n")
