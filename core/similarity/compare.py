"""What training changed in one search: the same query's result lists of two models, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    SAME = "same"
    UP = "up"
    DOWN = "down"
    NEW = "new"  # not among the hits before
    GONE = "gone"  # not among the hits any more


@dataclass(frozen=True)
class Hit:
    """One found text. `other_rank` is its rank in the other model's whole list, where that is known. `role` is "positive" or "negative"
    where a row (`row`, of `dataset`) says so of the text and the query, `label` the score that it says."""

    rank: int  # 1 = most similar
    text: str
    score: float
    other_rank: int | None = None
    role: str = ""
    label: float | None = None
    row: int = 0
    dataset: int = 0

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Hit:
        """The hit of one entry of the engine's answer; a score that was not a number is NaN."""
        score = record["score"]
        return cls(
            record["rank"],
            record["text"],
            float("nan") if score is None else score,
            record.get("other_rank"),
            record.get("role") or "",
            record.get("label"),
            record.get("row") or 0,
            record.get("dataset") or 0,
        )


@dataclass(frozen=True)
class RankChange:
    """How one text moved. Ranks count from 1; None: beyond the list and not known."""

    text: str
    kind: Kind
    before: int | None
    after: int | None
    score_before: float | None = None
    score_after: float | None = None

    @property
    def places(self) -> int | None:
        """How many places the text rose (negative: fell); None when one of the ranks is not known."""
        return None if self.before is None or self.after is None else self.before - self.after


def compare(before: Sequence[Hit], after: Sequence[Hit]) -> list[RankChange]:
    """Every text of the two lists once: those of `after` in their order, then those that are gone in the order of `before`."""
    earlier = {hit.text: hit for hit in before}
    later = {hit.text for hit in after}
    changes = [_arrived(hit, earlier.get(hit.text)) for hit in after]
    changes += [
        RankChange(hit.text, Kind.GONE, hit.rank, hit.other_rank, hit.score, None)
        for hit in before
        if hit.text not in later
    ]
    return changes


def _arrived(hit: Hit, old: Hit | None) -> RankChange:
    if old is None:
        return RankChange(hit.text, Kind.NEW, hit.other_rank, hit.rank, None, hit.score)
    kind = Kind.SAME if old.rank == hit.rank else Kind.UP if hit.rank < old.rank else Kind.DOWN
    return RankChange(hit.text, kind, old.rank, hit.rank, old.score, hit.score)


@dataclass(frozen=True)
class Movement:
    """How many of the texts of two lists came, went, rose, fell and stayed."""

    gained: int
    lost: int
    up: int
    down: int
    same: int


def movement(before: Sequence[Hit], after: Sequence[Hit]) -> Movement:
    counts = Counter(change.kind for change in compare(before, after))
    return Movement(*(counts[kind] for kind in (Kind.NEW, Kind.GONE, Kind.UP, Kind.DOWN, Kind.SAME)))
