"""As many texts of each label as can be learnt in bounded time and memory."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from nlu.lexical import normalise

MOST_TEXTS = 2_000
"""The regression holds a number for each pair of texts and its time grows with the cube; embedding takes 10 to 30 ms
for each. With 2,000 it is a minute of one core and 350 MB, however many texts there are."""
MOST_LABELS = 1_000


def sample(texts: Sequence[str], labels: Sequence[str]) -> tuple[list[str], list[str]]:
    """The texts to learn, in their order: each once for a label, and of too many the first of every label in turn.

    Raises ValueError where there is nothing to learn or more labels than can be told apart.
    """
    if not texts:
        raise ValueError("there is no text to learn")
    once = {
        (normalise(text), label): at for at, (text, label) in reversed(list(enumerate(zip(texts, labels, strict=True))))
    }
    places = sorted(once.values())
    if len({labels[at] for at in places}) > MOST_LABELS:
        raise ValueError(f"more than {MOST_LABELS} labels")
    if len(places) > MOST_TEXTS:
        taken = _in_turn(places, labels)
        places = sorted(next(taken) for _ in range(MOST_TEXTS))
    return [texts[at] for at in places], [labels[at] for at in places]


def _in_turn(places: Sequence[int], labels: Sequence[str]) -> Iterator[int]:
    """One place of each label, then a second of each that has one, and so on: rare labels keep all theirs."""
    of_label: dict[str, list[int]] = defaultdict(list)
    for at in places:
        of_label[labels[at]].append(at)
    for turn in range(max(map(len, of_label.values()))):
        yield from (mine[turn] for mine in of_label.values() if turn < len(mine))
