import time

import pytest

from nlu.lexical import LONGEST_TEXT, fold, normalise, term, terms, tokens
from nlu.vocabulary import Vocabulary


@pytest.mark.parametrize(
    "words",
    [
        "pabalsts pabalsta pabalstu pabalstam pabalstiem",
        "dzīvesvieta dzīvesvietas dzīvesvietu dzīvesvietā",
        "suns suņa suni suņi suņiem",
        "iesniegt iesniedz iesniegums iesniegšana",
        "deklarēt deklarēšana deklarēju deklarētu deklarēšanās",
        "pase pases pasi pasē",
    ],
)
def test_the_forms_of_a_latvian_word_are_one_term_with_and_without_diacritics(words: str) -> None:
    forms = words.split()
    assert len({term(form, "lv") for form in forms} | {term(fold(form), "lv") for form in forms}) == 1


def test_the_forms_of_russian_and_english_words_are_one_term() -> None:
    assert len({term(word, "ru") for word in ["паспорт", "паспорта", "паспорту", "паспортом"]}) == 1
    assert len({term(word, "en") for word in ["benefit", "benefits"]}) == 1


def test_text_is_read_as_it_was_meant() -> None:
    assert normalise("  <b>LABDIEN</b>&amp;\u200b pa\u00adse\x00 ") == "labdien & pase"
    assert normalise("ｐａｓｅ") == "pase"
    assert normalise("a\u0304") == "ā"


def test_what_is_written_with_a_hyphen_or_dots_is_one_word() -> None:
    assert tokens("e-adrese") == ["eadrese"]
    assert tokens("e adrese") == ["eadrese"]
    assert tokens("latvija.gov.lv vsaa") == ["latvijagovlv", "vsaa"]


def test_words_of_grammar_numbers_and_what_is_not_meant_are_no_content() -> None:
    assert [word for word, _ in terms(normalise("Kā man saņemt 3 pases?"), "lv")] == ["sanemt", "pases"]
    assert [word for word, _ in terms("vecuma pensija nevis pabalsts", "lv")] == ["vecuma", "pensija"]


@pytest.mark.parametrize("written", ["dziivesvieta", "dzivesvieta", "dzīvezvieta", "dzivesveita", "dzīvesvietās"])
def test_chat_spelling_and_slips_find_the_word(written: str) -> None:
    vocabulary = Vocabulary()
    (known,) = vocabulary.add("dzīvesvieta", "lv")
    assert list(vocabulary.read(normalise(written), "lv")) == [known]


def test_an_unknown_word_is_known_to_be_unknown() -> None:
    vocabulary = Vocabulary()
    vocabulary.add("dzīvesvieta", "lv")
    assert list(vocabulary.read("helikopters", "lv").values()) == [0.0]


def test_a_long_text_is_cut_before_it_costs_time() -> None:
    began = time.process_time()
    assert len(normalise("Kā saņemt pensiju? " * 50_000)) <= LONGEST_TEXT
    assert time.process_time() - began < 0.1
