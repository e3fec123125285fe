"""Validation finds what was planted, and only that; statistics count it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset.accepted import Accepted
from core.dataset.checker import Checker
from core.dataset.formats import DatasetInfo, Example, Format, Scale, slots
from core.dataset.row_checks import EstimatedLimit
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


def test_planted_in_scored_pairs_with_degrees():
    rows = [
        *[Example((f"text {n} here", f"other {n} there"), n / 20, id=1000 + n) for n in range(20)],
        Example(("a", "b"), 0.25, id=1),
        Example(("B!", " A"), 0.75, id=2),
        Example(("a", "b"), 0.25, id=3),
        Example(("c", "d"), None, id=4),
        Example(("c", "d"), 1.5, id=5),
        Example(("c", "d"), float("nan"), id=6),
        Example(("It is -5 degrees.", "warm"), 0.3, id=7),
        Example(("It is 5 degrees", "warm"), 0.4, id=8),
        Example(("the same", "The same."), 0.9, id=9),
    ]
    issues = check(SCORED, rows)
    assert {issue.kind: issue.ids for issue in issues} == {
        "score_out_of_range": (5, 6),
        "conflict": (1, 2, 3),
        "duplicate": (2, 3),
        "unlabelled": (4,),
        "identical_low": (9,),
    }
    assert [issue.blocking for issue in issues] == [True, False, False, False, False]
    assert "between 0 and 5" in issues[0].explanation and issues[0].title == "2 scores are out of range"
    conflict = next(issue for issue in issues if issue.kind == "conflict")
    assert (conflict.groups, conflict.count, conflict.title) == (1, 1, "1 pair has conflicting scores")


def test_planted_in_scored_pairs_with_answers():
    """Yes and no may be about a relation with a direction: only the same texts in the same order are the same pair."""
    rows = [
        *clean(2, score=True),
        Example(("fire", "water"), 0.0, id=1),
        Example(("water", "fire"), 1.0, id=2),
        Example(("fire", "water"), 0.0, id=3),
        Example(("iron", "rust"), 1.0, id=4),
        Example(("iron", "rust"), 0.0, id=5),
        Example(("Polish", "nail"), 1.0, id=6),
        Example(("polish", "nail"), 1.0, id=7),
    ]
    assert found(SCORED, rows) == {"duplicate": (3,), "conflict": (4, 5), "variant": (2, 7)}


def test_planted_in_texts():
    rows = [
        *clean(3),
        Example(("red summer dress", "linen", "Red  summer-dress!"), id=1),
        Example(("red summer dress", "wool", "a red summer dresses"), id=2),
        Example(("It is warm today", "hot", "It is not warm today"), id=3),
        Example(("version 12 of the plan", "scheme", "version 13 of the plan"), id=4),
        Example(("donâ€™t", "x", "cafÃ©"), id=5),
    ]
    assert found(DatasetInfo(1, "t", Format.TRIPLETS), rows) == {"near_negative": (1,), "mojibake": (5,)}


def test_one_side_and_two_splits():
    rows = [Example((f"one {n}", f"two {n}"), 0.9 if n else 0.1, id=n + 1) for n in range(60)]
    rows[20] = replace(rows[20], score=0.8, split="eval")
    rows[21] = replace(rows[21], texts=("ONE 20", "else"), score=0.7)
    rows[22] = replace(rows[22], split="test", texts=("one 20", "more"))
    rows[23] = replace(rows[23], split="test", score=0.6)
    assert found(SCORED, rows) == {"one_sided": (1,), "shared_texts": (21, 23)}


def test_texts_longer_than_the_model_reads():
    rows = [*clean(2), Example(("short", "x " * 100), id=1)]
    issue = next(issue for issue in check(PAIRS, rows, EstimatedLimit(40)) if issue.kind == "truncated")
    assert issue.ids == (1,) and "40 tokens" in issue.explanation and "estimated" in issue.explanation
    assert not check(PAIRS, rows, EstimatedLimit(60))


def test_what_is_meant_is_not_listed():
    rows = [*clean(2), *[Example(("a", "b"), id=n) for n in (1, 2, 3)], Example(("x", ""), id=4)]
    one = Accepted().with_rows("duplicate", [2])
    assert {i.kind: i.ids for i in check(PAIRS, rows, accepted=one)} == {
        "empty_cell": (4,),
        "duplicate": (3,),
    }
    both = one.with_kind("duplicate").with_kind("empty_cell")  # what blocks a run is always listed
    assert [i.kind for i in check(PAIRS, rows, accepted=both)] == ["empty_cell"]
    assert check(PAIRS, rows, accepted=both.without("duplicate")) == check(PAIRS, rows)
    graded = [Example((f"p {n}", f"q {n}"), n / 20, id=100 + n) for n in range(20)]
    pair = [Example(("a", "b"), s, id=n) for n, s in ((1, 0.25), (2, 0.5), (3, 0.5))]
    seen = check(SCORED, [*graded, *pair], accepted=Accepted().with_rows("conflict", [2]))
    assert [i.kind for i in seen] == ["duplicate"]  # accepting one side accepts the contradiction
    assert Accepted.of_text(one.to_text()) == one and Accepted.of_text("[") == Accepted()


texts = st.sampled_from(["", "a", "A", "b", "c!", "b c", "bÃ©", "a long enough text", "a long enough texts"])
drawn_rows = st.tuples(
    texts, texts, texts, st.sampled_from([None, 0.0, 1.0, 0.5, 2.0]), st.sampled_from(["", "eval", "test", "train"]),
    st.sampled_from(["", "", "rejected"]),
)  # fmt: skip


@given(st.sampled_from(list(Format)), st.lists(drawn_rows, max_size=14), st.data())
def test_a_kept_list_is_the_list_of_a_new_look(format, drawn, data):
    info = DatasetInfo(1, "d", format)

    def row(id, values):
        return Example(values[: slots(format)], values[3], split=values[4], status=values[5], id=id)

    rows = {id: row(id, values) for id, values in enumerate(drawn, start=1)}
    kept = Checker(info)
    kept.add(rows.values())
    for _ in range(3):
        ids = data.draw(st.lists(st.integers(1, 16), max_size=4, unique=True))
        for id in ids:
            values = data.draw(st.none() | drawn_rows)
            if values is None:
                rows.pop(id, None)
            else:
                rows[id] = row(id, values)
        kept.update(ids, [rows[id] for id in ids if id in rows])
        assert kept.issues() == check(info, [rows[id] for id in sorted(rows)])


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
