"""Agreement against published worked examples and other people's code."""

from __future__ import annotations

import random
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset.agreement import measures
from core.dataset.agreement.judgements import cells, in_words, judgement, mean
from core.dataset.agreement.ordering import sample, shuffled
from core.dataset.agreement.report import agreement
from core.dataset.formats import Example, Format, Scale

# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), the example with four observers, twelve units and gaps.
OBSERVERS = (
    "123321412...",
    "12332241 25.3".replace(" ", ""),
    ".33323422 51.".replace(" ", ""),
    "12332441 251.".replace(" ", ""),
)
UNITS = [[int(row[unit]) for row in OBSERVERS if row[unit] != "."] for unit in range(12)]


def test_alpha_of_the_published_example() -> None:
    assert measures.alpha_nominal(UNITS) == pytest.approx(0.743, abs=5e-4)
    assert measures.alpha_interval(UNITS) == pytest.approx(0.849, abs=5e-4)


def test_alpha_of_the_published_binary_example() -> None:
    """Section A of the same paper: ten units, coincidences 10, 4, 4 and 2 of the values 0 and 1, α = 0.095."""
    units = ["00"] * 5 + ["01"] * 4 + ["11"]
    assert measures.alpha_nominal(units) == pytest.approx(0.095, abs=5e-4)


def test_alpha_of_the_published_nominal_example() -> None:
    """Section B of the same paper: two observers, twelve articles, five categories, α = 0.692."""
    units = list(zip("aabbdcccedda", "babbbccceddd"))
    assert measures.alpha_nominal(units) == pytest.approx(0.692, abs=5e-4)


def test_kappa_of_the_usual_worked_example() -> None:
    """The table 20, 5, 10, 15 of two judges with yes and no: pₒ = 0.7, pₑ = 0.5, κ = 0.4."""
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert measures.cohen_kappa(*zip(*pairs)) == pytest.approx(0.4)


def test_nothing_is_claimed_where_chance_cannot_be_told() -> None:
    assert measures.cohen_kappa([], []) is None
    assert measures.cohen_kappa(["a", "a"], ["a", "a"]) is None
    assert measures.alpha_nominal([("a", "a")]) is None
    assert measures.alpha_interval([(0.1 + 0.2, 0.3)] * 5) is None
    assert measures.spearman([1, 2], [1, 2]) is None
    assert measures.spearman([1, 1, 1], [1, 2, 3]) is None


def test_kappa_as_in_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    picker = random.Random(7)
    for size in (2, 5, 200):
        first = [picker.choice("abc") for _ in range(size)]
        second = [value if picker.random() < 0.6 else picker.choice("abc") for value in first]
        ours = measures.cohen_kappa(first, second)
        if ours is not None:
            assert ours == pytest.approx(metrics.cohen_kappa_score(first, second))


def test_spearman_as_in_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    picker = random.Random(3)
    for size in (3, 10, 300):
        first = [picker.randrange(6) / 5 for _ in range(size)]
        second = [min(1.0, max(0.0, value + picker.choice((-0.2, 0, 0.2)))) for value in first]
        ours = measures.spearman(first, second)
        if ours is not None:
            assert ours == pytest.approx(stats.spearmanr(first, second).statistic)


@given(st.lists(st.lists(st.integers(0, 4), min_size=2, max_size=4), min_size=2, max_size=12))
def test_alpha_is_as_its_definition_says(units: list[list[int]]) -> None:
    """Every pair of values counted one by one, instead of the sums."""
    values = [value for unit in units for value in unit]
    for metric, found in (
        (lambda a, b: float(a != b), measures.alpha_nominal(units)),
        (lambda a, b: float((a - b) ** 2), measures.alpha_interval(units)),
    ):
        n = len(values)
        observed = sum(sum(metric(a, b) for a in unit for b in unit) / (len(unit) - 1) for unit in units) / n
        expected = sum(metric(a, b) for a in values for b in values) / (n * (n - 1))
        if expected == 0:
            assert found is None
        else:
            assert found == pytest.approx(1 - observed / expected)


def test_the_report_says_what_the_numbers_mean() -> None:
    pairs = [
        ("=1", "=1"),
        ("=0", "=0.2"),
        ("=0.5", "=0.5"),
        ("=0.2", "=0.2"),
        ("skipped", "=1"),
        ("=0.4", ""),
    ]
    found = agreement(Format.SCORED, pairs)
    assert (found.n, found.same, found.skipped) == (4, 3, 1)
    assert "3 of 4" in found.words and "high" in found.words and "rough" in found.words
    words = agreement(Format.PAIRS, [("accepted", "accepted"), ("rejected", "accepted")] * 20)
    assert (words.n, words.same) == (40, 20) and "chance" in words.words
    assert agreement(Format.PAIRS, []).words == "No row was judged both times yet."


def test_judgements_there_and_back() -> None:
    scale = Scale(0, 5)
    row = Example(("a", "b"), score=0.9, raw_score="4.5", id=7)
    assert judgement(Format.SCORED, row) == "=0.9"
    assert cells(Format.SCORED, scale, 7, "=0.9") == [(7, "score", "4.5"), (7, "status", "accepted")]
    assert mean("=0.9", "=0.5") == "=0.7" and mean("skipped", "=1") == ""
    assert in_words(Format.SCORED, Scale(-1, 1), "=0") == "−1"
    assert judgement(Format.CATEGORIES, Example(("t", "skipped"), status="accepted")) == "=skipped"
    assert cells(Format.CATEGORIES, scale, 3, "=x") == [(3, "category", "x"), (3, "status", "accepted")]
    assert judgement(Format.PAIRS, Example(("a", "b"))) == ""


def test_a_shuffle_is_stable() -> None:
    ids = array("q", range(1, 1001))
    order = shuffled(ids, 5)
    assert order != ids and sorted(order) == list(ids)
    assert shuffled(ids, 5) == order and shuffled(ids, 6) != order
    odd = array("q", (id for id in ids if id % 2))
    assert list(shuffled(odd, 5)) == [id for id in order if id % 2]  # a filter moves no other row
    assert sample(ids, 10, 5) == order[:10] and shuffled(array("q"), 1) == array("q")
