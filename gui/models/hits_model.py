"""A result list: texts with their scores and how far they moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from core.similarity.compare import Hit
from gui.widgets.basic import plain_tip
from gui.widgets.score import number

Index = QModelIndex | QPersistentModelIndex

HIT_ROLE = Qt.ItemDataRole.UserRole


class HitsModel(QAbstractListModel):
    """Best first. `length` is how long the other list is, so that a text beyond it counts as new or gone."""

    def __init__(self, *, tuned: bool) -> None:
        super().__init__()
        self.tuned = tuned
        self.hits: list[Hit] = []
        self.length = 0

    def show(self, hits: Sequence[Hit], length: int) -> None:
        self.beginResetModel()
        self.hits, self.length = list(hits), length
        self.endResetModel()

    def row_of(self, text: str) -> int | None:
        return next((row for row, hit in enumerate(self.hits) if hit.text == text), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.hits)

    def change(self, hit: Hit) -> tuple[str, str]:
        """The words for how the text moved, and their tone; ("", "") when it did not or that is not known."""
        if hit.other_rank is None:
            return "", ""
        if self.tuned:
            if hit.other_rank > self.length:
                return "new", "positive"
            places = hit.other_rank - hit.rank
            return (
                (f"▲ {places}", "positive")
                if places > 0
                else (f"▼ {-places}", "negative")
                if places < 0
                else ("", "")
            )
        return (f"now {hit.other_rank:,}", "secondary") if hit.other_rank > self.length else ("", "")

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        hit = self.hits[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return hit.text
        if role == HIT_ROLE:
            return hit
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(hit.text)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{hit.rank}. {hit.text}, score {number(hit.score)}, {self.change(hit)[0]}"
        return None
