"""Which rows of the project a run learned from and which it kept out, as its data snapshot tells."""

from __future__ import annotations

import json
from pathlib import Path

from core.training import data, run_files

_MOST_BYTES = 200_000_000


def rows_of_run(folder: Path, dataset_id: int) -> tuple[frozenset[int], frozenset[int]] | None:
    """The ids of the rows trained on and of those held out; None where the run knows nothing of this dataset."""
    path = run_files.contained(folder, *Path(data.IDS).parts)
    try:
        if path is None or path.stat().st_size > _MOST_BYTES:
            return None
        record = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(record, dict) or record.get("dataset") not in (dataset_id, 0):
            return None
        train, held = (frozenset(int(id) for id in record.get(name, ())) for name in ("train", "holdout"))
    except (OSError, ValueError, TypeError, RecursionError, OverflowError):
        return None
    return train, held - train
