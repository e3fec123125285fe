"""Hard negatives for a conversion: the model looks for them before the preview can show what will come out."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from core.dataset.formats import DatasetInfo
from core.errors import AnchorLabError
from gui.context import Context
from gui.models.mining import Mining, MiningSettings


class ConvertMining(QObject):
    """`found` is known once `ready(k)`; `look` starts, and `ended` tells that it is so or that it failed."""

    told = Signal(str)  # how far it is
    ended = Signal()
    failed = Signal(object)

    def __init__(self, context: Context, info: DatasetInfo, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._info = context, info
        self._each = self._ready = 0
        self.found: dict[str, list[str]] = {}
        self._mining = Mining(context, "negatives.convert", self)
        self._mining.found.connect(self._take)
        self._mining.progressed.connect(
            lambda done, total: self.told.emit(f"Looking for hard negatives: {done:,} of {total:,} rows…")
        )
        self._mining.embedding.connect(
            lambda done, total: (
                self.told.emit(f"Embedding {done:,} of {total:,} texts, once…") if total else None
            )
        )
        self._mining.finished.connect(self._finish)
        self._mining.failed.connect(self._fail)

    def ready(self, each: int) -> bool:
        """Whether up to `each` negatives of every anchor are known."""
        return self._ready >= each

    def look(self, each: int) -> None:
        project = self._context.project
        if project is None or (self._mining.busy and self._each == each):
            return
        try:
            ids = project.ids(self._info.id)
        except AnchorLabError as error:
            self.failed.emit(error)
            return
        self.found, self._each = {}, each
        model = self._context.run_name or "base"
        cold = self._context.engine.state != "warm"
        self.told.emit("The model is loading…" if cold else "Looking for hard negatives…")
        self._mining.start(ids, MiningSettings(model, k=each))

    def cancel(self) -> None:
        self._mining.cancel()

    def _take(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            texts = self.found.setdefault(row["anchor"], [])
            texts += [one["text"] for one in row["proposals"] if one["text"] not in texts]

    def _finish(self) -> None:
        self._ready = self._each
        self.ended.emit()

    def _fail(self, error: object) -> None:
        self.failed.emit(error)
