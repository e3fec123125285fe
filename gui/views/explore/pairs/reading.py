"""The labelled rows of a dataset, with what is known of either model's scores from before. Runs beside the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.dataset.formats import DatasetInfo
from core.engine.kept_arrays import known_mark
from core.engine.kept_scores import Told, kept, keys_of
from core.project import Reader
from core.similarity.labelled import HELD_OUT, Rows
from core.training.held_out import of_another, rows_of_run
from core.training.runs import runs_folder
from gui.views.explore.lens import BASE, Model


@dataclass(frozen=True)
class Read:
    """`keys` name each model's scores in the cache, "" where they cannot be kept; `told` has those that were there."""

    rows: Rows
    unlabelled: int  # the id of the first row without a label, 0 where there is none
    by_run: bool  # the run's own snapshot says what it held out; otherwise the marks of the rows do
    keys: tuple[str, ...]
    told: tuple[Told | None, ...]
    elsewhere: bool = False  # the run was trained on another dataset
    learned: int = 0  # held-out rows that the first model, another run's, has learned from


def read(folder: Path, info: DatasetInfo, models: Sequence[Model]) -> Read:
    """
    Raises:
        ProjectProblem, DataProblem: the project or the dataset cannot be read.
    """
    with Reader(folder) as reader, reader.snapshot():
        examples = list(reader.rows(info.id))
    held = rows_of_run(runs_folder(folder) / models[-1].ref, info.id)
    elsewhere = held is None and of_another(runs_folder(folder) / models[-1].ref, info.id)
    if elsewhere:
        held = frozenset[int](), frozenset[int]()  # no row of this one was in it
    rows = Rows.of(info.format, examples, held)
    keys = keys_of(info, examples, [known_mark(model.ref, folder) for model in models], rows.apart())
    labelled = set(rows.ids.tolist())
    unlabelled = next((row.id for row in examples if row.id not in labelled), 0)
    known = tuple(kept(folder, key) for key in keys)
    return Read(
        rows, unlabelled, held is not None, keys, known, elsewhere, _learned(folder, info, models, rows)
    )


def _learned(folder: Path, info: DatasetInfo, models: Sequence[Model], rows: Rows) -> int:
    """How many rows of the later model's hold-out the earlier one, where it is of a run, was trained on."""
    other = rows_of_run(runs_folder(folder) / models[0].ref, info.id) if models[0].ref != BASE else None
    if other is None:
        return 0
    return sum(id in other[0] for id in rows.ids[rows.parts == HELD_OUT].tolist())
