"""Cut rows into folds for cross-validation, so that no text is both learned from and measured on."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.dataset.formats import Example, Format
from core.dataset.grouping import by_anchor, by_text, shared_texts

LARGEST = 0.5  # a group with more than this share of the rows cannot be cut into folds


@dataclass(frozen=True)
class Folds:
    """`of_row[i]` is the fold of row i, from 0 up; -1: never held out. `groups[i]` numbers the rows that belong together."""

    of_row: list[int]
    groups: list[int]
    count: int
    notes: list[str] = field(default_factory=list)
    grouped_by: str = "text"  # text, anchor, none


def units(rows: Sequence[Example]) -> tuple[list[int], str]:
    """The group of each row and what ties groups together: shared texts, or the anchor where texts tie almost all rows into one."""
    for kind, grouping in (("text", by_text), ("anchor", by_anchor)):
        groups = grouping(rows)
        sizes: dict[int, int] = {}
        for group in groups:
            sizes[group] = sizes.get(group, 0) + 1
        if max(sizes.values(), default=0) <= LARGEST * len(rows):
            return groups, kind
    return list(range(len(rows))), "none"


def fold(rows: Sequence[Example], format: Format, count: int, seed: int) -> Folds:
    """Cut `rows` into `count` folds of like size, the same ones for the same `seed`.

    Groups (see `units`) stay whole; scored pairs below and from 0.5 are spread evenly. Fewer folds where there are not so many
    groups. Groups with a row marked *train* are in no fold.
    """
    groups, kind = units(rows)
    pinned = {group for row, group in zip(rows, groups, strict=True) if row.split == "train"}
    members: dict[int, list[int]] = {}
    for position, group in enumerate(groups):
        if group not in pinned:
            members.setdefault(group, []).append(position)
    count = min(count, len(members))
    of_row = [-1] * len(rows)
    if count < 2:
        return Folds(of_row, groups, 0, ["There are too few groups of rows for a cross-validation."], kind)
    positive = [format is Format.SCORED and row.score is not None and row.score >= 0.5 for row in rows]
    order = list(members.values())
    random.Random(seed).shuffle(order)
    order.sort(key=lambda found: (-sum(positive[i] for i in found), -len(found)))
    sizes, positives = [0] * count, [0] * count
    for found in order:
        own = sum(positive[i] for i in found)
        place = min(range(count), key=lambda f: (positives[f] if own else 0, sizes[f]))
        for i in found:
            of_row[i] = place
        sizes[place] += len(found)
        positives[place] += own
    return Folds(of_row, groups, count, _notes(rows, of_row, count, kind), kind)


def _notes(rows: Sequence[Example], of_row: Sequence[int], count: int, kind: str) -> list[str]:
    if kind == "text":
        return []
    most = 0
    for number in range(count):
        inside = [row for row, place in zip(rows, of_row, strict=True) if place == number]
        outside = [row for row, place in zip(rows, of_row, strict=True) if place != number]
        most = max(most, shared_texts(inside, outside))
    grouped = "rows are grouped by their anchor only" if kind == "anchor" else "rows are drawn one by one"
    return [
        f"The texts tie almost all rows together, so for cross-validation {grouped}: up to {most:,} texts of a fold are also "
        "in the rows that its model learned from."
    ]
