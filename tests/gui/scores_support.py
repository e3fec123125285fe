"""The engine's scores of rows, as the test chooses them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.dataset.formats import Format
from core.engine.scoring import ROW
from core.similarity.disagreement import judge


def scores_file(
    folder: Path,
    format: Format,
    similarity: Mapping[int, float],
    *,
    label: Mapping[int, float] | None = None,
    margin: Mapping[int, float] | None = None,
) -> dict[str, Any]:
    """The engine's answer to `score_rows` for rows with these similarities, by id."""
    ids = sorted(similarity)
    near = np.array([similarity[id] for id in ids], dtype=np.float32)
    given = np.array([(label or {}).get(id, np.nan) for id in ids], dtype=np.float32)
    margins = np.array([(margin or {}).get(id, np.nan) for id in ids], dtype=np.float32)
    background = np.linspace(0, 0.3, 100).astype(np.float32)
    judged = judge(format, near, margins, given, np.ones(len(ids), dtype=bool), background)
    table = np.zeros(len(ids), dtype=ROW)
    table["id"], table["similarity"], table["margin"] = ids, near, margins
    for name in ("model", "disagreement", "uncertainty"):
        table[name] = getattr(judged, name)
    path = folder / f"scores-{len(list(folder.glob('scores-*')))}.npy"
    np.save(path, table)
    return {
        "file": str(path),
        "rows": len(ids),
        "encoded": 0,
        "large": judged.large,
        "calibration": judged.calibration.record(),
    }
