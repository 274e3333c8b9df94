"""Which of the desk's corrections are learnt, and what the engine then makes of them."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from nlu import decide, kept_examples
from nlu.embed import embedder
from nlu.evaluate import RowsError
from nlu.examples import LONGEST, MOST, Example, example_of, join, screen
from nlu.learning import Learner
from nlu.meaning import Band, Competence, Entry
from nlu.sense import Sense, spelling_of, texts_to_embed
from nlu.understand import Engine
from nlu.vectors import Vectors
from nlu.worth import Trial


def entry(code: str, institution: str, *questions: str, also: tuple[str, ...] = ()) -> Entry:
    words = {"lv": tuple(questions)}
    return Entry(code, institution, also, "", "both", {"lv": code}, {}, words, {"lv": questions[0]})


ENTRIES = [
    entry("pase", "PMLP", "Kur saņemt jaunu pasi?", "Cik maksā pase?", also=("VID",)),
    entry("pensija", "VSAA", "Kā saņemt vecuma pensiju?", "Kad man būs pensija?"),
    entry("nodoklis", "VID", "Kā atgūt pārmaksāto nodokli?", "Kad jāmaksā nodoklis?"),
]
COMPETENCES = [
    Competence("PMLP", {"lv": "Migrācijas pārvalde"}, {"lv": ("pases un dokumenti",)}, False),
    Competence("VSAA", {"lv": "Sociālās apdrošināšanas aģentūra"}, {"lv": ("pensijas un pabalsti",)}, False),
    Competence("VID", {"lv": "Ieņēmumu dienests"}, {"lv": ("nodokļi un muita",)}, False),
]
NEW = "Čipsene gultas režīmam kavējas, ko darīt?"
AGAIN = "Man kavējas čipsene gultas režīmam"


def reasons(*examples: Example) -> dict[str, int]:
    return dict(screen(examples, ENTRIES, COMPETENCES).ignored)


def learnt(*examples: Example) -> list[Example]:
    return list(screen(examples, ENTRIES, COMPETENCES).learnt)


def engine(*examples: Example) -> Engine:
    """As it understands after it has learnt these."""
    entries, competences = join(examples, ENTRIES, COMPETENCES)
    return Engine.learn(entries, competences, Sense.learn(entries, competences, vectors(examples)))


def vectors(examples: Sequence[Example]) -> Vectors:
    known = Vectors.empty()
    known.add(texts_to_embed(*join(examples, ENTRIES, COMPETENCES), spelling_of(ENTRIES)), embedder().embed)
    return known


def test_a_question_of_a_service_is_found_again_in_other_words() -> None:
    before, after = (one.understand(AGAIN) for one in (engine(), engine(Example(NEW, "lv", "VID", "nodoklis"))))
    assert before.confidence < after.confidence
    assert after.service == "nodoklis"


def test_where_only_an_institution_was_chosen_it_is_suggested_and_nothing_answered() -> None:
    before, after = (one.understand(AGAIN) for one in (engine(), engine(Example(NEW, "lv", "VID"))))
    assert after.institutions[0].code == "VID"
    assert after.band is not Band.ANSWER
    sure = {one.code: one.confidence for one in before.institutions}
    assert after.institutions[0].confidence > sure["VID"]


def test_citizens_spelling_is_not_taken_for_the_catalogues() -> None:
    entries, _ = join([Example("Vecūma pensīja drīz?", "lv", "VSAA", "pensija")], ENTRIES, COMPETENCES)
    assert spelling_of(entries).words == spelling_of(ENTRIES).words
    slipped = engine(Example("Vecumma pensja drīz?", "lv", "VID", "nodoklis"))
    assert slipped.understand("vecuma pensija").service == "pensija"


def test_what_was_masked_is_no_word_of_the_matter() -> None:
    (one,) = learnt(Example("Mans kods 010190-12345, raksti [e-pasts]: kur ziņot adresi?", "lv", "PMLP"))
    assert one.text == "Mans kods , raksti : kur ziņot adresi?"


def test_words_of_the_catalogue_are_learnt_from_nobody() -> None:
    told = screen(
        [
            Example("ka sanemt VECUMA pensiju", "lv", "PMLP", ticket="LV-2026-000001"),
            Example("Kur saņemt jaunu pasi?", "lv", "PMLP", "pase"),
            Example("Cik maksā pase!", "lv", "VID"),
            Example("Kad jāmaksā nodoklis?", "lv", "VSAA", "pensija"),
        ],
        ENTRIES,
        COMPETENCES,
    )
    assert (told.learnt, told.ignored) == ([], {"against the catalogue": 2, "in the catalogue already": 2})
    assert [(one["ticket"], one["catalogue"]) for one in told.against] == [
        ("LV-2026-000001", ["pensija"]),
        ("", ["nodoklis"]),
    ]


def test_the_newest_word_on_the_same_words_wins() -> None:
    old, new = Example(NEW, "lv", "VID"), Example(NEW.upper(), "lv", "VSAA")
    assert learnt(old, new) == [new]
    assert reasons(old, new) == {"same words as a newer one": 1}


@pytest.mark.parametrize(
    ("text", "institution", "reason"),
    [
        ("Palīdziet!", "VID", "too short"),
        ("🙂 [tālrunis]", "VID", "too short"),
        ("nodoklis par māju " * LONGEST, "VID", "too long"),
        (NEW, "XYZ", "unknown institution"),
        ("\ud800\x00", "VID", "too short"),
    ],
)
def test_what_teaches_nothing_is_counted_with_its_reason(text: str, institution: str, reason: str) -> None:
    assert reasons(Example(text, "xx", institution)) == {reason: 1}


def test_a_service_that_is_no_longer_there_leaves_its_institution() -> None:
    assert learnt(Example(NEW, "lv", "VID", "gone")) == [Example(NEW, "lv", "VID")]
    assert learnt(Example(NEW, "lv", "", "pensija"))[0].institution == "VSAA"
    entries, competences = join([Example(NEW, "lv", "VID", "gone"), Example(NEW, "lv", "X")], ENTRIES, COMPETENCES)
    assert (entries, competences[2].asked) == (ENTRIES, {"lv": (NEW,)})


def test_only_the_newest_are_looked_at() -> None:
    many = [Example(f"jautājums numur{n} par lietu", "lv", "VID") for n in range(MOST + 2)]
    assert reasons(*many) == {"too old": 2}


def test_what_is_kept_is_read_again_and_nobody_else_may(tmp_path: Path) -> None:
    assert (kept_examples.kept(tmp_path), kept_examples.stamp(tmp_path)) == ([], "")
    examples = [Example("Kur\u2028pase?", "lv", "PMLP", "pase", "LV-2026-000001"), Example(NEW, "lv", "VID")]
    kept_examples.keep(tmp_path, examples)
    first = kept_examples.stamp(tmp_path)
    assert kept_examples.kept(tmp_path) == examples
    assert (tmp_path / kept_examples.NAME).stat().st_mode & 0o077 == 0
    kept_examples.keep(tmp_path, examples[:1])
    assert kept_examples.stamp(tmp_path) != first


def test_a_file_that_cannot_be_read_keeps_nobody_from_answering(tmp_path: Path) -> None:
    (tmp_path / kept_examples.NAME).write_text("{}", "utf-8")
    assert kept_examples.kept(tmp_path) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("no json", "Expecting value"),
        ("[]", "not an object"),
        ('{"text": "x"}', 'needs "text" and'),
        ('{"text": 1, "service": "x"}', 'not a text: "text"'),
    ],
)
def test_a_line_that_is_none_is_refused_with_its_place(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "rows"
    path.write_text(json.dumps({"text": NEW, "service": "pase"}) + f"\n\n{line}\n", "utf-8")
    with pytest.raises(RowsError, match=f"rows:3: .*{said}"):
        kept_examples.read(path)


def test_private_data_in_a_file_is_masked_as_it_is_read() -> None:
    assert example_of({"text": "Zvaniet 26123456", "institution": "VID"}).text == "Zvaniet [tālrunis]"


def test_the_model_file_belongs_to_the_examples_too(tmp_path: Path) -> None:
    learner = Learner(tmp_path)
    whole = join([Example(NEW, "lv", "VID", "nodoklis")], ENTRIES, COMPETENCES)
    learner.thoroughly(*whole)
    assert Learner(tmp_path).quickly(*whole)[1]
    other, _ = Learner(tmp_path).quickly(ENTRIES, COMPETENCES)  # all is embedded, and this knows nothing of them
    assert other.understand(NEW).confidence < learner.thoroughly(*whole).understand(NEW).confidence


def test_each_is_asked_of_an_engine_that_has_not_learnt_it() -> None:
    examples = [
        Example(f"{start} čipsene gultas režīmam {end}", "lv", "VID", "nodoklis")
        for start, end in (("Kad", "beigsies?"), ("Kāpēc", "kavējas?"), ("Cik", "jāgaida?"), ("Ko dara", "tagad?"))
    ]
    trial = Trial(ENTRIES, COMPETENCES, vectors(examples), decide.shipped())
    told = trial.worth(examples)
    assert told["before"]["asked"] == told["after"]["asked"] == 4
    assert told["before"]["service"] < told["after"]["service"] == 4
    assert told["after"]["institution"] == 4
    assert trial.worth(examples[:1]) == {}
