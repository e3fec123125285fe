"""The labelled rows of a dataset, with what is known of either model's scores from before. Runs beside the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.dataset.formats import DatasetInfo
from core.engine.kept_arrays import known_mark
from core.engine.kept_scores import NOTHING as NOTHING
from core.engine.kept_scores import Told as Told
from core.engine.kept_scores import keep as keep
from core.engine.kept_scores import kept, keys_of
from core.project import Reader
from core.similarity.labelled import Rows
from core.training.held_out import rows_of_run
from core.training.runs import runs_folder
from gui.views.explore.lens import Model


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
    keys = keys_of(info, examples, [known_mark(model.ref, folder) for model in models])
    return Read(
        Rows.of(info.format, examples, held),
        held is not None,
        keys,
        tuple(kept(folder, key) for key in keys),
    )
