"""The data of a run on disk: parquet files with exactly the columns that sentence-transformers reads.

`data/train.parquet` and `data/holdout.parquet` (absent without a hold-out) hold the rows in their order in the project;
`data/ids.json` says which examples they were. pyarrow is imported inside.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core import atomic
from core.dataset.formats import Example, Format, texts_of, training_columns
from core.errors import TrainingProblem

TRAIN, HOLDOUT, IDS = "data/train.parquet", "data/holdout.parquet", "data/ids.json"
FOLDS = "data/folds.json"


LABELS = ("score", "label")  # the columns that hold no text


def columns_of(format: Format, negatives: int) -> tuple[str, ...]:
    """The columns of the rows that a loss gets, its own name for the label last."""
    return ("sentence", "label") if format is Format.CATEGORIES else training_columns(format, negatives)


def texts_in(format: Format, row: tuple[Any, ...]) -> tuple[str, ...]:
    """The texts of a stored row that a model embeds."""
    return texts_of(format, tuple(cell for cell in row if isinstance(cell, str)))


def row_of(format: Format, example: Example) -> tuple[Any, ...]:
    """The texts, and the score last where the format has one."""
    return (*example.texts, example.score) if format is Format.SCORED else example.texts


def write(
    run_dir: Path,
    format: Format,
    negatives: int,
    train: Sequence[Example],
    holdout: Sequence[Example],
    dataset_id: int = 0,
) -> None:
    """The snapshot of a run.

    Raises:
        DiskFull, FileProblem: it could not be written.
    """
    columns = training_columns(format, negatives)
    _write_rows(run_dir / TRAIN, columns, [row_of(format, example) for example in train])
    if holdout:
        _write_rows(run_dir / HOLDOUT, columns, [row_of(format, example) for example in holdout])
    ids = {
        "dataset": dataset_id,
        "train": [item.id for item in train],
        "holdout": [item.id for item in holdout],
    }
    atomic.write_text(run_dir / IDS, json.dumps(ids) + "\n")


def _write_rows(path: Path, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    import pyarrow
    import pyarrow.parquet

    arrays = [
        pyarrow.array([row[slot] for row in rows], pyarrow.float64() if name == "score" else pyarrow.string())
        for slot, name in enumerate(columns)
    ]
    table = pyarrow.Table.from_arrays(arrays, names=list(columns))
    temporary = path.with_name(f".{path.name}.tmp")
    with atomic.explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        pyarrow.parquet.write_table(table, temporary)
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        atomic.put(temporary, path)


def read(
    run_dir: Path, format: Format, negatives: int
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The training rows and the held-out rows, in file order.

    Raises:
        TrainingProblem: the snapshot is missing, damaged, empty, or lacks a column.
    """
    columns = training_columns(format, negatives)
    train = _read_rows(run_dir / TRAIN, columns)
    if not train:
        raise TrainingProblem("There is no row to train on.", "Add rows, or hold out a smaller share.")
    holdout = _read_rows(run_dir / HOLDOUT, columns) if (run_dir / HOLDOUT).exists() else []
    return train, holdout


def _read_rows(path: Path, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(path, columns=list(columns))
    except (OSError, pyarrow.ArrowException) as error:
        raise TrainingProblem(
            f"Cannot read the data of this run, {path}.", "Start a new run.", details=str(error)
        ) from error
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise TrainingProblem(f"{path} lacks the column {missing[0]}.", "Start a new run.")
    return list(zip(*(table.column(name).to_pylist() for name in columns), strict=True))
