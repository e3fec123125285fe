from __future__ import annotations

import errno
import os

import numpy as np
import pytest

from core.errors import Cancelled, ModelProblem
from core.models import encoder
from core.models.cache import EmbeddingCache
from core.models.encoder import encode
from core.models.fingerprint import fingerprint, fingerprint_loaded
from tests.core import tiny_model

TEXTS = [
    "short",
    "",
    "two\nlines\tand tabs",
    "ünïcödé – 🦊 «quoted»",
    "long " * 200,
    "short",
    "NA",
    " padded ",
    "b" * 63,
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_model.build(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def model(folder):
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu")


class Counting:
    """The model, and what it was asked."""

    def __init__(self, model):
        self.model, self.asked = model, []

    def __getattr__(self, name):
        return getattr(self.model, name)

    def encode(self, texts, **options):
        self.asked += texts
        return self.model.encode(texts, **options)


@pytest.mark.parametrize("batch_size", [1, 3, 256])
def test_the_same_vectors_as_the_model_itself(model, batch_size):
    found = encode(model, TEXTS, batch_size=batch_size)
    assert found.dtype == np.float32
    assert np.abs(found - model.encode(TEXTS)).max() < 1e-5


def test_no_texts(model, tmp_path):
    assert encode(model, []).shape == (0, 32)
    assert encode(model, [], EmbeddingCache(tmp_path, "x", 32)).shape == (0, 32)


def test_distinct_texts_once_and_never_again_with_a_cache(model, tmp_path):
    counting = Counting(model)
    cache = EmbeddingCache(tmp_path, "x", 32)
    first = encode(counting, TEXTS, cache)
    assert sorted(counting.asked) == sorted(set(TEXTS))
    progress = []
    again = encode(counting, [*TEXTS, "new"], cache, on_progress=lambda *figures: progress.append(figures))
    assert counting.asked[len(set(TEXTS)) :] == ["new"]
    assert np.array_equal(again[: len(TEXTS)], first)
    assert [figures[:2] for figures in progress] == [
        (len(set(TEXTS)), len(set(TEXTS)) + 1),
        (len(set(TEXTS)) + 1,) * 2,
    ]
    assert progress[-1][2] == 0


def test_cancelled_between_chunks_what_is_done_is_kept(model, tmp_path):
    texts = [f"text {number}" for number in range(20)]
    cache = EmbeddingCache(tmp_path, "x", 32)
    done = []
    with pytest.raises(Cancelled):
        encode(
            model, texts, cache, lambda *figures: done.append(figures[0]), lambda: done[-1] >= 8, batch_size=4
        )
    assert done == [0, 4, 8]
    assert len(cache.lookup(texts)[1]) == 12
    assert np.abs(encode(model, texts, cache) - model.encode(texts)).max() < 1e-5


def test_longest_texts_first_and_the_estimate_shrinks(model):
    counting, left = Counting(model), []
    encode(
        counting,
        ["a" * length for length in range(60)],
        on_progress=lambda *f: left.append(f[2]),
        batch_size=5,
    )
    lengths = [len(text) // 4 for text in counting.asked]
    assert lengths == sorted(lengths, reverse=True)
    assert left[0] is None and left[-1] == 0 and all(value >= 0 for value in left[1:])


def test_chunks_follow_the_speed_of_the_model():
    assert encoder._adapted(1000, 0.4, full=True) == 500
    assert encoder._adapted(1000, 0.1, full=True) == 2000
    assert encoder._adapted(1000, 10.0, full=True) == 500
    assert encoder._adapted(1000, 0.001, full=False) == 1000
    assert encoder._adapted(130_000, 0.001, full=True) == 131_072


def test_a_cache_on_a_full_disk_does_not_stop_the_work(model, tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    found = encode(model, TEXTS, EmbeddingCache(tmp_path, "x", 32))
    assert np.abs(found - model.encode(TEXTS)).max() < 1e-5


def test_a_lone_surrogate_is_encoded_as_a_replacement(model):
    assert np.allclose(encode(model, ["a \ud800 b"]), encode(model, ["a ? b"]), atol=1e-6)


def test_fingerprint_follows_what_changes_an_embedding(folder, tmp_path):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    same = fingerprint(folder)
    assert len(same) == 32 and fingerprint(copy) == same
    (copy / "README.md").write_text("a card", encoding="utf-8")
    (copy / "eval").mkdir()
    (copy / "eval" / "scores.json").write_text("{}", encoding="utf-8")
    assert fingerprint(copy) == same
    pooling = copy / "1_Pooling" / "config.json"
    pooling.write_text(pooling.read_text(encoding="utf-8").replace("mean", "max"), encoding="utf-8")
    changed = fingerprint(copy)
    assert changed != same
    weights = bytearray((copy / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (copy / "model.safetensors").write_bytes(weights)
    assert fingerprint(copy) not in (same, changed)


def test_the_hash_of_large_weights_is_remembered(folder, monkeypatch, anchorlab_home):
    from core.models import fingerprint as module

    monkeypatch.setattr(module, "_HASHED_ONCE", 1)
    monkeypatch.setattr(module, "_known", {})
    same = fingerprint(folder)
    assert (anchorlab_home / "cache" / "fingerprints.json").is_file()
    monkeypatch.setattr(module, "_known", {})
    monkeypatch.setattr(module.hashlib, "file_digest", None)  # would fail if anything were hashed again
    assert fingerprint(folder) == same


def test_fingerprint_of_a_loaded_model(folder, model, tmp_path):
    import torch
    from sentence_transformers import SentenceTransformer

    again = SentenceTransformer(str(folder), device="cpu")
    assert fingerprint_loaded(again) == fingerprint_loaded(model)
    with torch.no_grad():
        next(again.parameters())[0, 0] += 1
    assert fingerprint_loaded(again) != fingerprint_loaded(model)


class Broken:
    """A model whose training ran out of bounds: it gives `value` for every text but the first."""

    def __init__(self, value):
        self.value = value

    def __getattr__(self, name):
        if name == "max_seq_length":
            return 64
        raise AttributeError(name)

    def get_embedding_dimension(self):
        return 2

    def encode(self, texts, **options):
        return np.array([[1, 0] if text == "first" else [self.value, 1] for text in texts], np.float32)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_a_model_without_numbers_is_refused_and_nothing_of_it_is_kept(tmp_path, value):
    """A cosine with such a vector was 0.000, as if the texts had nothing in common."""
    cache = EmbeddingCache(tmp_path, "broken", 2)
    with pytest.raises(ModelProblem, match="something else than numbers"):
        encode(Broken(value), ["first", "second"], cache)
    assert cache.lookup(["second"])[1] == [0]


@pytest.mark.parametrize("value", [np.nan, -np.inf, 3e38])
def test_damaged_embeddings_are_made_anew(model, tmp_path, value):
    cache = EmbeddingCache(tmp_path, "tiny", 32)
    expected = encode(model, ["one", "two"], cache)
    with (cache.folder / "vectors.f32").open("r+b") as stream:
        stream.write(np.full(5, value, np.float32).tobytes())
    for known in (cache, EmbeddingCache(tmp_path, "tiny", 32)):
        assert np.abs(encode(model, ["one", "two"], known) - expected).max() < 1e-6
    assert np.isfinite(EmbeddingCache(tmp_path, "tiny", 32).matrix(["one", "two"])).all()
