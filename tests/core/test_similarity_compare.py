from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from core.similarity.compare import Hit, Kind, compare


def _hits(texts, **other):
    return [Hit(rank, text, 1 / rank, other.get(text)) for rank, text in enumerate(texts, start=1)]


def test_up_down_same_new_gone():
    changes = compare(_hits("abcd"), _hits("acbe"))
    assert [(change.text, change.kind, change.places) for change in changes] == [
        ("a", Kind.SAME, 0),
        ("c", Kind.UP, 1),
        ("b", Kind.DOWN, -1),
        ("e", Kind.NEW, None),
        ("d", Kind.GONE, None),
    ]
    assert changes[1].score_before == 1 / 3 and changes[1].score_after == 1 / 2
    assert changes[3].score_before is None and changes[4].score_after is None


def test_a_known_rank_beyond_the_list_counts_the_places():
    changes = compare(_hits("ab", b=40), _hits("ae", e=137))
    assert [(change.kind, change.before, change.after, change.places) for change in changes[1:]] == [
        (Kind.NEW, 137, 2, 135),
        (Kind.GONE, 2, 40, -38),
    ]


@given(st.permutations("abcdef"), st.permutations("abcdef"), st.integers(0, 6), st.integers(0, 6))
def test_every_text_once(before, after, first, second):
    changes = compare(_hits(before[:first]), _hits(after[:second]))
    assert [change.text for change in changes[:second]] == list(after[:second])
    assert {change.text for change in changes} == set(before[:first]) | set(after[:second])
    assert len(changes) == len({change.text for change in changes})


def test_a_record_without_a_number_is_nan():
    hit = Hit.from_record({"rank": 1, "text": "a", "score": None})
    assert math.isnan(hit.score) and hit.other_rank is None
