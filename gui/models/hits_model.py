"""A result list: texts with their scores and how far they moved; after them known texts that are further down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from core.similarity.compare import Hit
from gui.widgets.basic import plain_tip
from gui.widgets.score import number

Index = QModelIndex | QPersistentModelIndex

HIT_ROLE = Qt.ItemDataRole.UserRole

GAINED, LOST = "gained", "lost"


class HitsModel(QAbstractListModel):
    """Best first. `length` is how long the other list is: a text beyond it was gained or lost. `compared`: there is another list."""

    def __init__(self, *, tuned: bool) -> None:
        super().__init__()
        self.tuned = tuned
        self.hits: list[Hit] = []
        self.length = 0
        self.listed = 0  # hits before the known texts further down
        self.compared = False

    def show(
        self, hits: Sequence[Hit], length: int, beyond: Sequence[Hit] = (), *, compared: bool = True
    ) -> None:
        self.beginResetModel()
        self.hits, self.length, self.listed = [*hits, *beyond], length, len(hits)
        self.compared = compared
        self.endResetModel()

    def row_of(self, text: str) -> int | None:
        return next((row for row, hit in enumerate(self.hits) if hit.text == text), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.hits)

    def mark(self, row: int) -> str:
        """GAINED, LOST or "": whether only this list has the text."""
        hit = self.hits[row]
        if not self.compared or row >= self.listed:
            return ""
        if hit.other_rank is not None and hit.other_rank <= self.length:
            return ""
        return GAINED if self.tuned else LOST

    def change(self, row: int, *, brief: bool = False) -> tuple[str, str]:
        """The words for how the text moved, and their tone; ("", "") when it did not or that is not known."""
        hit, mark = self.hits[row], self.mark(row)
        if mark:
            words, way = ("new", "was") if mark == GAINED else ("lost", "now")
            tone = "positive" if mark == GAINED else "negative"
            return (words if brief or hit.other_rank is None else f"{words}, {way} {hit.other_rank:,}"), tone
        if not self.tuned or hit.other_rank is None:
            return "", ""
        places = hit.other_rank - hit.rank
        if not places:
            return "", ""
        good = (places > 0) == (hit.role != "negative")  # a known negative does well to fall
        return (f"▲ {places:,}" if places > 0 else f"▼ {-places:,}"), "positive" if good else "negative"

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.hits):
            return None
        hit = self.hits[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return hit.text
        if role == HIT_ROLE:
            return hit
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(hit.text)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            parts = [f"{hit.rank}. {hit.text}", f"score {number(hit.score)}", self.change(index.row())[0]]
            return ", ".join(part for part in [*parts, f"known {hit.role}" if hit.role else ""] if part)
        return None
