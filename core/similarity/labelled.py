"""The labelled rows of a dataset under two models: what either one scores, which rows it decides rightly, and what training changed.

Rows with a margin (triplets, texts with categories) are right above 0. Rows with one similarity are right on their side of a threshold,
each model's own: the cut with the highest accuracy over all labelled rows. Plain pairs have no dissimilar rows but those that somebody
rejected; first texts with second texts of other rows, paired at random, stand beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dataset.formats import Example, Format
from core.similarity.before_after import Tally, by_margin, by_threshold, outcomes, tally
from core.similarity.thresholds import Thresholds

Floats = NDArray[np.float64]

# The first text of one row, by its id, with the second text of another.
RANDOM_PAIR = np.dtype([("first", "<i8"), ("second", "<i8"), ("similarity", "<f4")])

PARTS = ("Training", "Hold-out", "Test", "Not in the run")
EVERY_PART = -1
_OF_PART = 4_000
TRAINING, HELD_OUT, TEST, OUTSIDE = range(4)


@dataclass(frozen=True, eq=False)
class Rows:
    """The labelled rows, in the order of the dataset. `similar`: 1 for pairs that should be similar, 0 for others, NaN unlabelled."""

    format: Format
    ids: NDArray[np.int64]
    numbers: NDArray[np.int64]
    texts: tuple[tuple[str, ...], ...]
    similar: Floats
    parts: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.ids)

    def apart(self) -> list[list[int]]:
        """The ids of each part that was not learned from, some thousands at most: what random pairs of its own are made of."""
        if self.format is not Format.PAIRS:
            return []
        parts = [self.ids[self.parts == part] for part in (HELD_OUT, TEST, OUTSIDE)]
        chance = np.random.default_rng(0)
        return [
            np.sort(chance.choice(ids, min(len(ids), _OF_PART), replace=False)).tolist()
            for ids in parts
            if len(ids) > 1
        ]

    @classmethod
    def of(
        cls,
        format: Format,
        examples: Sequence[Example],
        held: tuple[frozenset[int], frozenset[int]] | None,
    ) -> Rows:
        """`held`: the ids that the run trained on and those that it held out; without them the rows' own marks tell."""
        kept = [row for row in examples if _labelled(format, row)]
        return cls(
            format,
            np.array([row.id for row in kept], np.int64),
            np.array([row.number for row in kept], np.int64),
            tuple(row.texts for row in kept),
            np.array([_similar(format, row) for row in kept], np.float64),
            np.array([_part(row, held) for row in kept], np.int8),
        )


@dataclass(frozen=True, eq=False)
class Scored:
    """One model's scores of the rows, by their places; NaN where there is none. `background`: similarities of random pairs,
    `within` the part that both of their rows are of, −1 where they are of two; without it all are. `nearest`: which text of each row is its
    nearest negative, from 2 on."""

    title: str
    similarity: Floats
    margin: Floats
    background: Floats
    within: NDArray[np.int8] | None = None
    nearest: Floats | None = None

    def negatives_of(self, places: NDArray[np.int64]) -> list[int]:
        """Which text of each of these rows is its nearest negative."""
        if self.nearest is None:
            return [2] * len(places)
        known = np.nan_to_num(self.nearest[places], nan=2.0)
        return np.maximum(known, 2).astype(np.int64).tolist()

    @classmethod
    def of(
        cls, title: str, rows: Rows, ids: NDArray[np.int64], numbers: dict[str, NDArray[Any]], background: Any
    ) -> Scored:
        """From the engine's table, whose `ids` ascend."""
        place = np.minimum(np.searchsorted(ids, rows.ids), max(len(ids) - 1, 0))
        known = ids[place] == rows.ids if len(ids) else np.zeros(len(rows), bool)

        def taken(name: str) -> Floats:
            values = np.full(len(rows), np.nan)
            values[known] = numbers[name][place[known]]
            return values

        if not len(background):
            nearest = taken("nearest") if "nearest" in numbers else None
            if nearest is not None and len(rows):
                nearest[~(nearest < len(rows.texts[0]))] = np.nan  # a damaged file can say anything
            return cls(title, taken("similarity"), taken("margin"), np.empty(0, np.float64), None, nearest)
        first, second = (_parts_of(rows, background[side]) for side in ("first", "second"))
        within = np.where(first == second, first, -1).astype(np.int8)
        random = np.asarray(background["similarity"], np.float64)
        return cls(title, taken("similarity"), taken("margin"), random, within)


@dataclass(frozen=True, eq=False)
class Comparison:
    rows: Rows
    first: Scored
    second: Scored

    @property
    def by_margin(self) -> bool:
        return self.rows.format in (Format.TRIPLETS, Format.CATEGORIES)

    @cached_property
    def change(self) -> Floats:
        return self.second.similarity - self.first.similarity

    @cached_property
    def cuts(self) -> tuple[float, float]:
        """Each model's threshold, as short as it can be told; NaN where margins decide or there is nothing to tell apart."""
        first, second = (self._cut(model) for model in (self.first, self.second))
        return first, second

    def _cut(self, model: Scored) -> float:
        found = Thresholds(*self.of_part(model, EVERY_PART))
        return (
            found.short(found.best_accuracy().threshold)
            if found.decided and not self.by_margin
            else float("nan")
        )

    @cached_property
    def outcomes(self) -> NDArray[np.int8]:
        sides = []
        for model, cut in zip((self.first, self.second), self.cuts, strict=True):
            decided = (
                by_margin(model.margin)
                if self.by_margin
                else by_threshold(model.similarity, self.rows.similar, cut)
            )
            sides.append(decided)
        return outcomes(*sides)

    def tallies(self) -> dict[int, Tally]:
        """By the part of the rows; parts without rows are left out."""
        parts = self.rows.parts
        return {
            part: tally(self.outcomes, parts == part) for part in range(len(PARTS)) if (parts == part).any()
        }

    def evidence(self, model: Scored) -> tuple[Floats, NDArray[np.bool_], NDArray[np.int8]]:
        """Scores, whether each should be high, and the part of its row (of random pairs −1, or −2 − the part of both their rows)."""
        parts = self.rows.parts
        if self.by_margin:
            far = model.similarity - model.margin
            scores, truth = np.concatenate([model.similarity, far]), np.repeat([True, False], len(far))
            whose = np.concatenate([parts, parts])
        else:
            known = ~np.isnan(self.rows.similar)
            scores, truth = (
                np.concatenate([model.similarity[known], model.background]),
                np.concatenate([self.rows.similar[known] >= 0.5, np.zeros(len(model.background), bool)]),
            )
            mixed = np.full(len(model.background), -1, np.int8)
            random = mixed if model.within is None else np.where(model.within < 0, mixed, -2 - model.within)
            whose = np.concatenate([parts[known], random])
        usable = np.isfinite(scores)
        return scores[usable], truth[usable], whose[usable]

    def of_part(self, model: Scored, part: int) -> tuple[Floats, NDArray[np.bool_]]:
        """The scores of one part, or of `EVERY_PART`, and whether each should be high. Random pairs are as many as the part has rows, and
        both of their rows are of the part: what was learned says nothing about what was held out."""
        scores, truth, whose = self.evidence(model)
        every = part == EVERY_PART
        chosen = np.flatnonzero(whose >= 0 if every else whose == part)
        random = np.flatnonzero(whose < 0 if every else whose == -2 - part)[: len(chosen)]
        taken = np.concatenate([chosen, random])
        return scores[taken], truth[taken]


def _parts_of(rows: Rows, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The part of each row of these ids; of one that is not labelled −1."""
    if not len(rows):
        return np.full(len(ids), -1, np.int64)
    order = np.argsort(rows.ids, kind="stable")
    place = order[np.minimum(np.searchsorted(rows.ids, ids, sorter=order), len(rows) - 1)]
    return np.where(rows.ids[place] == ids, rows.parts[place], -1).astype(np.int64)


def _labelled(format: Format, row: Example) -> bool:
    if format is Format.PAIRS:  # what somebody rejected is a label, too
        return all(text.strip() for text in row.texts)
    unlabelled = format is Format.SCORED and row.score is None
    return row.status != "rejected" and not unlabelled and all(text.strip() for text in row.texts)


def _similar(format: Format, row: Example) -> float:
    if format is Format.SCORED:
        return float(row.score is not None and row.score >= 0.5)
    return float(row.status != "rejected")


def _part(row: Example, held: tuple[frozenset[int], frozenset[int]] | None) -> int:
    if held is not None and row.id in held[0]:
        return TRAINING
    if held is not None and row.id in held[1]:
        return HELD_OUT
    if row.split in ("eval", "test"):
        return HELD_OUT if row.split == "eval" else TEST
    return TRAINING if held is None else OUTSIDE
