"""The labelled rows of a dataset, with what is known of either model's scores from before. Runs beside the window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.dataset.formats import DatasetInfo, Example
from core.engine.kept_arrays import Array, KeptArrays, key_of, known_mark
from core.project import Reader
from core.similarity.labelled import Rows, Scored
from core.training.held_out import rows_of_run
from core.training.runs import runs_folder
from gui.views.explore.lens import Model

_KEPT = 12  # models and states of the rows
_NAMES = ("ids", "similarity", "margin", "background")
_AT_ONCE = 1000  # rows


@dataclass(frozen=True)
class Told:
    """One model's scores: ids that ascend, and the numbers by their places; similarities of random pairs."""

    ids: Array
    similarity: Array
    margin: Array
    background: Array

    def scored(self, title: str, rows: Rows) -> Scored:
        numbers = {"similarity": self.similarity, "margin": self.margin}
        return Scored.of(title, rows, self.ids, numbers, self.background)


NOTHING = Told(np.empty(0, np.int64), *(np.empty(0, np.float32) for _ in range(3)))


@dataclass(frozen=True)
class Read:
    """`keys` name each model's scores in the cache, "" where they cannot be kept; `told` has those that were there."""

    rows: Rows
    by_run: bool  # the run's own snapshot says what it held out; otherwise the marks of the rows do
    keys: tuple[str, ...]
    told: tuple[Told | None, ...]


def read(folder: Path, info: DatasetInfo, models: Sequence[Model]) -> Read:
    """
    Raises:
        ProjectProblem, DataProblem: the project or the dataset cannot be read.
    """
    with Reader(folder) as reader, reader.snapshot():
        examples = list(reader.rows(info.id))
    held = rows_of_run(runs_folder(folder) / models[-1].ref, info.id)
    rows_key = key_of(_parts(info, examples))
    marks = [known_mark(model.ref, folder) for model in models]
    keys = tuple(key_of((rows_key, mark)) if mark else "" for mark in marks)
    return Read(
        Rows.of(info.format, examples, held),
        held is not None,
        keys,
        tuple(_kept(folder, key) for key in keys),
    )


def keep(folder: Path, new: Iterable[tuple[str, Told]]) -> None:
    """
    Raises:
        DiskFull, FileProblem
    """
    for key, told in new:
        if key:
            _store(folder).save(key, {name: getattr(told, name) for name in _NAMES})


def _parts(info: DatasetInfo, examples: Sequence[Example]) -> Iterator[str | bytes]:
    """What the scores depend on: every row's id and texts."""
    yield info.format.value
    yield np.array([row.id for row in examples], np.int64).tobytes()
    for start in range(0, len(examples), _AT_ONCE):
        yield "\0".join("\0".join(row.texts) for row in examples[start : start + _AT_ONCE])


def _kept(folder: Path, key: str) -> Told | None:
    found = _store(folder).load(key) if key else None
    if found is None or set(found) != set(_NAMES) or not all(array.ndim == 1 for array in found.values()):
        return None
    if not len(found["ids"]) == len(found["similarity"]) == len(found["margin"]):
        return None
    return Told(**found)


def _store(folder: Path) -> KeptArrays:
    return KeptArrays(folder, "scored", _KEPT)
