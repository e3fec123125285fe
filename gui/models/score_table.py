"""What a model says about the rows of a dataset, by id: read once, never changed, so that any thread may look things up."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

NUMBERS = ("similarity", "margin", "nearest", "model", "disagreement", "uncertainty")


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """`ids` ascend; the numbers are by their places, not a number where the model has none. `calibration`: the engine's record of how
    similarities become scores; `large`: from which disagreement on a row is worth a look."""

    ids: NDArray[np.int64]
    numbers: dict[str, NDArray[np.float32]]
    large: float
    calibration: dict[str, Any]
    disagreeing: array[int]  # the ids of the rows that disagree much, the worst first

    @property
    def labels(self) -> int:
        """How many labels the scores were fitted to; 0: they are plain similarities."""
        return int(self.calibration.get("labels", 0))

    def value(self, name: str, id: int) -> float:
        """One number of one row; not a number where there is none."""
        place = int(np.searchsorted(self.ids, id))
        if place >= len(self.ids) or self.ids[place] != id:
            return float("nan")
        return float(self.numbers[name][place])

    def values(self, name: str, ids: Sequence[int] | array[int] | NDArray[np.int64]) -> NDArray[np.float64]:
        """One number of many rows."""
        wanted = np.frombuffer(ids, dtype=np.int64) if isinstance(ids, array) else np.asarray(ids, np.int64)
        if not len(self.ids):
            return np.full(len(wanted), np.nan)
        places = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        known = self.ids[places] == wanted
        return np.where(known, self.numbers[name][places], np.nan).astype(np.float64)


def load(answer: dict[str, Any]) -> ScoreTable:
    """The engine's answer to `score_rows`; its file is deleted after it is read."""
    path = Path(answer["file"])
    stored = np.load(path, mmap_mode="r", allow_pickle=False)
    ids = stored["id"].astype(np.int64)
    numbers = {name: stored[name].astype(np.float32) for name in NUMBERS}
    large = float(answer["large"])
    table = ScoreTable(
        ids, numbers, large, dict(answer["calibration"]), _worst(ids, numbers["disagreement"], large)
    )
    del stored  # lets go of the file, which some systems do not delete while it is mapped
    path.unlink(missing_ok=True)
    return table


def _worst(ids: NDArray[np.int64], disagreement: NDArray[np.float32], large: float) -> array[int]:
    bad = np.flatnonzero(disagreement > large)
    result: array[int] = array("q")
    result.frombytes(ids[bad[np.argsort(-disagreement[bad], kind="stable")]].tobytes())
    return result
