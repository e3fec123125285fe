"""Token contributions add up to the score; occlusion is what leaving words out does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ModelProblem
from core.models import loading
from core.models.encoder import encode
from core.similarity.contributions import contributions, occlusion, words_of
from core.similarity.token_vectors import SPECIAL, NotASum, decompose, why_not

texts = st.text(
    st.sampled_from("abcdefgh éßü漢字 .,!?'“\n\t0123456789")
    | st.characters(codec="utf-8", exclude_characters="\0"),
    max_size=120,
)


@lru_cache
def minilm() -> Any:
    try:
        return loading.load("all-MiniLM-L6-v2", device="cpu")
    except ModelProblem as reason:
        pytest.skip(str(reason))


def cosine(a: Any, b: Any) -> float:
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / lengths if lengths else 0.0


def with_head(folder: Path, *layers: Any) -> Any:
    """The tiny model with other layers after its pooling."""
    from sentence_transformers import SentenceTransformer

    model = loading.load(str(folder), device="cpu")
    return SentenceTransformer(modules=[model[0], model[1], *layers], device="cpu")


def agrees(model: Any, one: str, other: str) -> None:
    first, second = decompose(model, [one, other])
    vectors = encode(model, [one, other])
    expected = cosine(vectors[0].astype(float), vectors[1].astype(float))
    for a, b in ((first, second), (first.by_word(), second.by_word())):
        found = contributions(a, b)
        assert found.cells.shape == (len(a.pieces), len(b.pieces)) == (len(found.rows), len(found.columns))
        assert found.score == pytest.approx(expected, abs=1e-4)
        assert found.of_rows.sum() == pytest.approx(found.of_columns.sum()) == pytest.approx(found.score)


@given(texts, texts)
@settings(max_examples=25, deadline=None)
def test_the_cells_of_minilm_add_up_to_the_cosine(one: str, other: str) -> None:
    agrees(minilm(), one, other)


@given(texts, texts)
@settings(max_examples=25, deadline=None)
def test_they_do_so_with_dense_layers(tiny_model: Path, one: str, other: str) -> None:
    agrees(_dense(tiny_model), one, other)


@lru_cache
def _dense(folder: Path) -> Any:
    import torch
    from sentence_transformers.sentence_transformer.modules import Dense, Normalize

    torch.manual_seed(3)
    layers = (
        Dense(32, 48, activation_function=torch.nn.Identity()),
        Dense(48, 20, bias=False, activation_function=None, use_residual=True),
        Normalize(),
    )
    return with_head(folder, *layers)


@pytest.mark.parametrize("mode", ["mean_sqrt_len_tokens", "weightedmean"])
def test_other_means_prompts_and_shortened_embeddings(tiny_model: Path, mode: str) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    loaded = loading.load(str(tiny_model), device="cpu")
    for counts in (True, False):
        model = SentenceTransformer(
            modules=[loaded[0], Pooling(32, pooling_mode=mode, include_prompt=counts)],
            prompts={"query": "find this: "},
            default_prompt_name="query",
            device="cpu",
        )
        agrees(model, "a red coat", "coats of red")
        model.truncate_dim = 12
        agrees(model, "a red coat", "coats of red")


def test_what_the_model_does_not_read_has_no_tokens(tiny_model: Path) -> None:
    model = loading.load(str(tiny_model), device="cpu")
    long = decompose(model, ["word " * 200])[0]
    assert long.truncated and len(long.pieces) == model.max_seq_length
    agrees(model, "word " * 200, "a word")


def test_pieces_are_the_letters_of_the_text() -> None:
    (found,) = decompose(minilm(), ["Unbelievable  Überraschung!"])
    assert "".join(
        piece for piece, word in zip(found.pieces, found.words, strict=True) if word != SPECIAL
    ) == ("UnbelievableÜberraschung!")
    words = found.by_word()
    assert words.pieces == ("[CLS]", "Unbelievable", "Überraschung", "!", "[SEP]")
    assert not found.truncated and words.embedding == pytest.approx(found.embedding)


def test_the_dot_product_is_a_sum_and_a_distance_is_not(tiny_model: Path) -> None:
    model = loading.load(str(tiny_model), device="cpu")
    first, second = decompose(model, ["a b", "c"])
    vectors = encode(model, ["a b", "c"])
    assert contributions(first, second, "dot").score == pytest.approx(
        float(vectors[0] @ vectors[1]), rel=1e-4
    )
    with pytest.raises(ValueError, match="no sum"):
        contributions(first, second, "euclidean")


def test_models_without_a_sum_say_why(tiny_model: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling

    loaded = loading.load(str(tiny_model), device="cpu")
    first_token = SentenceTransformer(modules=[loaded[0], Pooling(32, pooling_mode="cls")], device="cpu")
    assert "pooling (cls)" in why_not(first_token)
    bent = with_head(tiny_model, Dense(32, 8))
    assert "not linear" in why_not(bent)
    with pytest.raises(NotASum):
        decompose(bent, ["a"])
    assert why_not(loaded) == ""


def test_occlusion_is_the_difference_of_scores() -> None:
    def encoder(given: Sequence[str]) -> Any:
        # one dimension a word: scores can be told by hand
        return np.array(
            [[word in text.split() for word in ("red", "coat", "silk", "warm")] for text in given], np.float32
        )

    found = occlusion("red coat", "red silk", encoder, "dot")
    assert (found.score, found.rows, found.columns) == (1.0, ("red", "coat"), ("red", "silk"))
    assert found.of_rows.tolist() == [1.0, 0.0] and found.of_columns.tolist() == [1.0, 0.0]
    assert found.cells.tolist() == [[1.0, 0.0], [0.0, 0.0]], "red and red explain the score together"


def test_words_of_any_script() -> None:
    text = "Don't stop, 東京 is 3.5!"
    assert [text[start:end] for start, end in words_of(text)] == [
        *("Don't", "stop", ",", "東", "京", "is", "3", ".", "5", "!")
    ]
    assert words_of("") == []
    many = "a " * 500
    assert len(words_of(many)) == 96 and words_of(many)[-1][1] == len(many) - 1
    assert occlusion("", "a", lambda given: np.ones((len(given), 2), np.float32)).cells.shape == (0, 1)
