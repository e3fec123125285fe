"""An engine that answers when the test says so, with scores that the test chooses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from core.dataset.formats import Format
from core.engine.scoring import ROW
from core.similarity.disagreement import judge


class FakeJob(QObject):
    finished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._stopped = False

    def cancel(self) -> None:
        self._stopped = True
        self.finished.emit()

    def stopped(self) -> bool:
        return self._stopped


@dataclass
class Asked:
    op: str
    params: dict[str, Any]
    job: FakeJob
    read: Callable[[dict[str, Any]], Any]
    on_done: Callable[[Any], object]
    on_error: Callable[[BaseException], object]
    on_progress: Callable[[int, int], object] | None

    def answer(self, answer: dict[str, Any]) -> None:
        assert not self.job.stopped(), "nobody waits for this any more"
        self.on_done(self.read(answer))

    def fail(self, error: BaseException) -> None:
        self.on_error(error)

    def progress(self, done: int, total: int) -> None:
        assert self.on_progress is not None
        self.on_progress(done, total)


@dataclass
class FakeEngine:
    state: str = "warm"
    busy: bool = False
    asked: list[Asked] = field(default_factory=list)

    def ask_in_slices(
        self,
        op: str,
        params: dict[str, Any],
        *,
        title: str = "",
        group: str = "",
        read: Callable[[dict[str, Any]], Any] = lambda answer: answer,
        on_done: Callable[[Any], object],
        on_error: Callable[[BaseException], object],
        on_progress: Callable[[int, int], object] | None = None,
    ) -> FakeJob:
        one = Asked(op, params, FakeJob(), read, on_done, on_error, on_progress)
        self.asked.append(one)
        return one.job

    @property
    def last(self) -> Asked:
        return self.asked[-1]

    def waiting(self, op: str) -> Asked:
        """The newest question of this kind."""
        return [one for one in self.asked if one.op == op][-1]


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
