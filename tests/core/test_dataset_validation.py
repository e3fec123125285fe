"""Validation finds what was planted, and only that; statistics count it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset.formats import DatasetInfo, Example, Format, Scale
from core.dataset.stats import DataStats, describe
from core.dataset.validation import check

PAIRS = DatasetInfo(1, "p", Format.PAIRS)
SCORED = DatasetInfo(1, "s", Format.SCORED, scale=Scale(0, 5))
TRIPLETS = DatasetInfo(1, "t", Format.TRIPLETS, negatives=2)


def clean(width, score=None, start=1000):
    return [
        Example(
            tuple(f"text {n} {slot}" for slot in range(width)), None if score is None else n % 2, id=start + n
        )
        for n in range(20)
    ]


def found(info, rows):
    return {issue.kind: issue.ids for issue in check(info, rows)}


def test_clean_data_has_no_issues():
    assert found(PAIRS, clean(2)) == found(TRIPLETS, clean(4)) == found(SCORED, clean(2, score=True)) == {}


def test_planted_in_pairs():
    rows = [
        *clean(2),
        Example(("A  b", "c"), id=1),
        Example(("a B", "C"), id=2),
        Example(("a b", "c"), id=3),
        Example(("x", " "), id=4),
        Example(("say cheese now", "Cheese"), id=5),
    ]
    assert found(PAIRS, rows) == {"empty_cell": (4,), "duplicate": (2, 3), "anchor_contains_positive": (5,)}


def test_planted_in_triplets():
    rows = [
        *clean(4),
        Example(("a", "b", "c", "B"), id=1),
        Example(("a", "b", "A", "d"), id=2),
        Example(("q", "p", "n", "m"), id=3),
        Example(("q", "N", "o", "r"), id=4),
        Example(("q", "p", "n"), id=5),
    ]
    assert found(TRIPLETS, rows) == {
        "empty_cell": (5,),
        "negative_equals_positive": (1,),
        "negative_equals_anchor": (2,),
        "conflict": (3, 4),
    }


def test_planted_in_scored_pairs():
    rows = [
        *clean(2, score=True),
        Example(("a", "b"), 0.0, id=1),
        Example(("b", "A"), 1.0, id=2),
        Example(("a", "b"), 0.0, id=3),
        Example(("c", "d"), None, id=4),
        Example(("c", "d"), 1.5, id=5),
        Example(("c", "d"), float("nan"), id=6),
    ]
    issues = check(SCORED, rows)
    assert {issue.kind: issue.ids for issue in issues} == {
        "score_out_of_range": (5, 6),
        "conflict": (1, 2, 3),
        "duplicate": (3,),
        "unlabelled": (4,),
    }
    assert [issue.blocking for issue in issues] == [True, False, False, False]
    assert "between 0 and 5" in issues[0].explanation and issues[0].title == "2 scores are out of range"


def test_too_few_and_one_class():
    def kinds(info, rows):
        return [(issue.kind, issue.blocking) for issue in check(info, rows)]

    assert kinds(PAIRS, []) == kinds(PAIRS, clean(2)[:1]) == [("too_few", True)]
    assert kinds(PAIRS, clean(2)[:5]) == [("too_few", False)]
    same = [Example((f"a{n}", f"b{n}"), 1.0, id=n) for n in range(12)]
    assert kinds(SCORED, same) == [("one_class", False)]
    unlabelled = [Example((f"a{n}", f"b{n}"), id=n) for n in range(12)]
    assert kinds(SCORED, unlabelled) == [("too_few", True), ("unlabelled", False)]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc"), st.sampled_from("abc")), max_size=12)
)
def test_findings_follow_their_definitions(texts):
    rows = [Example(row, id=number) for number, row in enumerate(texts, start=1)]
    issues = found(DatasetInfo(1, "t", Format.TRIPLETS), rows)
    assert set(issues.get("negative_equals_positive", ())) == {r.id for r in rows if r.texts[1] == r.texts[2]}
    assert set(issues.get("negative_equals_anchor", ())) == {r.id for r in rows if r.texts[0] == r.texts[2]}
    assert len(issues.get("duplicate", ())) == len(rows) - len(set(texts))
    usable = [r for r in rows if r.texts[1] != r.texts[2]]
    conflicts = {
        r.id
        for r in usable
        for other in usable
        if r.texts[0] == other.texts[0] and (r.texts[1] == other.texts[2] or r.texts[2] == other.texts[1])
    }
    assert set(issues.get("conflict", ())) == conflicts


def test_statistics():
    rows = [
        Example(("red dress", "A"), 1.0, split="train"),
        Example(("Red  Dress", "b c d"), 0.0, split="eval"),
        Example(("blue", "a"), 0.5, split="test"),
        Example(("green", "e"), None),
    ]
    stats = describe(SCORED, rows)
    assert stats == DataStats(
        rows=4, labelled=3, distinct_texts=6, distinct_anchors=3, distinct_positives=3, repeated_anchor_share=0.5,
        repeated_positive_share=0.5, score_levels=3, binary=False, positive_share=pytest.approx(2 / 3),
        mean_words=12 / 8, max_words=3, mean_characters=pytest.approx(36 / 8), max_characters=10,
        marked_train=1, marked_eval=1, marked_test=1, groups=2,
    )  # fmt: skip
    assert describe(SCORED, rows[:2]).binary and not describe(SCORED, rows[3:]).binary
    pairs = describe(PAIRS, rows)
    assert (pairs.labelled, pairs.score_levels, pairs.binary) == (4, 0, False)
    assert describe(PAIRS, []) == DataStats()
