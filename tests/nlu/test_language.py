import pytest

from nlu.language import detect
from tests.nlu.starting_catalogue import asked


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Kā saņemt pensiju?", "lv"),
        ("ka sanemt pensiju", "lv"),
        ("pase", "lv"),
        ("bernudarzs jurmala", "lv"),
        ("How do I get a passport?", "en"),
        ("passport", "en"),
        ("child benefit", "en"),
        ("Как получить паспорт?", "ru"),
        ("паспорт", "ru"),
        ("Как подписать eParaksts mobile в CSDD и VSAA?", "ru"),
        ("kak poluchit pasport", "ru"),
        ("Як отримати паспорт?", "ru"),
    ],
)
def test_a_short_text_shows_its_language(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    ("hint", "language"), [("", "lv"), ("en", "en"), ("ru-RU", "ru"), ("uk", "ru"), ("de", "en"), ("LV", "lv")]
)
def test_a_text_without_words_takes_the_hint(hint: str, language: str) -> None:
    assert detect("123 😀", hint) == language


def test_a_hint_decides_where_the_words_do_not() -> None:
    assert detect("VSAA", "ru") == "ru"


def test_a_hint_does_not_outweigh_clear_words() -> None:
    assert detect("Kā saņemt vecuma pensiju?", "en") == "lv"
    assert detect("How do I get a passport?", "lv") == "en"


def test_the_questions_of_the_catalogue_show_their_languages() -> None:
    questions = list(asked())
    right = sum(detect(question.text) == question.language for question in questions)
    assert right >= 0.99 * len(questions)
