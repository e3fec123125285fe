"""Many hard negatives at once: they are looked for, shown with a tick each, and accepted as one step that can be undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QCloseEvent, QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QSpinBox,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gui.context import Context
from gui.models.mined_rows import OWN, SCORE, TICK, Mined, MinedRows
from gui.models.mining import Mining, MiningSettings
from gui.theme.manager import tokens
from gui.theme.tokens import ROW_HEIGHT
from gui.widgets.basic import button, label
from gui.widgets.spin import inset

Accept = Callable[[Sequence[Mined]], bool]


class AcceptNegatives(QDialog):
    """`accept_rows` carries the accepted ones out and answers whether it could; `place` says where they go."""

    def __init__(
        self,
        context: Context,
        ids: Sequence[int],
        settings: MiningSettings,
        accept_rows: Accept,
        place: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("accept_negatives")
        self.setWindowTitle("Hard negatives for many rows")
        self.resize(900, 560)
        self._context, self._ids, self._settings, self._accept = context, ids, settings, accept_rows
        self._place = place
        self._looked = 0
        self.model = MinedRows(self)
        self.mining = Mining(context, "negatives.many", self)
        self._lay_out()
        self.model.ticks_changed.connect(self._count)
        self.each.valueChanged.connect(lambda _count: self.look())
        self.mining.found.connect(self._found)
        self.mining.progressed.connect(self._progressed)
        self.mining.embedding.connect(self._embedding)
        self.mining.finished.connect(self._ended)
        self.mining.failed.connect(self._failed)
        context.project_closing.connect(self.reject)
        self.look()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(8)
        rows = f"{len(self._ids):,} row{'' if len(self._ids) == 1 else 's'}"
        head.addWidget(label(f"Hard negatives for {rows}", "section"))
        head.addStretch(1)
        head.addWidget(label("For each row", "secondary"))
        self.each = inset(QSpinBox())
        self.each.setObjectName("accept_negatives.each")
        self.each.setAccessibleName("Negatives for each row, at most")
        self.each.setRange(1, 16)
        self.each.setFixedWidth(56)
        self.each.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        head.addWidget(self.each)
        column.addLayout(head)
        bounds = self._settings.bounds
        words = (
            f"The nearest texts that are {bounds.least_gap:.2f} to {bounds.most_gap:.2f} less similar than the positive, never a known "
            f"positive, never decided before. {self._place} Take the tick away from what is no negative."
        )
        column.addWidget(label(words, "secondary", wrap=True))
        column.addWidget(self._make_table(), 1)
        busy = QHBoxLayout()
        busy.setSpacing(12)
        self.state = label("", "caption", name="accept_negatives.state")
        self.progress = QProgressBar()
        self.progress.setObjectName("accept_negatives.progress")
        self.progress.setAccessibleName("Rows looked at")
        self.progress.setTextVisible(False)
        self.stop = button("Stop here", kind="link", name="accept_negatives.stop", clicked=self._stop)
        busy.addWidget(self.state)
        busy.addWidget(self.progress, 1)
        busy.addWidget(self.stop)
        column.addLayout(busy)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(button("Cancel", name="accept_negatives.cancel", clicked=self.reject))
        self.ok = button("Accept", kind="primary", name="accept_negatives.accept", clicked=self._take)
        foot.addWidget(self.ok)
        column.addLayout(foot)

    def _make_table(self) -> QTableView:
        self.table = _Table(self.model)
        self.table.setObjectName("accept_negatives.table")
        self.table.setAccessibleName("Proposed negatives")
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        for place, width in ((TICK, 40), (OWN, 76), (SCORE, 76)):
            head.setSectionResizeMode(place, QHeaderView.ResizeMode.Fixed)
            head.resizeSection(place, width)
        return self.table

    # -- looking ------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Look from the start, under the bounds and for as many a row as are wanted."""
        self.model.clear()
        self._looked = 0
        settings = self._settings
        self.mining.start(
            self._ids, MiningSettings(settings.model, settings.among, settings.bounds, self.each.value())
        )
        warm = self._context.engine.state == "warm"
        self._show_busy("Looking…" if warm else "The model is loading…", 0, 0)

    def _found(self, rows: list[dict[str, Any]]) -> None:
        self.model.add(
            [
                Mined(
                    row["id"],
                    row["anchor"],
                    row["positive"],
                    one["text"],
                    row["similarity"],
                    one["similarity"],
                )
                for row in rows
                for one in row["proposals"]
            ]
        )

    def _progressed(self, done: int, total: int) -> None:
        self._looked = done
        if done < total:
            self._show_busy(f"{done:,} of {total:,} rows", done, total)

    def _embedding(self, done: int, total: int) -> None:
        if total:
            self._show_busy(f"Embedding {done:,} of {total:,} texts, once", done, total)

    def _show_busy(self, words: str, done: int, total: int) -> None:
        self.state.setText(words)
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.progress.show()
        self.stop.show()
        self._count()

    def _stop(self) -> None:
        self.mining.cancel()
        self._ended()

    def _ended(self) -> None:
        self.progress.hide()
        self.stop.hide()
        have = len({mined.row for mined in self.model.rows})
        rest = self._looked - have
        words = f"Looked at {self._looked:,} of {len(self._ids):,} rows."
        if rest > 0:
            words += f" {rest:,} have no text between the bounds."
        self.state.setText(words)
        self._count()

    def _failed(self, error: BaseException) -> None:
        self._ended()
        self.state.setText(f"Stopped: {error}")

    # -- accepting ----------------------------------------------------------------------------------------------

    def _count(self) -> None:
        count = self.model.ticked
        self.ok.setText(f"Accept {count:,}" if count else "Accept")
        self.ok.setAccessibleName(f"Accept {count:,} negatives")
        self.ok.setEnabled(count > 0 and not self.mining.busy and self._context.editable)

    def _take(self) -> None:
        if self._accept(self.model.chosen()):
            self.accept()

    def done(self, result: int) -> None:
        self.mining.cancel()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.mining.cancel()
        super().closeEvent(event)


class _Table(QTableView):
    """Space takes the ticks of the selected rows away, or gives them back."""

    def __init__(self, rows: MinedRows) -> None:
        super().__init__()
        self._rows = rows
        self.setModel(rows)
        self.setItemDelegateForColumn(SCORE, _Signed("negative", self))
        self.setItemDelegateForColumn(OWN, _Signed("positive", self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            places = sorted({index.row() for index in self.selectedIndexes()})
            if places:
                self._rows.tick(places, not all(self._rows.is_ticked(place) for place in places))
            return
        super().keyPressEvent(event)


class _Signed(QStyledItemDelegate):
    """A figure in the colour of its role."""

    def __init__(self, role: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._role = role

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect: QRect = option.rect  # type: ignore[attr-defined]
        view = self.parent()
        assert isinstance(view, _Table)
        chosen = view.selectionModel().isSelected(view.model().index(index.row(), index.column()))
        colours = tokens()
        painter.save()
        painter.fillRect(rect, QColor(colours.tint if chosen else colours.surface))
        painter.setPen(QColor(colours.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.setPen(QColor(colours.role(self._role)))
        flags = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(rect.adjusted(0, 0, -12, 0), flags, str(index.data() or ""))
        painter.restore()
