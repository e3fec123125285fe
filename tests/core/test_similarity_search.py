from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.similarity import search


def _slow_top_k(query, matrix, k, metric):
    def score(row):
        if metric == "dot":
            return float(query @ row)
        if metric == "euclidean":
            return -float(np.linalg.norm(query - row))
        if metric == "manhattan":
            return -float(np.abs(query - row).sum())
        lengths = float(np.linalg.norm(query) * np.linalg.norm(row))
        return float(query @ row) / lengths if lengths else 0.0

    scores = [score(row) for row in matrix.astype(np.float64)]
    order = sorted(range(len(scores)), key=lambda index: (-scores[index], index))[:k]
    return order, [scores[index] for index in order]


@pytest.mark.parametrize("metric", search.METRICS)
def test_top_k_is_the_sorted_list_of_all_rows(metric, monkeypatch):
    monkeypatch.setattr(search, "_CHUNK_VALUES", 8 * 7)  # seven rows a chunk
    generator = np.random.default_rng(3)
    matrix = generator.normal(size=(50, 8)).astype(np.float32)
    query = generator.normal(size=8).astype(np.float32)
    indices, scores = search.top_k(query, matrix, 12, metric)
    expected, expected_scores = _slow_top_k(query, matrix, 12, metric)
    assert indices.tolist() == expected
    assert np.allclose(scores, expected_scores, atol=1e-5)


@given(
    st.lists(st.integers(-2, 2), min_size=0, max_size=60),
    st.integers(0, 70),
)
def test_best_keeps_the_order_of_equals(values, k):
    found = search.best(np.array(values, dtype=np.float32), k)
    assert found.tolist() == sorted(range(len(values)), key=lambda index: (-values[index], index))[:k]


@given(st.lists(st.integers(-2, 2), min_size=1, max_size=40))
def test_ranks_agree_with_the_sorted_list(values):
    array = np.array(values, dtype=np.float32)
    order = search.best(array, len(values))
    assert search.ranks(array, order) == list(range(1, len(values) + 1))


def test_zero_vectors_nan_and_no_rows():
    matrix = np.array([[0, 0], [1, 0], [np.nan, 1]], dtype=np.float32)
    indices, scores = search.top_k(np.array([2, 0], dtype=np.float32), matrix, 5)
    assert indices.tolist() == [1, 0, 2]
    assert scores[:2].tolist() == [1.0, 0.0]
    indices, scores = search.top_k(np.zeros(2, dtype=np.float32), np.empty((0, 2), dtype=np.float32), 5)
    assert len(indices) == len(scores) == 0


def test_lengths_given_are_the_lengths_used():
    matrix = np.array([[3, 4], [1, 0]], dtype=np.float32)
    query = np.array([1, 0], dtype=np.float32)
    assert search.norms(matrix).tolist() == [5.0, 1.0]
    assert np.allclose(search.scores(query, matrix, "cosine", search.norms(matrix)), [0.6, 1.0])


def test_an_unknown_metric_is_refused():
    with pytest.raises(ValueError, match="cosine, dot"):
        search.scores(np.zeros(2, dtype=np.float32), np.zeros((1, 2), dtype=np.float32), "hamming")
