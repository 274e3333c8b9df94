"""The person's own words in a mail: none lost, nothing quoted kept. Our own forms, and the published cases."""

import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from channels.mail.reply import ABOVE, own_words
from config.settings import ROOT

FORMS: list[dict[str, str]] = yaml.safe_load((Path(__file__).parent / "replies.yaml").read_text("utf-8"))
PUBLISHED = ROOT.parent / "shared" / "data" / "mail" / "reply"
LINES = 20_000
QUOTED = (
    "On Mon, Nov 23, 2026 at 10:15 AM Help <help@example.lv> wrote:\n\n> asked\n",
    "pirmd., 2026. g. 23. nov., plkst. 10:15 Portāls <p@piemers.lv> rakstīja:\n\nasked\n",
    "No: P <p@piemers.lv>\nNosūtīts: 2026. gada 23. novembris 10:15\nKam: J <j@piemers.lv>\nTēma: J\n\nasked\n",
    "-----Исходное сообщение-----\nОт: p@primer.lv\nОтправлено: 23 ноября 2026 г. 10:15\nКому: j@primer.lv\n\nasked",
    f"{ABOVE['lv']}\n\nasked\n",
    "> asked\n> asked\n",
    "-- \nJ. Ozols\nasked\n",
)
INTROS = """
pe 23. marrask. 2026 klo 10.15 Ana <ana@x.fi> kirjoitti:
Em seg., 23 de nov. de 2026 às 10:15, Ana <ana@x.pt> escreveu:
El lun, 23 nov 2026 a las 10:15, Ana (<ana@x.es>) escribió:
Il giorno lun 23 nov 2026 alle ore 10:15 Ana <ana@x.it> ha scritto:
Op ma 23 nov 2026 om 10:15 schreef Ana <ana@x.nl>:
Den mån 23 nov. 2026 kl 10:15 skrev Ana <ana@x.se>:
man. 23. nov. 2026 kl. 10:15 skrev Ana <ana@x.no>:
pon., 23 lis 2026 o 10:15 Ana <ana@x.pl> napisał(a):
po 23. 11. 2026 v 10:15 odesílatel Ana <ana@x.cz> napsal:
Le lun. 23 nov. 2026 à 10:15, Ana <ana@x.fr> a écrit :
În lun., 23 nov. 2026 la 10:15, Ana <ana@x.ro> a scris:
На пн, 23.11.2026 г. в 10:15 Ana <ana@x.bg> написа:
понедельник, 23 ноября 2026 г. пользователь Ana написал:
2026 m. lapkričio 23 d., pr 10:15 Jonas <jonas@x.lt> parašė:
23. nov 2026, kell 10:15, kirjutas Ana <ana@x.ee>:
Ana <ana@x.hu> ezt írta (időpont: 2026. nov. 23., H, 10:15):
2026年11月23日(月) 10:15 Ana <ana@x.jp>:
""".strip().splitlines()
PIECES = st.sampled_from(
    [
        *QUOTED,
        "> a\n",
        "\n",
        "Labi.\n",
        "Ar cieņu,\n",
        "tālr. 20000000\n",
        "--\n",
        "____________\n",
        "No: a@b.lv\n",
        "FYI\n",
    ]
)


@pytest.mark.parametrize("form", FORMS, ids=[form["form"] for form in FORMS])
def test_words_are_found_in_what_programs_put_around_them(form: dict[str, str]) -> None:
    assert own_words(form["text"]).strip() == form["words"].strip()


@pytest.mark.parametrize("intro", INTROS)
@pytest.mark.parametrize("quoted", ["> asked\n> asked", "asked\n\nasked"], ids=["marked", "unmarked"])
def test_gmail_s_intros_are_known_in_many_languages(intro: str, quoted: str) -> None:
    assert own_words(f"Atbilde ir nē.\nOtra rinda.\n\n{intro}\n\n{quoted}\n") == "Atbilde ir nē.\nOtra rinda."


@pytest.mark.parametrize("marker", ABOVE.values(), ids=ABOVE)
def test_what_stands_below_our_own_marker_is_quoted(marker: str) -> None:
    assert own_words(f"Atbilde ir nē.\n\n{marker}\n\nJautājums\n") == "Atbilde ir nē."


@given(
    words=st.lists(st.from_regex(r"\A[a-zāčēģīķļņšūžа-я]{3,9}\Z"), min_size=3, max_size=60),
    quoted=st.sampled_from(QUOTED),
)
def test_a_first_paragraph_is_never_lost(words: list[str], quoted: str) -> None:
    paragraph = "\n".join(" ".join(words[at : at + 10]) for at in range(0, len(words), 10))

    assert own_words(f"{paragraph}\n\n{quoted}").startswith(paragraph)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join)))
def test_any_text_gives_some_of_its_own_words_and_only_a_blank_one_gives_none(text: str) -> None:
    words = own_words(text)

    assert bool(words.strip()) == bool(text.strip())
    assert not Counter(_words(words)) - Counter(_words(text))


@pytest.mark.parametrize(
    "lines",
    [
        ["Parasta rinda ar dažiem vārdiem."],
        ["On Mon, Nov 23, 2026 at 10:15 AM Help <help@example.lv> wrote:", "> a"],
        ["> a", "b"],
        ["", ">"],
        ["Ar cieņu, Jānis", "tālr. 20000000"],
        ["-" * 300 + " x"],
        ["a" * 390 + "@"] * 3,
        ["Sent from my iPhone"],
    ],
    ids=["words", "intros", "between", "blank", "greetings", "dashes", "mailboxes", "footers"],
)
def test_a_long_mail_takes_no_more_than_its_length(lines: list[str]) -> None:
    text = "\n".join(lines * (LINES // len(lines)))
    began = time.process_time()

    own_words(text)

    assert time.process_time() - began < 3, "20,000 lines take less than a second where nothing else runs"


@pytest.fixture(scope="module")
def published() -> dict[str, tuple[Counter[str], Counter[str]]]:
    """Of each case the words lost and the words kept too many."""
    if not PUBLISHED.is_dir():
        pytest.skip("needs ../shared/data/mail/reply, which is not beside this checkout")
    cases: dict[str, Any] = {}
    for path in sorted((PUBLISHED / "emails").iterdir()):
        wanted = Counter(_words((PUBLISHED / "trimmed" / path.name).read_text("utf-8")))
        found = Counter(_words(own_words(path.read_bytes().decode())))
        cases[path.name] = wanted - found, found - wanted
    return cases


def test_in_97_of_100_published_cases_no_word_is_lost(published: dict[str, tuple[Counter[str], Counter[str]]]) -> None:
    failed = {name: dict(lost) for name, (lost, _) in published.items() if lost}

    assert 1 - len(failed) / len(published) >= 0.97, failed


def test_in_90_of_100_published_cases_nothing_quoted_is_kept(
    published: dict[str, tuple[Counter[str], Counter[str]]],
) -> None:
    failed = {name: dict(kept) for name, (_, kept) in published.items() if kept}

    assert 1 - len(failed) / len(published) >= 0.90, failed


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)
