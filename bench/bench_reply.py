"""The person's own words on the published cases and in long mails: one JSON line.

    python -m bench.bench_reply

Rates are shares of cases: without a lost word, without a word too many. Needs ../shared/data/mail/reply.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Callable

from channels.mail.reply import own_words
from config.settings import ROOT

DATA = ROOT.parent / "shared" / "data" / "mail" / "reply"
LINES = 20_000
INTRO = "On Mon, Nov 23, 2026 at 10:15 AM Help <help@example.lv> wrote:"
TRIES = 20


def main() -> None:
    if not DATA.is_dir():
        print(json.dumps({"bench": "reply", "skipped": f"needs the published cases in {DATA}"}))
        return
    cases = [
        (path.read_bytes().decode(), (DATA / "trimmed" / path.name).read_text("utf-8"))
        for path in sorted((DATA / "emails").iterdir())
    ]
    lost = sum(bool(_words(wanted) - _words(own_words(text))) for text, wanted in cases)
    kept = sum(bool(_words(own_words(text)) - _words(wanted)) for text, wanted in cases)
    took = _seconds(lambda: [own_words(text) for text, _ in cases * TRIES])
    figures = {
        "cases": len(cases),
        "nothing_lost": round(1 - lost / len(cases), 3),
        "nothing_quoted_kept": round(1 - kept / len(cases), 3),
        "mails_a_second": round(len(cases) * TRIES / took),
        "seconds_for_20000_lines": round(_seconds(lambda: own_words("Parasta rinda ar vārdiem.\n" * LINES)), 2),
        "seconds_for_10000_quotes": round(_seconds(lambda: own_words(f"{INTRO}\n> a\n" * (LINES // 2))), 2),
    }
    print(json.dumps({"bench": "reply", **figures}))


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
