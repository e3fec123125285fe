"""Rankings against the slow and obvious way; ties keep the order of the corpus."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.similarity.ranking import Exact, Found

_VALUES = arrays(np.float32, st.integers(1, 30), elements=st.sampled_from([-1.0, 0.0, 0.25, 0.5, np.nan]))


def _slow(values, allowed):
    """The allowed places, best first."""
    order = sorted(
        np.flatnonzero(allowed).tolist(), key=lambda place: (-np.nan_to_num(values[place], nan=-9), place)
    )
    return order


@given(_VALUES, st.integers(0, 40), st.randoms(use_true_random=False))
def test_the_best_and_all_ranks(values, k, random):
    allowed = np.array([random.random() < 0.7 for _ in values])
    expected = _slow(values, allowed)
    ranking = Exact(values.copy(), allowed)
    assert ranking.best(k) == expected[:k]
    ranks = ranking.ranks(range(len(values)))
    for place in range(len(values)):
        if not allowed[place]:
            assert ranks[place] is None
        elif not np.isnan(values[place]):
            assert ranks[place] == expected.index(place) + 1


@given(_VALUES, st.integers(0, 40))
def test_what_an_index_found_ranks_among_itself(values, k):
    places = np.arange(0, len(values), 2)
    expected = _slow(values, np.arange(len(values)) % 2 == 0)
    found = Found(places, values[places], {1: 0.75})
    assert found.best(k) == expected[:k]
    assert found.ranks([1, *places.tolist()]) == [None, *(expected.index(place) + 1 for place in places)]
    assert found.scores([1]) == [0.75] and np.isnan(found.scores([99])[0])
    assert not found.exact and Exact(values).exact
