"""The verdict: one triplet more is not better, many are, and few rows prove nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.training.scores import RowScores as Rows
from core.training.scores import correlation as _correlation
from core.training.scores import ranks as _ranks
from core.training.verdict import compare, judge


def right(count, of):
    return Rows(np.array([1.0] * count + [0.0] * (of - count)))


def test_one_triplet_of_177_more_is_not_distinguishable():
    verdict = judge("Accuracy", 177, 169 / 177, 170 / 177, right(169, 177), right(170, 177))
    assert verdict.word == "unclear"
    assert verdict.sentence.startswith(
        "Not distinguishable from the base model. Accuracy on 177 held-out rows"
    )
    assert verdict.interval is not None and verdict.interval[0] == 0


def test_many_more_are_better_and_many_fewer_are_worse():
    assert judge("A", 177, 0.5, 0.8, right(88, 177), right(142, 177)).word == "better"
    assert judge("A", 177, 0.8, 0.5, right(142, 177), right(88, 177)).word == "worse"


def test_few_rows_are_never_sure():
    verdict = judge("Hold-out Spearman", 12, 0.81, 0.84, right(2, 12), right(12, 12))
    assert verdict.sentence == "Hold-out Spearman on 12 held-out rows: 0.81 → 0.84; too few rows to be sure."


def test_what_was_not_measured_is_said_so():
    assert "Nothing was held out" in judge("", 0, None, None).sentence
    assert "undefined" in judge("A", 5, 0.5, None).sentence
    assert "1 held-out row:" in judge("A", 1, 0.5, 0.5).sentence


def test_correlations_are_compared_on_the_same_rows():
    generator = np.random.default_rng(0)
    gold = generator.random(300)
    good, bad = Rows(gold + 0.1 * generator.random(300), gold), Rows(generator.random(300), gold)
    low, high = compare(bad, good)
    assert 0.5 < low < high < 1.5
    assert compare(good, good) == (0, 0)
    constant = Rows(np.ones(40), np.ones(40))
    assert compare(constant, constant) == (float("-inf"), float("inf"))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=60))
def test_the_rank_correlation_is_spearmans(pairs):
    from scipy.stats import rankdata, spearmanr

    first, second = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    np.testing.assert_allclose(_ranks(first) + 1, rankdata(first))
    if len(set(first)) > 1 and len(set(second)) > 1:
        ours = _correlation(_ranks(first), _ranks(second))
        assert ours == pytest.approx(float(spearmanr(first, second).statistic), abs=1e-9)
