import numpy as np
import pytest

from nlu.features import counts
from nlu.lexicon import Lexicon

TEXTS = ["kad atiet vilciens", "kā nomainīt paroli", "kā dzēst kontu", "kad atiet autobuss"]


def lexicon(*texts: str) -> Lexicon:
    return Lexicon.learn([counts(text, "lv") for text in texts])


def test_a_text_is_wholly_like_itself() -> None:
    learnt = lexicon(*TEXTS)
    alike = np.array([learnt.alike(counts(text, "lv")) for text in TEXTS])
    assert np.diag(alike) == pytest.approx(1.0, abs=1e-5)
    assert np.allclose(alike, alike.T, atol=1e-6)


def test_likeness_grows_with_what_is_shared() -> None:
    train, password, account, bus = lexicon(*TEXTS).alike(counts("kad atiet nākamais vilciens", "lv"))
    assert train > bus > max(password, account)
    assert min(password, account) >= 0.0


def test_an_inflected_word_without_diacritics_is_recognised() -> None:
    alike = lexicon(*TEXTS).alike(counts("nomainit parole", "lv"))
    assert alike.argmax() == 1
    assert alike[1] > 0.5


@pytest.mark.parametrize("text", ["", "qqqq xxxx"])
def test_nothing_known_is_like_nothing(text: str) -> None:
    assert not lexicon("kad atiet vilciens", "kā dzēst kontu").alike(counts(text, "lv")).any()


def test_texts_without_any_word_can_be_learnt() -> None:
    learnt = lexicon("", "")
    assert learnt.alike(counts("kaut kas", "lv")).tolist() == [0.0, 0.0]
