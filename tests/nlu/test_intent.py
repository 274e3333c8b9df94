import re

import pytest
import yaml

from nlu.intent import intent_of
from nlu.language import detect
from nlu.lexical import fold, normalise
from nlu.meaning import Intent
from nlu.phrases import FILE, intents


def _intent(text: str) -> Intent:
    normal = normalise(text)
    return intent_of(normal, detect(normal))


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Labdien!", Intent.GREETING),
        ("sveiki", Intent.GREETING),
        ("Hello", Intent.GREETING),
        ("Здравствуйте!", Intent.GREETING),
        ("/start", Intent.GREETING),
        ("Paldies!", Intent.THANKS),
        ("Labdien, paldies par palīdzību!", Intent.THANKS),
        ("Thank you very much", Intent.THANKS),
        ("спасибо", Intent.THANKS),
        ("Gribu runāt ar dzīvu cilvēku", Intent.HUMAN),
        ("savienojiet ar operatoru ludzu", Intent.HUMAN),
        ("I want to talk to a real person", Intent.HUMAN),
        ("Позовите, пожалуйста, оператора", Intent.HUMAN),
        ("Esmu ļoti neapmierināta ar jūsu darbu", Intent.COMPLAINT),
        ("Gribu iesniegt sūdzību par darbinieci", Intent.COMPLAINT),
        ("I want to complain about your office", Intent.COMPLAINT),
        ("Хочу пожаловаться на сотрудника", Intent.COMPLAINT),
        ("Kur ir mana atbilde?", Intent.STATUS),
        ("Kas notiek ar LV-2026-000123?", Intent.STATUS),
        ("When will I get an answer?", Intent.STATUS),
        ("Где мой ответ?", Intent.STATUS),
        ("Mans iesniegums Nr. 12-34/56, kas ar to notiek?", Intent.PERSONAL),
        ("Kāpēc man atteica pabalstu?", Intent.PERSONAL),
        ("kapec es vel neesmu sanemis pabalstu", Intent.PERSONAL),
        ("Mans kods 161175-19997, kad būs pensija?", Intent.PERSONAL),
        ("[personas kods] kad būs pensija?", Intent.PERSONAL),
        ("Why was I refused the benefit?", Intent.PERSONAL),
        ("Почему мне отказали в пособии?", Intent.PERSONAL),
        ("Man sāp krūtis, laikam sirdslēkme", Intent.EMERGENCY),
        ("Deg māja!", Intent.EMERGENCY),
        ("My house is on fire", Intent.EMERGENCY),
        ("он не дышит", Intent.EMERGENCY),
        ("Idiots!", Intent.ABUSE),
        ("Горить квартира!", Intent.EMERGENCY),
        ("Gaisras namuose!", Intent.EMERGENCY),
        ("Maja põleb, appi!", Intent.EMERGENCY),
        ("Хочу поговорити з живою людиною", Intent.HUMAN),
        ("Ačiū!", Intent.THANKS),
        ("Tere!", Intent.GREETING),
        ("nahuj", Intent.ABUSE),
        ("блядь", Intent.ABUSE),
        ("161175-19997", Intent.PERSONAL),
        ("fuck you", Intent.ABUSE),
        ("", Intent.EMPTY),
        (" \u200b\n", Intent.EMPTY),
        ("?!… 123 😀", Intent.EMPTY),
    ],
)
def test_what_a_person_wants_is_told_by_their_words(text: str, intent: Intent) -> None:
    assert _intent(text) is intent


@pytest.mark.parametrize(
    "text",
    [
        "Labdien! Kā saņemt pasi?",
        "Hi, how do I register my dog?",
        "Здравствуйте, как получить паспорт?",
        "Kā saņemt pensiju? Paldies!",
        "Paldies par atbildi, bet kā saņemt pasi?",
        "Kāpēc tie idioti nevar pateikt, kā saņemt vecuma pensiju?",
        "Kur sūdzēties par veikalu, kas neatdod naudu?",
        "Kādas ir ugunsdrošības prasības?",
        "kā pieteikties ugunsdrošības pārbaudei",
        "sūdzība par ārstu",
        "Par LV-2026-000123: kā saņemt pasi bērnam?",
        "блядь, где получить паспорт",
        "Kā pieteikties operatora darbam?",
        "Kā noformēt invaliditāti pēc sirdslēkmes?",
        "Мы пошли на пенсию, что дальше?",
        "Kāds ir iesnieguma izskatīšanas termiņš?",
    ],
)
def test_a_question_stays_a_question_whatever_stands_beside_it(text: str) -> None:
    assert _intent(text) is Intent.QUESTION


def test_case_and_diacritics_do_not_matter() -> None:
    for text in ("Gribu runāt ar cilvēku", "Kāpēc man atteica?", "Kur ir mana atbilde?"):
        assert _intent(text) is _intent(fold(text)) is _intent(text.upper()) is not Intent.QUESTION


def test_every_phrase_of_the_file_is_found_by_its_intent() -> None:
    read = yaml.safe_load(FILE.read_text("utf-8"))["intents"]
    for name, by_language in read.items():
        for phrase in (phrase for phrases in by_language.values() for phrase in phrases):
            plain = re.sub(r"[*^]|… ", "", phrase).replace("?", "1")
            assert intents()[Intent(name)].search(fold(plain.casefold())), phrase
