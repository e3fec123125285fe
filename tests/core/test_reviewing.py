"""What keys mean while rows are reviewed."""

from __future__ import annotations

import pytest

from core.dataset.formats import Example, Scale
from core.dataset.reviewing import (
    Ranking,
    ranked_scores,
    ranked_triplets,
    score_cells,
    score_keys,
    triplet_outcome,
)


@pytest.mark.parametrize(
    ("scale", "digit", "half", "value"),
    [
        (Scale(0, 5), "3", False, 3),
        (Scale(0, 5), "3", True, 3.5),
        (Scale(0, 5), "5", True, None),
        (Scale(1, 5), "0", False, None),
        (Scale(0, 1), "1", False, 0.2),
        (Scale(0, 1), "5", False, 1),
        (Scale(0, 1), "2", True, 0.5),
        (Scale(0, 10), "3", True, 7),
        (Scale(-1, 1), "0", False, -1),
        (Scale(0, 100), "5", False, 100),
        (Scale(0, 5), "6", False, None),
    ],
)
def test_score_keys(scale: Scale, digit: str, half: bool, value: float | None) -> None:
    found = score_keys(scale).value(digit, half=half, scale=scale)
    assert found is None if value is None else found == pytest.approx(value)


def test_the_ends_alone() -> None:
    keys = score_keys(Scale(0, 1), ends=True)
    assert keys.values == {"0": 0, "1": 1} and keys.value("0", half=True, scale=Scale()) == 0.5
    assert score_cells(Scale(0, 5), 4, 3.5) == ((4, "score", "3.5"), (4, "status", "accepted"))


ROW = Example(("anchor", "good", "bad", "worse"), id=9)


@pytest.mark.parametrize(
    ("marks", "status", "cells", "found"),
    [
        ("PNN", "accepted", {}, ()),
        ("PNS", "skipped", {}, ()),
        ("NNN", "rejected", {}, ()),
        ("SNN", "skipped", {}, ()),
        ("NPN", "accepted", {"positive": "bad", "negative_1": "good"}, ()),
        ("NNP", "accepted", {"positive": "worse", "negative_2": "good"}, ()),
        ("PPN", "rejected", {}, (("anchor", "bad"),)),
        ("NPP", "rejected", {"positive": "bad", "negative_1": "good"}, (("anchor", "worse"),)),
        ("SPN", "rejected", {}, (("anchor", "bad"),)),
    ],
)
def test_triplets(marks: str, status: str, cells: dict[str, str], found: tuple[tuple[str, str], ...]) -> None:
    outcome = triplet_outcome(ROW, marks)
    assert outcome.status == status and outcome.found == found and outcome.words
    assert {key: value for _, key, value in outcome.cells} == {**cells, "status": status}


def test_a_single_negative_has_a_column_of_its_own() -> None:
    outcome = triplet_outcome(Example(("a", "p", "n"), id=1), "NP")
    assert outcome.cells == ((1, "positive", "n"), (1, "negative", "p"), (1, "status", "accepted"))


def test_ranking_with_a_tie() -> None:
    ranking = Ranking(4)
    assert ranking.name(2) and not ranking.name(2) and not ranking.name(7)
    ranking.tie = True
    assert ranking.name(0) and ranking.name(3)
    ranking.finish()
    assert ranking.complete and ranking.ranks == [[2, 0], [3], [1]]
    assert ranked_scores(Scale(0, 5), ranking) == {2: 5, 0: 5, 3: 2.5, 1: 0}
    texts = ["a", "b", "c", "d"]
    assert ranked_triplets("x", texts, ranking) == [
        ("x", "c", "d"),
        ("x", "a", "d"),
        ("x", "c", "b"),
        ("x", "a", "b"),
        ("x", "d", "b"),
    ]
    assert ranking.back() and ranking.back() and ranking.back() and ranking.ranks == [[2]]
    assert ranking.back() and not ranking.back()
    assert ranked_scores(Scale(), Ranking(1, [[0]])) == {0: 1}
