"""The labelled rows under two models: which part they are of, verdicts, and accuracy from whole numbers."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset.formats import Example, Format
from core.similarity import cuts
from core.similarity.before_after import Outcome
from core.similarity.labelled import HELD_OUT, OUTSIDE, TEST, TRAINING, Comparison, Rows, Scored
from core.training.held_out import rows_of_run

NOTHING = np.empty(0)


def _scored(title: str, similarity: list[float], margin: list[float] | None = None) -> Scored:
    return Scored(title, np.array(similarity), np.array(margin or [np.nan] * len(similarity)), NOTHING)


def test_parts_are_what_the_run_held_out_and_without_it_the_marks() -> None:
    rows = [
        Example(("a", "b"), score=1.0, split=split, id=id) for id, split in enumerate(("", "", "test", ""), 1)
    ]
    known = Rows.of(Format.SCORED, rows, (frozenset({1}), frozenset({2})))
    assert known.parts.tolist() == [TRAINING, HELD_OUT, TEST, OUTSIDE]
    assert Rows.of(Format.SCORED, rows, None).parts.tolist() == [TRAINING, TRAINING, TEST, TRAINING]


def test_unlabelled_rejected_and_empty_rows_are_no_labelled_rows() -> None:
    rows = [
        Example(("a", "b"), score=None, id=1),
        Example(("a", ""), score=1.0, id=2),
        Example(("a", "b"), score=1.0, status="rejected", id=3),
        Example(("a", "b"), score=0.2, id=4),
    ]
    assert Rows.of(Format.SCORED, rows, None).ids.tolist() == [4]
    pairs = Rows.of(Format.PAIRS, [rows[2]], None)
    assert pairs.similar.tolist() == [0.0], "somebody said that these two are no pair"


def test_verdicts_of_triplets_and_the_change_of_accuracy() -> None:
    rows = Rows.of(Format.TRIPLETS, [Example(("a", "b", "c"), id=id) for id in range(1, 6)], None)
    found = Comparison(
        rows,
        _scored("Base", [0.5] * 5, [0.1, -0.1, -0.1, 0.2, -0.3]),
        _scored("Run 1", [0.6] * 5, [-0.1, 0.1, 0.2, 0.3, -0.3]),
    )
    assert found.outcomes.tolist() == [
        Outcome.BROKEN,
        Outcome.FIXED,
        Outcome.FIXED,
        Outcome.STILL_RIGHT,
        Outcome.STILL_WRONG,
    ]
    counted = found.tallies()[TRAINING]
    assert counted.after - counted.before == pytest.approx(counted.change) and counted.change == 1 / 5
    scores, truth, _ = found.evidence(found.first)
    assert scores[~truth].tolist() == pytest.approx([0.4, 0.6, 0.6, 0.3, 0.8]), "the negatives' own scores"


def test_scored_pairs_are_cut_where_each_model_is_most_accurate() -> None:
    examples = [Example(("a", "b"), score=float(id % 2), id=id) for id in range(1, 5)]
    rows = Rows.of(Format.SCORED, examples, None)
    found = Comparison(rows, _scored("Base", [0.5, 0.1, 0.2, 0.3]), _scored("Run 1", [0.9, 0.1, 0.8, 0.3]))
    assert found.cuts[1] == pytest.approx(0.55)
    assert found.tallies()[TRAINING].after == 1.0


numbers = st.floats(-1, 1, width=32) | st.just(math.nan)


@given(st.lists(st.tuples(numbers, numbers, st.booleans(), st.integers(0, 3)), min_size=1, max_size=40))
def test_the_change_of_accuracy_is_fixed_less_broken_exactly(
    rows: list[tuple[float, float, bool, int]],
) -> None:
    """Counted by hand with each model's own threshold, part by part."""
    first, second, similar, parts = (np.array(column) for column in zip(*rows, strict=True))
    ids = np.arange(len(rows))
    texts = tuple(("a", "b") for _ in rows)
    given_ = Rows(Format.SCORED, ids, ids, texts, similar.astype(float), parts.astype(np.int8))
    none = np.full(len(rows), np.nan)
    found = Comparison(given_, Scored("Base", first, none, NOTHING), Scored("Run 1", second, none, NOTHING))
    for part, told in found.tallies().items():
        here = (parts == part) & ~np.isnan(first) & ~np.isnan(second) & ~np.isnan(sum(found.cuts))
        right = [
            int(((scores >= cut) == similar)[here].sum())
            for scores, cut in zip((first, second), found.cuts, strict=True)
        ]
        assert told.count == here.sum() and told.fixed - told.broken == right[1] - right[0]
        if told.count:
            assert Fraction(told.fixed - told.broken, told.count) == Fraction(
                right[1], told.count
            ) - Fraction(right[0], told.count)
            assert told.change == (right[1] - right[0]) / told.count


def test_what_a_run_held_out(tmp_path: Path) -> None:
    assert rows_of_run(tmp_path, 1) is None
    path = tmp_path / "data" / "ids.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"dataset": 1, "train": [1, 2], "holdout": [3]}))
    assert rows_of_run(tmp_path, 1) == (frozenset({1, 2}), frozenset({3}))
    assert rows_of_run(tmp_path, 2) is None, "another dataset"
    path.write_text('{"dataset": 1, "train": [["x"]]}')
    assert rows_of_run(tmp_path, 1) is None


def test_scores_that_only_rounding_tells_apart_stand_in_one_place() -> None:
    """They stood at the two ends of the histogram, as if training had moved everything."""
    rows = Rows.of(Format.TRIPLETS, [Example(("a", "a", "a"), id=id) for id in range(1, 6)], None)
    found = Comparison(
        rows, _scored("Base", [0.9999999] * 5, [0.0] * 5), _scored("Run 1", [1.0000001] * 5, [0.0] * 5)
    )
    sides = cuts.sides(found, cuts.EVERY_PART)
    first, second = (np.flatnonzero(side.positives) for side in (sides.first, sides.second))
    assert len(first) == len(second) == 1 and abs(first[0] - second[0]) <= 1
    assert sides.edges[0] < 0.9999999 and sides.edges[-1] > 1.0000001


def test_a_nearest_negative_that_is_none_of_the_texts_is_not_looked_up() -> None:
    rows = Rows.of(Format.TRIPLETS, [Example(("a", "b", "c", "d"), id=id) for id in range(1, 5)], None)
    score = np.zeros(4, np.float32)
    nearest = np.array([3, 99, np.nan, -7], np.float32)
    numbers = {"similarity": score, "margin": score, "nearest": nearest}
    scored = Scored.of("Base", rows, rows.ids, numbers, NOTHING)
    assert scored.negatives_of(np.arange(4)) == [3, 2, 2, 2]
