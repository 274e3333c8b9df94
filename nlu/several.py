"""Two questions in one message: where one ends and the next begins. A story followed by one question is one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from nlu.language import nearest
from nlu.lexical import fold, normalise, terms, tokens
from nlu.meaning import Band, Candidate, Intent, Understanding
from nlu.words import ASKING, GENERAL, REFERRING, TELLING

LONGEST = 1_500
"""Characters; a longer text is somebody's whole story or a pasted document, which people read as one."""
MOST = 4
"""Questions; what comes after belongs to the last one."""
CANDIDATES = 5
OWN, OWN_WHEN_JOINED = 2, 1
"""Words of content that a question needs to stand alone, and one that is announced ("un vēl …")."""

_ASKS, _TELLS, _REFERS, _GENERAL = (frozenset(map(fold, words)) for words in (ASKING, TELLING, REFERRING, GENERAL))
BEGINNING = 4
"""Words among which one that refers to the question before makes this one go on with it."""

_ANNOUNCED = re.compile(
    r"[\s,;.]*(?:\b(?:un|bet|and|и|а)\s+)?\b(?:"
    r"v[eē]l viens jaut[aā]jums|otrs jaut[aā]jums|cits jaut[aā]jums|n[aā]kamais jaut[aā]jums|"
    r"otrk[aā]rt|v[eē]l (?:gribu|grib[eē]ju|grib[eē]tu|v[eē]los) (?:jaut[aā]t|zin[aā]t|pras[iī]t|uzzin[aā]t)|"
    r"second question|another question|one more question|secondly|i would also like to know|"
    r"второй вопрос|другой вопрос|ещ[её] (?:один )?вопрос|во-вторых|ещ[её] хотел[аи]? (?:спросить|узнать)|"
    r"друге питання|ще (?:одне )?питання|kitas klausimas|dar (?:vienas )?klausimas|teine küsimus|veel üks küsimus"
    r")\b[\s:,.–-]*|"
    r"[\s,;]+(?:un v[eē]l|un ar[iī]|k[aā] ar[iī]|and also|и ещ[её]|а также|і ще|ir dar|ja veel)\b[\s:,–-]*",
    re.IGNORECASE,
)
_LISTED = re.compile(r"\s*\n\s*(?:[-*•–]\s*|\(?\d{1,2}[.)]\s*)?|(?:^|(?<=[.?!:;])\s+)\(?[1-9][.)]\s+(?=\w)")
_ENDED = re.compile(r"(?<=[?!])[\s?!]+(?=\w)|(?<=\w{3}[.…])\s+(?=[^\W\d_a-zа-яāčēģīķļņšūžё])|;\s+")
_GREETED = re.compile(
    r"^(?:labdien|labr[iī]t|labvakar|sveiki|hello|hi|здравствуйте|добрый день|привет|un|and|и|а|tad|l[uū]dzu)[\s,!.]+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    announced: bool = False  # by words, or by standing in a list
    story: bool = False
    leads: bool = False  # another question is announced right behind it, in the same sentence


def split(text: str) -> list[str]:
    """The questions of a message, each with the story it belongs to; the text itself where it is one."""
    if len(text) > LONGEST:
        return [text]
    asked = _own(_with_stories(_pieces(text)))
    return [piece.text for piece in _at_most(asked)] if len(asked) > 1 else [text]


def differ(meanings: Sequence[Understanding]) -> bool:
    """Whether they are about different things; else it was one question in two sentences."""
    first = [meaning.service for meaning in meanings]
    return len(set(first)) == len(first)


def together(meanings: Sequence[Understanding]) -> Understanding:
    """The meaning of a message of several questions: for people as a whole, with the meaning of each."""
    first = meanings[0]
    places = {meaning.municipality for meaning in meanings if meaning.municipality}
    return Understanding(
        language=first.language,
        intent=next((one.intent for one in meanings if one.intent is not Intent.QUESTION), Intent.QUESTION),
        band=Band.ROUTE,
        services=_in_turn([meaning.services for meaning in meanings]),
        institutions=_in_turn([meaning.institutions for meaning in meanings]),
        confidence=min(meaning.confidence for meaning in meanings),
        competent=tuple(dict.fromkeys(code for meaning in meanings for code in meaning.competent)),
        municipality=next(iter(places)) if len(places) == 1 else "",
        parts=tuple(meanings),
    )


def _in_turn(ranked: Sequence[Sequence[Candidate]]) -> tuple[Candidate, ...]:
    """The first of each, then the second of each; none twice."""
    found: dict[str, Candidate] = {}
    for abreast in zip_longest(*ranked):
        for one in filter(None, abreast):
            found.setdefault(one.code, one)
    return tuple(found.values())[:CANDIDATES]


def _pieces(text: str) -> list[_Piece]:
    """Sentences, and parts of a sentence that are announced as a question."""
    found: list[_Piece] = []
    for listed_at, listed in enumerate(_LISTED.split(text)):
        parts = _ANNOUNCED.split(listed)
        for at, part in enumerate(parts):
            sentences = [one.strip() for one in _ENDED.split(part) if any(map(str.isalnum, one))]
            for number, sentence in enumerate(sentences):
                leads = at < len(parts) - 1 and number == len(sentences) - 1
                found.append(_Piece(sentence, listed_at + at > 0 and number == 0, leads=leads))
    return found


def _with_stories(pieces: Sequence[_Piece]) -> list[_Piece]:
    """One piece a question: what is told stands before its question, what is told last belongs to the last one."""
    found: list[_Piece] = []
    told, announced = "", False
    for piece in pieces:
        announced = announced or piece.announced
        if _asks(piece):
            found.append(_Piece(f"{told} {piece.text}".strip(), announced, bool(told)))
            told, announced = "", False
        else:
            told = f"{told} {piece.text}".strip()
    if found and told:
        found[-1] = replace(found[-1], text=f"{found[-1].text} {told}")
    return found


def _asks(piece: _Piece) -> bool:
    if piece.text.rstrip(' )"”').endswith("?"):
        return True
    words = _words(piece.text)
    if piece.leads and not _ASKS.isdisjoint(words):  # its question mark stands at the end of the next one
        return True
    return bool(words) and words[0] in _ASKS - _TELLS and not piece.text.endswith("!")


def _words(sentence: str) -> list[str]:
    """Folded, without the greeting."""
    return [fold(word) for word in tokens(normalise(_GREETED.sub("", sentence)))]


def _own(asked: Sequence[_Piece]) -> list[_Piece]:
    """Without those that only go on with the question before them, or lead to the one behind."""
    found: list[_Piece] = []
    for piece in asked:
        if found and not (_stands_alone(piece) and _has_content(found[-1])):
            found[-1] = replace(found[-1], text=f"{found[-1].text} {piece.text}", story=True)
        else:
            found.append(piece)
    return found


def _stands_alone(piece: _Piece) -> bool:
    refers = not piece.story and not _REFERS.isdisjoint(_words(piece.text)[:BEGINNING])
    return (piece.announced or not refers) and _has_content(piece)


def _has_content(piece: _Piece) -> bool:
    normal = normalise(piece.text)
    own = [word for word, _ in terms(normal, nearest(normal)) if word not in _GENERAL]
    return len(own) >= (OWN_WHEN_JOINED if piece.announced else OWN)


def _at_most(asked: Sequence[_Piece]) -> list[_Piece]:
    kept, rest = list(asked[: MOST - 1]), asked[MOST - 1 :]
    return [*kept, _Piece(" ".join(piece.text for piece in rest), announced=True)] if rest else kept
