"""Why a text is taken for a matter: the examples that share words with it."""

import pytest

from nlu.why import likeness, nearest

PASSPORT = [("Kā saņemt pasi?", "lv"), ("nozaudēta pase", "lv"), ("vecuma pensija", "lv"), ("lost passport", "en")]


def test_the_example_that_shares_most_words_comes_first_whatever_their_endings() -> None:
    near = nearest("Esmu pazaudējis, nozaudēta ir mana pase!", "lv", PASSPORT)
    assert near[0].text == "nozaudēta pase"
    assert near[0].words == ("nozaudēta", "pase")
    assert "vecuma pensija" not in [one.text for one in near]


def test_words_that_any_service_is_asked_with_speak_for_none() -> None:
    assert nearest("Kā saņemt?", "lv", PASSPORT) == []


def test_a_personal_code_is_no_word() -> None:
    assert nearest("010190-12345 29123456", "lv", [("010190-12345 29123456", "lv")]) == []


@pytest.mark.parametrize("text", ["", "\x00", "🙂", "ß" * 9_000, "<script>alert(1)</script>", "\ud800"])
@pytest.mark.parametrize("language", ["lv", "uk", "xx"])
def test_any_text_in_any_language_may_be_asked(text: str, language: str) -> None:
    assert isinstance(nearest(text, language, PASSPORT), list)


def test_the_same_text_is_alike_and_another_is_not() -> None:
    assert likeness("Kaimiņš trokšņo naktīs", "Kaimiņš trokšņo naktīs", "lv") == 1.0
    assert likeness("Kaimiņš trokšņo naktīs", "vecuma pensija", "lv") == 0.0
