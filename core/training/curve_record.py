"""The learning curve of a dataset on disk. No torch.

    learning-curve/3/curve.json   in the project folder: of dataset 3, what was trained and what came out

Every training is written down as soon as it ends, so a curve that was cancelled or killed goes on; `key` tells whether rows and
settings are still the same. It holds figures only, no texts.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core import atomic
from core.errors import FileProblem
from core.training.events import LearningCurveEvent, as_record, from_record

FOLDER, FILE, LOCK = "learning-curve", "curve.json", ".lock"
VERSION = 1


@dataclass
class Record:
    """`values`: what each finished training scored, by its name; `seconds` that all of them took."""

    key: str = ""
    seconds: float = 0.0
    values: dict[str, list[float]] = field(default_factory=dict)
    result: LearningCurveEvent | None = None

    def write(self, folder: Path) -> None:
        """
        Raises:
            DiskFull, FileProblem
        """
        record = {
            "version": VERSION,
            "key": self.key,
            "result": None if self.result is None else as_record(self.result),
            "seconds": round(self.seconds, 1),
            "values": {name: _plain(values) for name, values in self.values.items()},
        }
        atomic.write_text(folder / FILE, json.dumps(record) + "\n")


def place(project: Path, dataset_id: int) -> Path:
    """Where the curve of a dataset lies.

    Raises:
        FileProblem: a link is in its place.
    """
    folder = project / FOLDER
    if folder.is_symlink() or (folder / str(dataset_id)).is_symlink():
        raise FileProblem(f"{folder} leads out of the project.", "Remove that link.")
    return folder / str(dataset_id)


def key(rows: Sequence[Sequence[Any]], settings: Mapping[str, Any]) -> str:
    """Changes with every row and every setting."""
    content = json.dumps([rows, settings], sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def read(folder: Path) -> Record:
    """What `Record.write` wrote; an empty record where that is missing or damaged."""
    try:
        record = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if record["version"] != VERSION:
            return Record()
        result = None if record["result"] is None else from_record(record["result"])
        seconds = max(0.0, float(record["seconds"]))
        values = {str(name): _numbers(items) for name, items in record["values"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Record()
    return Record(
        str(record["key"]), seconds, values, result if isinstance(result, LearningCurveEvent) else None
    )


def _plain(values: Sequence[float]) -> list[float | None]:
    return [round(value, 7) if math.isfinite(value) else None for value in values]


def _numbers(items: Sequence[Any]) -> list[float]:
    return [math.nan if item is None else float(item) for item in items]
