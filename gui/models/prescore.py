"""Scores and decisions that a model suggests for rows without one, and the cells that keep them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.dataset.formats import DatasetInfo, Example, Format, Scale
from core.errors import Cancelled
from core.project import View
from core.project.queries import Queries
from core.similarity.disagreement import RARE
from gui.models.score_table import ScoreTable

Cell = tuple[int, str, Any]

_AT_ONCE = 2000
MOST = 100_000  # rows that are labelled in one step: the surest ones
DECIDED = ("accepted", "rejected", "skipped")


def fits(info: DatasetInfo) -> bool:
    """Whether rows of such a dataset can be given a label by suggestion."""
    return info.format in (Format.SCORED, Format.PAIRS)


def open_row(info: DatasetInfo, row: Example) -> bool:
    """Whether nobody has decided about the row."""
    if row.status in DECIDED:
        return False
    return row.score is None if info.format is Format.SCORED else info.format is Format.PAIRS


def typed(score: float, scale: Scale) -> str:
    """The score as a person would type it: in tenths of a short scale, hundredths of 0–1."""
    span = abs(scale.high - scale.low)
    decimals = 2 if span <= 2 else 1 if span <= 20 else 0
    low, high = sorted((scale.low, scale.high))
    return f"{min(max(round(scale.from_unit(score), decimals), low), high):.6g}"


def accepts(table: ScoreTable, model: float) -> bool:
    """Whether the model would accept a pair: more likely right than wrong, or nearer than nearly all random pairs."""
    return model >= 0.5 if table.labels else 1.0 - model <= RARE


@dataclass(frozen=True)
class Suggestion:
    """For one row: what to put in, as the person would type it (a status for pairs)."""

    id: int
    key: str  # score or status
    value: str
    model: float  # 0–1


def suggestion(info: DatasetInfo, table: ScoreTable, id: int) -> Suggestion | None:
    """What the model suggests for a row; None where it has nothing to say."""
    model = table.value("model", id)
    if math.isnan(model) or not fits(info):
        return None
    if info.format is Format.SCORED:
        return Suggestion(id, "score", typed(model, info.scale), model)
    return Suggestion(id, "status", "accepted" if accepts(table, model) else "rejected", model)


def cells(found: Suggestion, note: str, model: str, *, confirmed: bool) -> list[Cell]:
    """The cells of a suggestion, with a line in the note that says where it is from. `confirmed`: a person looked at the row."""
    origin = f"Suggested by {model}"
    told = note if origin in note.splitlines() else f"{note}\n{origin}" if note else origin
    made: list[Cell] = [(found.id, found.key, found.value), (found.id, "note", told)]
    if confirmed and found.key == "score":
        made.append((found.id, "status", "accepted"))
    return made


@dataclass(frozen=True)
class Plan:
    """Suggestions for many rows, the most certain first, and the notes that are there."""

    found: tuple[Suggestion, ...]
    notes: dict[int, str]
    left_out: int = 0  # rows beyond `MOST`

    def surer_half(self) -> Plan:
        return Plan(self.found[: (len(self.found) + 1) // 2], self.notes, self.left_out)

    def histogram(self, bins: int = 20) -> list[int]:
        counts, _ = np.histogram([one.model for one in self.found], bins=bins, range=(0.0, 1.0))
        return [int(count) for count in counts]

    def cells(self, model: str) -> list[Cell]:
        return [
            cell
            for one in self.found
            for cell in cells(one, self.notes.get(one.id, ""), model, confirmed=False)
        ]


def plan(
    reader: Queries,
    info: DatasetInfo,
    shown: array[int],
    table: ScoreTable,
    should_stop: Callable[[], bool] = lambda: False,
    on_progress: Callable[[int, int], object] = lambda done, total: None,
) -> Plan:
    """What the model suggests for those of the `shown` rows that nobody has decided about."""
    ids = np.frombuffer(shown, dtype=np.int64) if len(shown) else np.empty(0, dtype=np.int64)
    if info.format is Format.SCORED:
        waiting = reader.ids(info.id, View(filter="unlabelled"))
        ids = ids[np.isin(ids, np.frombuffer(waiting, dtype=np.int64))] if len(waiting) else ids[:0]
    ids = ids[np.isfinite(table.values("model", ids))]
    order = np.argsort(table.values("uncertainty", ids), kind="stable")
    found: list[Suggestion] = []
    notes: dict[int, str] = {}
    for start in range(0, len(ids), _AT_ONCE):
        if should_stop():
            raise Cancelled
        if len(found) >= MOST:
            return Plan(tuple(found[:MOST]), notes, len(ids) - MOST)
        on_progress(start, len(ids))
        for row in reader.examples(ids[order[start : start + _AT_ONCE]].tolist()):
            one = suggestion(info, table, row.id) if open_row(info, row) else None
            if one is not None:
                found.append(one)
                notes[row.id] = row.note
    return Plan(tuple(found), notes)


def next_open(
    read: Callable[[Sequence[int]], list[Example]], info: DatasetInfo, ids: array[int], after: int
) -> int:
    """The place of the next shown row that nobody has decided about, from `after` on and then from the top; -1 for none."""
    count = len(ids)
    order = [*range(after + 1, count), *range(0, min(after + 1, count))][: 10 * _AT_ONCE]
    for start in range(0, len(order), 200):
        places = order[start : start + 200]
        open_ids = {row.id for row in read([ids[place] for place in places]) if open_row(info, row)}
        for place in places:
            if ids[place] in open_ids:
                return place
    return -1
