"""What is shown of a number decides as the number does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models import export_card
from core.models.export_request import Agreement
from core.rounding import beside, exact, fraction, points, share
from core.similarity.thresholds import Thresholds
from core.words import interval

values = st.sampled_from([0.4996, 0.5, 0.5004, 1e-9, -0.0004]) | st.floats(-1, 1)


@given(values, st.sampled_from([0.0, 0.5, 0.413, -0.2]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_a_rounded_number_stays_on_its_side_of_the_line(value: float, line: float, above: bool) -> None:
    shown = float(beside(value, line, above=above))
    assert (shown > line, shown >= line)[not above] == (value > line, value >= line)[not above]


def test_no_more_decimals_than_it_takes() -> None:
    assert (
        beside(0.4996, 0.5) == "0.4996" and beside(0.4994, 0.5) == "0.499" and beside(0.5004, 0.5) == "0.500"
    )
    assert beside(0.0004, 0, above=True) == "0.0004" and beside(0.0, 0, above=True) == "0.000"
    assert exact(0.25) == "0.250" and exact(0.25, 4) == "0.2500" and exact(0.41372) == "0.41372"
    assert float(exact(0.1 + 0.2)) == 0.1 + 0.2


def test_all_and_none_are_only_all_and_none() -> None:
    assert [share(one) for one in (0.0, 0.0004, 0.5, 0.99957, 1.0)] == [
        "0.0%",
        "0.04%",
        "50.0%",
        "99.96%",
        "100.0%",
    ]
    assert [fraction(one) for one in (0.0, 0.0002, 0.5, 0.99996, 1.0)] == [
        "0.000",
        "0.0002",
        "0.500",
        "0.99996",
        "1.000",
    ]
    assert points(1 / 4000) == "+0.03" and points(-0.0211) == "−2.1"


rows = st.lists(
    st.tuples(st.floats(-1, 1, width=32) | st.sampled_from([0.5, 0.5004]), st.booleans()), min_size=1
)


@given(rows, st.floats(-1.5, 1.5))
@settings(max_examples=150, deadline=None)
def test_a_short_threshold_parts_the_pairs_as_the_long_one(
    pairs: list[tuple[float, bool]], line: float
) -> None:
    found = Thresholds(*zip(*pairs, strict=True))
    for given_ in (
        line,
        found.best_f1().threshold,
        found.best_accuracy().threshold,
        found.cheapest(5).threshold,
    ):
        short = found.short(given_)
        there, here = found.at(given_), found.at(float(exact(short)))
        assert (here.true_positives, here.false_positives) == (there.true_positives, there.false_positives)


def test_thresholds_are_as_short_as_the_scores_allow() -> None:
    assert Thresholds([0.2, 0.9], [False, True]).short(0.55000001) == 0.55
    assert Thresholds([0.53712, 0.53714], [False, True]).best_f1().threshold == pytest.approx(0.53713)
    assert Thresholds([0.53712, 0.53714], [False, True]).short(0.53713) == 0.53713


def test_an_interval_beside_a_verdict_does_not_reach_0_by_rounding() -> None:
    assert interval(0.0003, 0.02) == "+0.0003 to +0.020" and interval(-0.02, -0.0004) == "−0.020 to −0.0004"
    assert interval(-0.05, 0.3) == "−0.050 to +0.300" and interval(0.0, 0.1) == "0.000 to +0.100"


def test_an_export_that_changes_a_neighbour_does_not_say_that_all_are_the_same() -> None:
    table = export_card._table(Agreement(4_000, 1e-6, 1e-5, 10, 0.99975, 1.0))
    assert "the same ones | 99.98% |" in table and "the same one | 100.0% |" in table
