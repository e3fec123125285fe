"""Splits never share a text, hold their shares or say why not, and are the same for the same seed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset.dividing import SPLITS, TOLERANCE, Wish, divide
from core.dataset.formats import Example, Format, slots, texts_of
from core.dataset.normalise import normalise


def by_split(rows, division):
    return {split: [row for row in rows if division.splits.get(row.id) == split] for split in SPLITS}


def texts(rows, format=Format.PAIRS):
    return {normalise(text) for row in rows for text in texts_of(format, row.texts)} - {""}


def rows_of(count, format=Format.PAIRS):
    return [
        Example((f"text {n // 2}", f"other {n}", f"third {n}")[: slots(format)], (n % 10) / 9, id=n + 1)
        for n in range(count)
    ]


@pytest.mark.parametrize("format", [Format.PAIRS, Format.SCORED, Format.TRIPLETS])
def test_shares_are_held_and_nothing_is_shared(format):
    rows = rows_of(1000, format)
    division = divide(rows, format, Wish(0.7, 0.2, 0.1, seed=3))
    assert division.counts == {"train": 700, "eval": 200, "test": 100}
    assert division.shared == 0 and division.notes == ()
    sides = [texts(side) for side in by_split(rows, division).values()]
    assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])
    assert divide(rows, format, Wish(0.7, 0.2, 0.1, seed=3)) == division
    assert divide(rows, format, Wish(0.7, 0.2, 0.1, seed=4)).splits != division.splits
    if format is Format.SCORED:
        assert all(share == pytest.approx(0.5, abs=0.03) for share in division.mix.values())


def test_categories_are_spread():
    rows = [Example((f"text {n}", f"kind {n % 5}"), id=n + 1) for n in range(500)]
    division = divide(rows, Format.CATEGORIES, Wish())
    for side, count in zip(by_split(rows, division).values(), (80, 10, 10)):
        found = [sum(row.texts[1] == f"kind {k}" for row in side) for k in range(5)]
        assert all(abs(one - count) <= 2 for one in found)


def test_what_is_tied_together_stays_together_and_says_why():
    rows = [Example((f"anchor {n % 4}", "one positive for all"), id=n + 1) for n in range(100)]
    tied = divide(rows, Format.PAIRS, Wish())
    assert tied.counts == {"train": 100, "eval": 0, "test": 0} and tied.shared == 0
    assert "100 rows of 100" in tied.notes[0] and "same anchor together instead" in tied.notes[0]
    anchors = divide(rows, Format.PAIRS, Wish(0.5, 0.25, 0.25, together="anchor"))
    assert anchors.counts == {"train": 50, "eval": 25, "test": 25}
    assert anchors.shared == 1 and "1 text stands in several splits" in anchors.notes[-1]


def test_a_frozen_test_set_is_kept():
    rows = [replace(row, split="test" if row.id <= 100 else "") for row in rows_of(1000)]
    rows[500] = replace(rows[500], texts=("text 3", "new"))
    division = divide(rows, Format.PAIRS, Wish(0.6, 0.3, 0.1, keep_test=True))
    assert {id for id, split in division.splits.items() if split == "test"} == set(range(1, 101))
    assert division.counts["eval"] / 900 == pytest.approx(1 / 3, abs=0.01)
    assert "1 row shares a text with the frozen test set" in division.notes[0]
    one_side = divide(rows, Format.PAIRS, Wish(0, 0, 1, keep_test=True))
    assert one_side.counts == {"train": 900, "eval": 0, "test": 100}


def test_rejected_rows_are_in_no_split_and_shares_must_add_up():
    rows = [replace(row, status="rejected" if row.id % 2 else "") for row in rows_of(100)]
    assert len(divide(rows, Format.PAIRS, Wish()).splits) == 50
    assert divide([], Format.PAIRS, Wish()).counts == {"train": 0, "eval": 0, "test": 0}
    for wish in (Wish(0.8, 0.8, 0), Wish(1.2, -0.2, 0), Wish(together="luck")):
        with pytest.raises(ValueError):
            divide(rows, Format.PAIRS, wish)


word = st.sampled_from([f"word {n}" for n in range(40)] + ["WORD 1", "word  2", ""])


@given(
    st.sampled_from(list(Format)),
    st.lists(st.tuples(word, word, word, st.none() | st.floats(0, 1)), max_size=60),
    st.sampled_from([(0.8, 0.1, 0.1), (0.5, 0.5, 0.0), (0.34, 0.33, 0.33), (0.0, 0.5, 0.5), (1.0, 0.0, 0.0)]),
    st.integers(0, 5),
    st.booleans(),
)
def test_no_text_is_ever_in_two_splits(format, drawn, shares, seed, stratify):
    rows = [Example(values[: slots(format)], values[3], id=n) for n, values in enumerate(drawn, start=1)]
    division = divide(rows, format, Wish(*shares, seed=seed, stratify=stratify))
    assert set(division.splits) == {row.id for row in rows} and division.shared == 0
    sides = [texts(side, format) for side in by_split(rows, division).values()]
    assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])
    for split, share in zip(SPLITS, shares):
        held = division.counts[split] / max(len(rows), 1)
        assert not rows or abs(held - share) <= TOLERANCE or division.notes
        assert share > 0 or not division.counts[split]
