"""Which rows of the project a run learned from and which it kept out, as its data snapshot tells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.training import data, run_files

_MOST_BYTES = 200_000_000


def rows_of_run(folder: Path, dataset_id: int) -> tuple[frozenset[int], frozenset[int]] | None:
    """The ids of the rows trained on and of those held out; None where the run knows nothing of this dataset."""
    record = _record(folder)
    try:
        if record.get("dataset") not in (dataset_id, 0):
            return None
        train, held = (frozenset(int(id) for id in record.get(name, ())) for name in ("train", "holdout"))
    except (ValueError, TypeError, OverflowError):
        return None
    return train, held - train


def of_another(folder: Path, dataset_id: int) -> bool:
    """Whether the run is known to have learned from another dataset than this one."""
    told = _record(folder).get("dataset")
    return isinstance(told, int) and told not in (dataset_id, 0)


def _record(folder: Path) -> dict[str, Any]:
    """What the snapshot says of ids; nothing where it cannot be read."""
    path = run_files.contained(folder, *Path(data.IDS).parts)
    try:
        if path is None or path.stat().st_size > _MOST_BYTES:
            return {}
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
