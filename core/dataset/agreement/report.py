"""How far two judgements of the same rows agree, in numbers and in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.dataset.agreement import measures
from core.dataset.agreement.judgements import SKIPPED, score_of
from core.dataset.formats import Format

FEW = 30  # rows; with fewer the numbers move a lot from one sample to the next

Pair = tuple[str, str]  # first and second judgement of a row


@dataclass(frozen=True)
class Measure:
    """`value` is None where the measure is not defined for these judgements; `tip` says what it is."""

    name: str
    value: float | None
    tip: str


@dataclass(frozen=True)
class Agreement:
    """`n` rows were decided both times, `same` of them alike; `skipped` rows were left undecided once or twice."""

    n: int
    same: int
    skipped: int
    measures: tuple[Measure, ...]
    words: str


def agreement(format: Format, pairs: Sequence[Pair]) -> Agreement:
    """Compare the judgements; rows that were skipped or not judged both times do not count."""
    judged = [(a, b) for a, b in pairs if a and b and SKIPPED not in (a, b)]
    skipped = sum(bool(a and b) and SKIPPED in (a, b) for a, b in pairs)
    same = sum(a == b for a, b in judged)
    if format is Format.SCORED:
        scores = [
            (x, y) for a, b in judged if (x := score_of(a)) is not None and (y := score_of(b)) is not None
        ]
        found = _of_scores(scores)
    else:
        found = _of_choices(judged)
    return Agreement(len(judged), same, skipped, found, _words(len(judged), same, found[0].value))


def _of_scores(scores: Sequence[tuple[float, float]]) -> tuple[Measure, ...]:
    first, second = [a for a, _ in scores], [b for _, b in scores]
    return (
        Measure(
            "Krippendorff’s α (interval)",
            measures.alpha_interval(scores),
            "1 is perfect, 0 is chance. Counts how far the two scores of a row are apart.",
        ),
        Measure(
            "Spearman’s ρ",
            measures.spearman(first, second),
            "Whether both times the rows come in the same order, whatever the numbers: 1 is the same order.",
        ),
        Measure(
            "Krippendorff’s α (nominal)",
            measures.alpha_nominal(scores),
            "Counts only exactly equal scores as agreement.",
        ),
    )


def _of_choices(judged: Sequence[Pair]) -> tuple[Measure, ...]:
    first, second = [a for a, _ in judged], [b for _, b in judged]
    return (
        Measure(
            "Cohen’s κ", measures.cohen_kappa(first, second), "1 is perfect, 0 is what chance would reach."
        ),
        Measure(
            "Krippendorff’s α (nominal)",
            measures.alpha_nominal(judged),
            "As κ, with one habit of judging for both: fairer in small samples.",
        ),
    )


def _words(n: int, same: int, value: float | None) -> str:
    """Krippendorff ("Content Analysis", 2004, p. 241): rely on α ≥ 0.8, draw tentative conclusions from 0.667 on."""
    if not n:
        return "No row was judged both times yet."
    alike = f"{same:,} of {n:,} judged the same."
    if value is None:
        reading = (
            "All of these judgements are the same, so nothing says how much of it is chance."
            if same == n
            else "Too few judgements to tell agreement from chance."
        )
    elif value >= 0.8:
        reading = "Agreement is high: the labels can be relied on."
    elif value >= 0.667:
        reading = "Agreement is fair: good enough for first conclusions; clearer guidelines would help."
    elif value > 0.2:
        reading = "Agreement is weak: settle the disagreements, then make the guidelines clearer."
    else:
        reading = "Agreement is hardly better than chance: the guidelines do not decide these rows."
    caution = f" With {n} row{'' if n == 1 else 's'} this is a rough estimate." if n < FEW else ""
    return f"{alike} {reading}{caution}"
