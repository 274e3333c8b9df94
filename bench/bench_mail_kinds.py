"""How many of the published mails of machines are recognised, and of our own of people and machines. One JSON line.

By kind: how many there are and how many are recognised; the published ones also by halves of their names.
"""

import json
import time
from collections import Counter

from channels.mail.mail import MailKind
from channels.mail.read import read_strictly
from tests.channels.mail.mail_of import raw_of, rows
from tests.channels.mail.published import BOUNCES, published, wanted


def main() -> None:
    figures: dict[str, object] = {"bench": "mail kinds", "own": _own()}
    if BOUNCES.exists():
        figures |= _published()
    print(json.dumps(figures, ensure_ascii=False))


def _own() -> dict[str, dict[str, int]]:
    count: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for row in [*rows("people.yaml"), *rows("machines.yaml")]:
        kind, absent = row.get("kind", MailKind.MESSAGE), row.get("absent", False)
        mail = read_strictly(raw_of(row))
        count[kind] += 1
        right[kind] += (mail.kind, mail.absent) == (kind, absent)
    return _told(count, right)


def _published() -> dict[str, object]:
    count: Counter[str] = Counter()
    right: Counter[str] = Counter()
    halves = [Counter[bool](), Counter[bool]()]
    began = time.perf_counter()
    for number, (path, reason, _) in enumerate(published()):
        kinds = wanted(reason)
        found = read_strictly(path.read_bytes()).kind in kinds
        kind = min(kinds)
        count[kind] += 1
        right[kind] += found
        halves[number % 2][found] += 1
    took = time.perf_counter() - began
    shares = [round(100 * half[True] / half.total(), 2) for half in halves]
    rate = round(100 * right.total() / count.total(), 2)
    milliseconds = round(1000 * took / count.total(), 2)
    return {"published": _told(count, right), "percent": rate, "halves": shares, "ms_each": milliseconds}


def _told(count: Counter[str], right: Counter[str]) -> dict[str, dict[str, int]]:
    return {str(kind): {"n": count[kind], "recognised": right[kind]} for kind in sorted(count)}


if __name__ == "__main__":
    main()
