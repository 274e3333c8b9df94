import pytest

from nlu.features import LONGEST_GRAM, SHORTEST_GRAM, characters, counts, lemma, plain
from nlu.lexical import normalise


@pytest.mark.parametrize("typed", ["dzīvesvieta", "dzivesvieta", "dziivesvieta"])
def test_a_word_is_the_same_with_and_without_diacritics_and_in_chat_spelling(typed: str) -> None:
    assert plain(typed) == "dzivesvieta"


def test_sibilants_of_chat_spelling_are_read_as_letters() -> None:
    assert plain("shodien") == plain("šodien")
    assert plain("achgaarni") == plain("ačgārni")


def test_forms_of_a_latvian_word_have_one_lemma() -> None:
    assert lemma("pensijas", "lv") == lemma("pensiju", "lv") == lemma("pensija", "lv")


def test_a_word_of_a_language_that_we_do_not_inflect_stays() -> None:
    assert lemma("Straßenbahnen".casefold(), "de") == "strassenbahnen"


def test_characters_are_all_short_runs_of_the_word_with_its_edges() -> None:
    assert characters("ap") == (" a", "ap", "p ", " ap", "ap ", " ap ")
    assert {len(gram) for gram in characters("pieteikums")} == set(range(SHORTEST_GRAM, LONGEST_GRAM + 1))


def test_counts_hold_characters_lemmas_and_pairs_of_lemmas() -> None:
    counted = counts("kur kur pensija", "lv")
    assert counted["l"] == {"kur": 2, "pensij": 1}
    assert set(counted["p"]) == {"kur", "pensij", "^ kur", "kur kur", "kur pensij", "pensij $"}


@pytest.mark.parametrize("text", ["", "   ", "😀", "...", "\u200b"])
def test_a_text_without_words_has_no_features(text: str) -> None:
    assert not any(counts(normalise(text), "lv").values())


def test_a_long_text_is_read_up_to_a_limit() -> None:
    counted = counts(" ".join(f"vārds{number}" for number in range(5_000)), "lv")
    assert counted["l"].total() == 200
