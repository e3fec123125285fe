"""Has the engine make a map, slice by slice, and tells how far it is and what it looks like so far."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from gui.context import Context
from gui.workers.job import Job

_STAGES = {
    "embedding": "Embedding {done:,} of {total:,} texts",
    "axes": "Placing the texts",
    "groups": "Looking for groups",
    "neighbours": "Comparing neighbours",
    "near": "Looking for near texts",
    "map": "Arranging the map",
    "rest": "Placing the other texts",
    "quality": "Measuring how far the map can be trusted",
}


class MapMaker(QObject):
    progressed = Signal(str, int, int)  # words, done, total
    pictured = Signal(object)  # points (models, n, 2)
    described = Signal(str)  # the folder where the groups are, before the map is
    made = Signal(str, str)  # the key of the texts, the folder of the map
    failed = Signal(object)

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._job: Job | None = None
        self._round = 0
        self._stage, self._began = "", 0.0

    @property
    def busy(self) -> bool:
        return self._job is not None

    def start(self, dataset_id: int | None, models: list[str], method: str) -> None:
        self.stop()
        self._stage = ""
        params = {
            "project": str(self._context.folder),
            "dataset_id": dataset_id,
            "models": models,
            "method": method,
        }
        self._ask(params, self._round)

    def stop(self) -> None:
        """What was embedded is kept; the rest is made anew the next time."""
        self._round += 1
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _ask(self, params: dict[str, Any], round: int) -> None:
        def answered(answer: dict[str, Any]) -> None:
            if round != self._round:
                return
            if answer.get("more"):
                if answer["stage"]:  # else nothing is new
                    self._tell(answer)
                if round == self._round:
                    self._ask({**params, **answer["next"]}, round)
            else:
                self._job = None
                self.made.emit(str(answer["key"]), str(answer["folder"]))

        def failed(error: BaseException) -> None:
            if round == self._round:
                self._job = None
                self.failed.emit(error)

        self._job = self._context.engine.ask("map", params, group="map", on_done=answered, on_error=failed)

    def _tell(self, answer: dict[str, Any]) -> None:
        stage, done, total = str(answer["stage"]), int(answer["done"]), int(answer["total"])
        if stage != self._stage:
            self._stage, self._began = stage, time.monotonic()
        words = _STAGES.get(stage, "Working").format(done=done, total=total)
        self.progressed.emit(words + self._left(done, total), done, total)
        if answer.get("picture"):
            path = Path(str(answer["picture"]))
            try:
                points = np.load(path)
            except (OSError, ValueError):
                return  # a picture on the way: the next one comes
            path.unlink(missing_ok=True)
            self.pictured.emit(points)
        if answer.get("described"):
            self.described.emit(str(answer["described"]))

    def _left(self, done: int, total: int) -> str:
        spent = time.monotonic() - self._began
        if not 0 < done < total or spent < 2 or self._stage not in ("embedding", "near", "map", "rest"):
            return ""
        seconds = spent * (total - done) / done
        return f" · {seconds / 60:.0f} min left" if seconds >= 90 else f" · {max(1, round(seconds))} s left"
