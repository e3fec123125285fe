"""Thresholds against scikit-learn, sentence-transformers and counting by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.similarity.thresholds import Thresholds, histograms

pairs = st.lists(
    st.tuples(
        st.sampled_from([-0.5, 0.0, 0.1, 0.25, 0.5, 0.7, 1.0]) | st.floats(-1, 1, width=32), st.booleans()
    ),
    min_size=1,
    max_size=60,
)


@given(pairs, st.floats(-1.1, 1.1))
@settings(max_examples=150, deadline=None)
def test_any_threshold_counts_as_by_hand(rows: list[tuple[float, bool]], threshold: float) -> None:
    cut = Thresholds(*zip(*rows, strict=True)).at(threshold)
    found = [(score >= threshold, truth) for score, truth in rows]
    assert cut.true_positives == found.count((True, True))
    assert cut.false_positives == found.count((True, False))
    assert cut.false_negatives == found.count((False, True))
    assert cut.true_negatives == found.count((False, False))


@given(pairs)
@example([(-0.5, False), (-0.5, False), (-0.5, True), (0.0, False), (0.0, False), *[(0.0, True)] * 3])
@settings(max_examples=150, deadline=None)
def test_the_best_cuts_are_the_evaluators(rows: list[tuple[float, bool]]) -> None:
    from sentence_transformers.sentence_transformer.evaluation import BinaryClassificationEvaluator as Theirs

    scores, truth = np.array([row[0] for row in rows]), np.array([int(row[1]) for row in rows])
    ours = Thresholds(scores, truth)
    accuracy, threshold = Theirs.find_best_acc_and_threshold(scores, truth, True)
    best = ours.best_accuracy()
    assert best.accuracy == accuracy and best.threshold == threshold
    assert ours.at(best.threshold).accuracy == pytest.approx(accuracy), "the threshold does what it promises"
    f1, precision, recall, threshold = Theirs.find_best_f1_and_threshold(scores, truth, True)
    best = ours.best_f1()
    if f1:
        assert (best.precision, best.recall, best.threshold) == (precision, recall, threshold)
        assert best.f1 == pytest.approx(f1)
        assert ours.at(best.threshold).f1 == pytest.approx(f1)
    else:
        assert not best.true_positives


@given(pairs)
@settings(max_examples=100, deadline=None)
def test_areas_are_those_of_scikit_learn(rows: list[tuple[float, bool]]) -> None:
    from sklearn.metrics import average_precision_score, roc_auc_score

    scores, truth = [row[0] for row in rows], [row[1] for row in rows]
    ours = Thresholds(scores, truth)
    if ours.decided:
        assert ours.auc() == pytest.approx(roc_auc_score(truth, scores))
    else:
        assert math.isnan(ours.auc())
    if any(truth):
        assert ours.average_precision() == pytest.approx(average_precision_score(truth, scores))


@given(pairs, st.floats(0, 20), st.floats(0, 20))
@settings(max_examples=100, deadline=None)
def test_no_threshold_is_cheaper_than_the_cheapest(
    rows: list[tuple[float, bool]], wrong: float, missed: float
) -> None:
    ours = Thresholds(*zip(*rows, strict=True))
    best = ours.cheapest(wrong, missed).cost(wrong, missed)
    tried = [*(row[0] for row in rows), 2.0]
    assert best == pytest.approx(min(ours.at(threshold).cost(wrong, missed) for threshold in tried))


@given(pairs, st.floats(0, 1))
@settings(max_examples=100, deadline=None)
def test_a_wanted_precision_or_recall_is_kept(rows: list[tuple[float, bool]], wanted: float) -> None:
    ours = Thresholds(*zip(*rows, strict=True))
    cuts = [ours.at(row[0]) for row in rows]
    precise = ours.with_precision(wanted)
    possible = [cut for cut in cuts if cut.precision >= wanted and cut.true_positives]
    assert (precise is None) == (not possible)
    if precise is not None:
        assert precise.precision >= wanted
        assert precise.true_positives == max(cut.true_positives for cut in possible)
    complete = ours.with_recall(wanted)
    if complete is not None:
        assert complete.recall >= wanted


def test_scores_that_are_no_numbers_are_counted_apart() -> None:
    ours = Thresholds([0.9, math.nan, 0.1], [True, True, False])
    assert (ours.unscored, ours.positives, ours.negatives) == (1, 1, 1)
    assert ours.best_f1().f1 == 1.0


def test_nothing_to_cut() -> None:
    ours = Thresholds([], [])
    assert not ours.decided and ours.at(0.5).count == 0 and math.isnan(ours.best_f1().threshold)
    with pytest.raises(ValueError, match="one label"):
        Thresholds([1.0], [])
    with pytest.raises(ValueError, match="costs"):
        ours.cheapest(-1)


def test_histograms_count_every_pair_once() -> None:
    random = np.random.default_rng(1)
    scores, truth = random.normal(size=1000), random.random(1000) < 0.3
    scores[3] = np.nan
    edges, negatives, positives = histograms(scores, truth, 20)
    assert len(edges) == 21 and negatives.sum() + positives.sum() == 999
    theirs = np.histogram(scores[truth & ~np.isnan(scores)], edges)[0]
    assert np.abs(positives - theirs).sum() <= 2, "a score on an edge may fall to either side"
    assert histograms([], [])[1].sum() == 0 and histograms([0.5, 0.5], [True, False])[2].sum() == 1
