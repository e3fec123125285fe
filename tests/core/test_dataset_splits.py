"""The hold-out shares no text with the training rows, keeps its size and both classes, and says where it cannot."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.dataset.formats import Example, Format
from core.dataset.normalise import normalise
from core.dataset.splits import split


def sides(rows, result):
    return [{normalise(t) for i in side for t in rows[i].texts} for side in (result.train, result.holdout)]


@settings(max_examples=80)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=60),
    st.floats(0.05, 0.5),
    st.integers(0, 5),
)
def test_no_text_is_on_both_sides(numbers, share, seed):
    rows = [Example(tuple(f"Text {n}" if n % 2 else f" text  {n}" for n in row)) for row in numbers]
    result = split(rows, Format.TRIPLETS, share, seed)
    assert sorted([*result.train, *result.holdout]) == list(range(len(rows)))
    assert result.train == sorted(result.train) and result.holdout == sorted(result.holdout)
    assert result == split(rows, Format.TRIPLETS, share, seed)
    train, holdout = sides(rows, result)
    if result.grouped_by == "text":
        assert not train & holdout
    else:
        assert result.notes
    if abs(len(result.holdout) / len(rows) - share) > 0.02:
        assert result.notes


@pytest.mark.parametrize("share", [0.1, 0.15, 0.3])
def test_share_is_met_when_groups_are_small(share):
    generator = random.Random(1)
    rows = [Example((f"a{generator.randrange(400)}", f"b{n}")) for n in range(1000)]
    result = split(rows, Format.PAIRS, share, 42)
    assert result.grouped_by == "text" and not result.notes
    assert abs(len(result.holdout) / 1000 - share) <= 0.02
    assert result.holdout != split(rows, Format.PAIRS, share, 43).holdout


def test_capitals_widths_and_spaces_are_the_same_text():
    rows = [
        Example((a, f"b{n}"))
        for n, a in enumerate(["Straße", "STRASSE ", "ｆｏｏ", "foo", "x  y", "X Y", "z", "w"])
    ]
    for seed in range(10):
        train, holdout = sides(rows, split(rows, Format.PAIRS, 0.3, seed))
        assert holdout and not train & holdout


def test_rows_tied_together_are_grouped_by_anchor_and_it_is_said():
    rows = [Example((f"anchor {n % 20}", f"text {n % 7}")) for n in range(400)]
    result = split(rows, Format.PAIRS, 0.15, 42)
    assert result.grouped_by == "anchor"
    assert "7 texts are on both sides" in result.notes[0]
    anchors = [{rows[i].texts[0] for i in side} for side in (result.train, result.holdout)]
    assert not anchors[0] & anchors[1] and abs(len(result.holdout) - 60) <= 8


def test_one_single_anchor_is_drawn_row_by_row():
    result = split([Example(("same", f"text {n}")) for n in range(40)], Format.PAIRS, 0.2, 1)
    assert result.grouped_by == "none" and len(result.holdout) == 8 and "drawn one by one" in result.notes[0]


def test_a_large_group_stays_in_training():
    rows = [Example(("big", f"b{n}")) for n in range(80)] + [Example((f"a{n}", f"c{n}")) for n in range(20)]
    result = split(rows, Format.PAIRS, 0.15, 3)
    assert (
        result.grouped_by == "text"
        and set(result.holdout) <= set(range(80, 100))
        and len(result.holdout) == 15
    )


@pytest.mark.parametrize("seed", range(5))
def test_both_classes_are_on_both_sides(seed):
    rows = [Example((f"a{n}", f"b{n}"), 1.0 if n < 4 else 0.0) for n in range(31)]
    result = split(rows, Format.SCORED, 0.15, seed)
    for side in (result.train, result.holdout):
        assert {rows[i].score for i in side} == {0.0, 1.0}
    assert 4 <= len(result.holdout) <= 6


@pytest.mark.parametrize("seed", range(5))
def test_a_rare_class_is_on_both_sides(seed):
    rows = [Example((f"a{n}", f"b{n}"), 1.0 if n < 2 else 0.0) for n in range(3000)]
    result = split(rows, Format.SCORED, 0.02, seed)
    for side in (result.train, result.holdout):
        assert {rows[i].score for i in side} == {0.0, 1.0}


def test_marked_rows_win():
    marks = ["eval", "", "train", "test", "eval", ""]
    rows = [Example((f"a{n}", f"b{n % 5}"), split=mark) for n, mark in enumerate(marks)]
    result = split(rows, Format.PAIRS, 0.5, 1)
    assert (result.train, result.holdout, result.grouped_by) == ([1, 2, 5], [0, 4], "given")
    assert result.notes == [
        "The 2 rows marked eval are the hold-out.",
        "1 text is both in them and in the training rows.",
    ]
    assert split(rows, Format.PAIRS, 0, 1).holdout == [0, 4]


def test_rows_marked_train_are_never_held_out():
    rows = [Example((f"a{n}", f"b{n}"), split="train" if n < 15 else "") for n in range(20)]
    for seed in range(5):
        assert set(split(rows, Format.PAIRS, 0.2, seed).holdout) <= {15, 16, 17, 18, 19}
    pinned = split(rows[:15], Format.PAIRS, 0.2, 1)
    assert pinned.holdout == [] and "every row is marked train" in pinned.notes[0]


def test_no_hold_out_and_tiny_data():
    rows = [Example((f"a{n}", f"b{n}")) for n in range(5)]
    assert split(rows, Format.PAIRS, 0, 1).train == [0, 1, 2, 3, 4]
    assert split([], Format.PAIRS, 0.2, 1).train == []
    assert "too few rows" in split(rows[:1], Format.PAIRS, 0.2, 1).notes[0]
    assert len(split(rows[:2], Format.PAIRS, 0.15, 1).holdout) == 1


@given(st.text(max_size=40))
@example("\u1f94\u0301")  # folds to a letter that the accent then combines with
def test_normalise_is_a_fixed_point(text):
    once = normalise(text)
    assert normalise(once) == once and "  " not in once and once == once.strip()
    assert normalise(f" \t{text}\u00a0") == once


def test_normalise():
    assert normalise(" The\u00a0 ＱＵＩＣＫ\n fox ") == "the quick fox"
    assert normalise("Straße") == normalise("STRASSE") and normalise("e\u0301") == normalise("É")
    assert normalise("null") == "null" != normalise("None")
