"""Measures of agreement between judgements, each with the source of its formula.

All return None where they are not defined: too few judgements, or all of them the same, so that chance cannot be told apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from math import sqrt


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Cohen's κ of two judgements per row: (pₒ − pₑ) / (1 − pₑ), where pₒ is the share of equal judgements and pₑ the share
    that two judges with these habits would reach by chance.

    J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960), 37–46, eq. 1.
    """
    n = len(first)
    if n != len(second):
        raise ValueError("one judgement of each kind per row")
    if not n:
        return None
    observed = sum(a == b for a, b in zip(first, second)) / n
    habits, others = Counter(first), Counter(second)
    chance = sum(count * others[value] for value, count in habits.items()) / (n * n)
    return None if chance == 1 else (observed - chance) / (1 - chance)


def alpha_nominal(units: Sequence[Sequence[Hashable]]) -> float | None:
    """Krippendorff's α for judgements that are equal or not; a unit holds the judgements of one row, however many.

    α = 1 − Dₒ / Dₑ over the units with two judgements or more, with δ² = 0 for equal values and 1 otherwise.
    K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), University of Pennsylvania, section C and D.
    """
    pairable = [unit for unit in units if len(unit) > 1]
    n = sum(len(unit) for unit in pairable)
    totals: Counter[Hashable] = Counter()
    observed = 0.0
    for unit in pairable:
        counts = Counter(unit)
        totals.update(counts)
        observed += _unequal(counts, len(unit)) / (len(unit) - 1)
    expected = _unequal(totals, n)
    return None if not expected else 1 - (n - 1) * observed / expected


def _unequal(counts: Counter[Hashable], n: int) -> int:
    """Ordered pairs of different values among n values."""
    return n * n - sum(count * count for count in counts.values())


def alpha_interval(units: Sequence[Sequence[float]]) -> float | None:
    """Krippendorff's α for numbers on a scale of equal steps: as `alpha_nominal`, with δ² = (c − k)².

    K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section E; the sums over pairs are taken in one pass,
    Σ over ordered pairs of (c − k)² being 2 (m Σv² − (Σv)²).
    """
    pairable = [unit for unit in units if len(unit) > 1]
    values = [value for unit in pairable for value in unit]
    if not values:
        return None
    middle = sum(values) / len(values)  # differences do not feel a shift, and small numbers lose fewer digits
    observed = sum(_squares([value - middle for value in unit]) / (len(unit) - 1) for unit in pairable)
    expected = _squares([value - middle for value in values])
    if expected <= 1e-12 * len(values) ** 2:
        return None
    return 1 - (len(values) - 1) * observed / expected


def _squares(values: Sequence[float]) -> float:
    total = sum(values)
    return 2 * (len(values) * sum(value * value for value in values) - total * total)


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Spearman's rank correlation: Pearson's correlation of the ranks, equal values sharing the mean of theirs.

    C. Spearman, "The proof and measurement of association between two things", American Journal of Psychology 15 (1904);
    ties as in M. G. Kendall, "Rank Correlation Methods" (1948), chapter 3.
    """
    if len(first) != len(second):
        raise ValueError("one judgement of each kind per row")
    if len(first) < 3:
        return None
    a, b = _ranks(first), _ranks(second)
    middle = (len(a) + 1) / 2
    both = sum((x - middle) * (y - middle) for x, y in zip(a, b))
    spread = sqrt(sum((x - middle) ** 2 for x in a) * sum((y - middle) ** 2 for y in b))
    return both / spread if spread else None


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in order[start : end + 1]:
            ranks[place] = (start + end) / 2 + 1
        start = end + 1
    return ranks
