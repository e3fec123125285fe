"""Near-duplicates are exactly the pairs above the threshold, and rows repeat others only in every one of their texts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.similarity.near_duplicates import NearSearch, near_rows


def by_hand(matrix, threshold):
    lengths = np.linalg.norm(matrix, axis=1)
    unit = matrix / np.where(lengths > 0, lengths, 1)[:, None]
    cosine = unit.astype(np.float64) @ unit.T.astype(np.float64)
    return {(i, j) for i, j in zip(*np.nonzero(np.triu(cosine >= threshold, 1)))}


@pytest.mark.parametrize(("count", "width"), [(3000, 384), (500, 384), (3000, 64), (1, 8), (0, 8)])
def test_every_pair_is_found_and_no_other(count, width):
    draw = np.random.default_rng(count + width)
    matrix = draw.normal(size=(count, width)).astype(np.float32) * np.linspace(
        3, 0.2, width, dtype=np.float32
    )
    for place in range(0, count - 1, 5):  # near and not quite so near ones, of other lengths
        noise = draw.normal(size=width).astype(np.float32)
        closeness = draw.uniform(0.05, 0.6) * np.linalg.norm(matrix[place]) / np.linalg.norm(noise)
        matrix[place + 1] = draw.uniform(0.5, 2) * (matrix[place] + closeness * noise)
    if count > 9:
        matrix[7] = 0
    search = NearSearch(matrix)
    steps = 0
    while not search.advance(0):
        steps += 1
    found = {tuple(pair) for pair in search.pairs().tolist()}
    wanted, strict, loose = by_hand(matrix, 0.95), by_hand(matrix, 0.95002), by_hand(matrix, 0.94998)
    assert strict <= found <= loose and (count < 100 or len(wanted) > 20)
    assert search.done == search.total and (count < 2000 or steps)


def test_rows_repeat_others_in_every_text():
    pairs = np.array([[0, 1], [2, 3], [1, 4]])
    rows = [(0, 2), (1, 3), (0, 5), (3, 1), (0, 2), (4, 2), (4, 6)]
    assert near_rows(rows, pairs, either_order=False) == [(1, 0)]
    assert near_rows(rows, pairs, either_order=True) == [(1, 0), (3, 0)]


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12),
    st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=6),
)
def test_what_is_kept_is_unlike_and_what_goes_is_like_it(rows, near):
    pairs = np.array([(a, b) for a, b in near if a < b], dtype=np.int64).reshape(-1, 2)
    close = {frozenset(pair) for pair in pairs.tolist()}
    repeats = dict(near_rows(rows, pairs, either_order=False))
    found = set(repeats)

    def like(one, other):
        return all(a == b or frozenset((a, b)) in close for a, b in zip(one, other))

    kept = [row for place, row in enumerate(rows) if place not in found]
    assert all(
        like(rows[place], rows[of]) and of < place and of not in found for place, of in repeats.items()
    )
    assert not any(like(a, b) and a != b for n, a in enumerate(kept) for b in kept[:n])
