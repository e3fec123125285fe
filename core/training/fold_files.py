"""The files of a run's cross-validation: which row is in which fold, and what every finished fold found. Torch-free.

    data/folds.json                  the fold and the group of every training row
    cross-validation/fold-03.json    the scores of the rows of one fold under every candidate

Everything is JSON, written whole or not at all, so a run that was killed in its fourth fold goes on with the fourth.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import atomic
from core.dataset.folds import fold
from core.dataset.formats import Example, Format
from core.training import data

FOLDER = "cross-validation"
VERSION = 1


@dataclass(frozen=True)
class FoldPlan:
    """By training row, in file order: the fold (-1: never held out) and the group that stays together."""

    of_row: list[int]
    groups: list[int]
    count: int

    def held(self, number: int) -> list[int]:
        return [row for row, place in enumerate(self.of_row) if place == number]

    def kept(self, number: int) -> list[int]:
        return [row for row, place in enumerate(self.of_row) if place != number]


def plan(run_dir: Path, rows: Sequence[Example], format: Format, count: int, seed: int) -> list[str]:
    """Cut the training rows of a run into folds and write that down; returns notes for the person.

    Raises:
        DiskFull, FileProblem
    """
    found = fold(rows, format, count, seed)
    record = {"folds": found.of_row, "groups": found.groups, "count": found.count}
    atomic.write_text(run_dir / data.FOLDS, json.dumps(record) + "\n")
    return found.notes


def cut(rows: Sequence[tuple[Any, ...]], format: Format, count: int, seed: int) -> FoldPlan | None:
    """A plan for the rows of a snapshot that nobody writes down; None where they cannot be cut."""
    found = fold(examples(rows, format), format, count, seed)
    return FoldPlan(found.of_row, found.groups, found.count) if found.count >= 2 else None


def examples(rows: Sequence[tuple[Any, ...]], format: Format) -> list[Example]:
    """The rows of a snapshot as examples."""
    if format is Format.SCORED:
        return [Example(tuple(row[:-1]), float(row[-1])) for row in rows]
    return [Example(tuple(row)) for row in rows]


def read_plan(run_dir: Path, rows: int) -> FoldPlan | None:
    """The plan for `rows` training rows; None where there is none that fits them."""
    record = _read(run_dir / data.FOLDS)
    try:
        found = FoldPlan(list(record["folds"]), list(record["groups"]), int(record["count"]))
    except (KeyError, TypeError, ValueError):
        return None
    return found if len(found.of_row) == len(found.groups) == rows and found.count >= 2 else None


def write_fold(run_dir: Path, number: int, values: Sequence[Sequence[Sequence[float]]]) -> None:
    """`values[point][blend][unit]`; what is not finite becomes null.

    Raises:
        DiskFull, FileProblem
    """
    clean = [
        [[value if math.isfinite(value) else None for value in blend] for blend in point] for point in values
    ]
    atomic.write_text(_path(run_dir, number), json.dumps({"version": VERSION, "values": clean}) + "\n")


def read_fold(run_dir: Path, number: int, shape: tuple[int, int, int]) -> list[list[list[float]]] | None:
    """What `write_fold` wrote; None where it is missing, damaged, or of another shape (points, blends, units)."""
    record = _read(_path(run_dir, number))
    try:
        values = [
            [[math.nan if value is None else float(value) for value in blend] for blend in point]
            for point in record["values"]
        ]
    except (KeyError, TypeError, ValueError):
        return None
    fits = len(values) == shape[0] and all(
        len(point) == shape[1] and all(len(blend) == shape[2] for blend in point) for point in values
    )
    return values if fits else None


def _path(run_dir: Path, number: int) -> Path:
    return run_dir / FOLDER / f"fold-{number + 1:02d}.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
