"""Fixed, broken, still wrong, still right: counts that agree with the evaluators' accuracies."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from core.similarity.before_after import Outcome, Tally, by_margin, by_threshold, outcomes, tally
from core.similarity.thresholds import Thresholds

scores = st.floats(-1, 1, width=32) | st.just(math.nan)


@given(st.lists(st.tuples(scores, scores), max_size=50))
def test_the_change_is_exactly_that_of_the_accuracy(rows: list[tuple[float, float]]) -> None:
    before, after = (by_margin([row[side] for row in rows]) for side in (0, 1))
    codes = outcomes(before, after)
    found = tally(codes)
    both = [row for row in rows if not any(map(math.isnan, row))]
    assert found.count == len(both) and found.undecided == len(rows) - len(both)
    if both:
        was, became = (sum(row[side] > 0 for row in both) for side in (0, 1))
        assert found.before == was / len(both) and found.after == became / len(both)
        assert found.fixed - found.broken == became - was
        assert found.change == (became - was) / len(both)
    else:
        assert math.isnan(found.change) and math.isnan(found.before)


def test_a_pair_is_right_on_its_side_of_the_threshold() -> None:
    found = by_threshold([0.5, 0.49, 0.5, 0.49, math.nan, 0.9], [1, 1, 0, 0, 1, math.nan], 0.5)
    assert found.tolist()[:4] == [1.0, 0.0, 0.0, 1.0] and np.isnan(found[4:]).all()
    assert np.isnan(by_threshold([0.5], [1], math.nan)).all()


def test_accuracies_are_those_of_the_best_cut() -> None:
    random = np.random.default_rng(0)
    similar = (random.random(300) < 0.4).astype(float)
    first, second = random.normal(size=300) + similar, random.normal(size=300) + 2 * similar
    cuts = [Thresholds(values, similar).best_accuracy() for values in (first, second)]
    sides = [
        by_threshold(values, similar, cut.threshold)
        for values, cut in zip((first, second), cuts, strict=True)
    ]
    found = tally(outcomes(*sides))
    assert (found.before, found.after) == pytest.approx((cuts[0].accuracy, cuts[1].accuracy))


def test_parts_are_counted_apart() -> None:
    codes = outcomes(np.array([1.0, 0.0, 0.0, 1.0, np.nan]), np.array([0.0, 1.0, 0.0, 1.0, 1.0]))
    assert [Outcome(code).title for code in codes] == [
        *("Broken", "Fixed", "Still wrong", "Still right", "Not decided")
    ]
    held = np.array([True, False, True, False, False])
    parts = {"hold-out": tally(codes, held), "training": tally(codes, ~held)}
    assert (parts["hold-out"].broken, parts["hold-out"].still_wrong, parts["hold-out"].count) == (1, 1, 2)
    assert (parts["training"].fixed, parts["training"].still_right, parts["training"].undecided) == (1, 1, 1)
    assert parts["hold-out"].change == -0.5


@pytest.mark.parametrize("fixed, broken", [(0, 0), (1, 0), (6, 1), (8, 1), (40, 12), (600, 400), (700, 701)])
def test_how_likely_chance_is_agrees_with_the_sign_test(fixed: int, broken: int) -> None:
    expected = binomtest(fixed, fixed + broken).pvalue if fixed + broken else 1.0
    assert Tally(fixed, broken).chance == pytest.approx(expected, rel=0.02)
    assert Tally(fixed, broken).sure == (expected < 0.05)
