"""What a key means while rows are reviewed one after the other: pure functions from a row and a decision to new cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from core.dataset.agreement.judgements import ACCEPTED, REJECTED, SKIPPED, on_scale
from core.dataset.formats import Column, Example, Format, Scale, columns

Cell = tuple[int, str, Any]


# -- scores -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ScoreKeys:
    """`values` are digit → score on the dataset's scale, `half` what the half-step key adds to one."""

    values: dict[str, float]
    half: float

    def value(self, digit: str, *, half: bool, scale: Scale) -> float | None:
        """The score of a key; None for a key without meaning and for a half step beyond the scale."""
        start = self.values.get(digit)
        if start is None:
            return None
        value = start + (self.half if half else 0.0)
        low, high = sorted((scale.low, scale.high))
        return value if low - 1e-9 <= value <= high + 1e-9 else None


def score_keys(scale: Scale, *, ends: bool = False) -> ScoreKeys:
    """Keys are the scores themselves on a scale of whole numbers up to 9, else 0 to 5 in six equal steps from end to end.

    `ends`: only 0 and 1, for the two ends of the scale.
    """
    width = scale.high - scale.low
    if ends:
        return ScoreKeys({"0": scale.low, "1": scale.high}, width / 2)
    whole = scale.low == int(scale.low) and scale.high == int(scale.high)
    if whole and scale.low >= 0 and width >= 2 and scale.high <= 9:
        return ScoreKeys({str(n): float(n) for n in range(int(scale.low), int(scale.high) + 1)}, 0.5)
    return ScoreKeys({str(n): round(scale.low + width * n / 5, 9) for n in range(6)}, width / 10)


def score_cells(scale: Scale, id: int, value: float) -> tuple[Cell, ...]:
    """The cells of a score (on the scale) that a person gave."""
    return ((id, "score", on_scale(scale, scale.to_unit(value))), (id, "status", ACCEPTED))


# -- triplets -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TripletOutcome:
    """What the marks of a triplet's candidates come to. `found` are pairs (anchor, text) that belong together after all."""

    status: str
    cells: tuple[Cell, ...] = ()
    found: tuple[tuple[str, str], ...] = ()
    words: str = ""


def triplet_outcome(row: Example, marks: str) -> TripletOutcome:
    """`marks` has P (really a positive), N (really a negative) or S (cannot say) for each text after the anchor.

    A negative that is a positive takes the positive's place where that one is wrong. Where both fit, the row would teach something
    false: it is rejected, and the pair that was found is handed back to be kept.
    """
    names = [column.key for column in columns(Format.TRIPLETS, len(marks) - 1)]
    anchor, candidates = row.texts[0], list(row.texts[1:])
    cells: list[Cell] = []
    words = "confirmed"
    false = [place for place, mark in enumerate(marks) if place and mark == "P"]
    if marks[0] == "N" and false:
        place = false.pop(0)
        candidates[0], candidates[place] = candidates[place], candidates[0]
        cells = [(row.id, names[1], candidates[0]), (row.id, names[1 + place], candidates[place])]
        words = "positive and negative swapped"
        status = REJECTED if false else SKIPPED if "S" in marks else ACCEPTED
    elif marks[0] == "N":
        status, words = (
            (SKIPPED, "skipped") if "S" in marks else (REJECTED, "rejected: nothing fits the anchor")
        )
    else:
        status = REJECTED if false else SKIPPED if "S" in marks else ACCEPTED
        words = "skipped" if status == SKIPPED else words
    if false:
        words = "rejected: a negative fits too; kept as a pair"
    found = tuple((anchor, candidates[place]) for place in false)
    return TripletOutcome(status, (*cells, (row.id, "status", status)), found, words)


def expectation(columns_after_anchor: Sequence[Column], marks: str, place: int) -> tuple[str, str]:
    """What P and what N would mean for the candidate at `place`, said before the key is pressed."""
    if place == 0:
        return "fits: the row stays", "does not fit: it becomes a negative, or the row is rejected"
    several = len(columns_after_anchor) > 2
    if marks[:1] == "N":
        return "fits: it takes the positive’s place", "does not fit either"
    return (
        f"fits too: the {'row' if several else 'triplet'} is rejected and the two are kept as a pair",
        "does not fit: the row stays",
    )


# -- ranking ------------------------------------------------------------------------------------------------------------


@dataclass
class Ranking:
    """Candidates in the order they were named, best first; `ranks` are lists of candidates that share a place."""

    count: int
    ranks: list[list[int]] = field(default_factory=list)
    tie: bool = False  # the next one shares the place of the last

    def name(self, candidate: int) -> bool:
        """The next best candidate. False when it has a place already or there is none of that number."""
        if not 0 <= candidate < self.count or self.place(candidate) is not None:
            return False
        if self.tie and self.ranks:
            self.ranks[-1].append(candidate)
        else:
            self.ranks.append([candidate])
        self.tie = False
        return True

    def back(self) -> bool:
        """Take the last one back."""
        if self.tie:
            self.tie = False
            return True
        if not self.ranks:
            return False
        self.ranks[-1].pop()
        if not self.ranks[-1]:
            self.ranks.pop()
        return True

    def place(self, candidate: int) -> int | None:
        return next((n for n, group in enumerate(self.ranks) if candidate in group), None)

    @property
    def complete(self) -> bool:
        return sum(map(len, self.ranks)) == self.count

    def finish(self) -> None:
        """Where one is left its place is clear: the last."""
        left = [n for n in range(self.count) if self.place(n) is None]
        if len(left) == 1 and self.ranks:
            self.tie = False
            self.name(left[0])


def ranked_scores(scale: Scale, ranking: Ranking) -> dict[int, float]:
    """A score on the scale for each candidate: the best has the top, the last the bottom, the others lie evenly between."""
    last = len(ranking.ranks) - 1
    return {
        candidate: round(scale.from_unit(1.0 if last <= 0 else 1 - place / last), 3)
        for place, group in enumerate(ranking.ranks)
        for candidate in group
    }


def ranked_triplets(anchor: str, texts: Sequence[str], ranking: Ranking) -> list[tuple[str, str, str]]:
    """(anchor, better, worse) for every two candidates with different places."""
    return [
        (anchor, texts[a], texts[b])
        for better, worse in combinations(ranking.ranks, 2)
        for a in better
        for b in worse
    ]
