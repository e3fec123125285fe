"""A figure reads the same everywhere."""

from __future__ import annotations

import pytest

from core.words import count, duration, number, signed


@pytest.mark.parametrize(
    ("value", "plain", "with_sign"),
    [
        (0.12345, "0.123", "+0.123"),
        (-0.5, "−0.500", "−0.500"),
        (0.0002, "0.000", "0.000"),
        (-0.0002, "0.000", "0.000"),
        (None, "–", "–"),
        (float("nan"), "–", "–"),
    ],
)
def test_numbers(value, plain, with_sign):
    assert (number(value), signed(value)) == (plain, with_sign)


def test_counts():
    assert [count(many, "row") for many in (0, 1, 12_000)] == ["0 rows", "1 row", "12,000 rows"]
    assert count(2, "entry", "entries") == "2 entries"


def test_durations():
    assert [duration(seconds) for seconds in (0, 4.4, 59.6, 130, 750, 3600 * 2, 3900)] == [
        "0 s",
        "4 s",
        "1 min",
        "2 min 10 s",
        "12 min",
        "2 h",
        "1 h 5 min",
    ]
