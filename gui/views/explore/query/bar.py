"""The question: a text typed, a row picked, or one asked before."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QPushButton, QToolButton, QWidget

from gui.theme import icons
from gui.views.explore.query.recent import Recent
from gui.views.explore.query.rows import RowText
from gui.widgets.basic import brief, button, tool_button

_LISTED = 15
_PICK = "\u2009Row…"
_LONGEST = 10_000


class QueryLine(QLineEdit):
    """Down goes to the results; Escape takes the text in hand, then nothing."""

    down = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.down.emit()
            return
        super().keyPressEvent(event)


class QueryBar(QWidget):
    """`row` is where the text comes from; typing in it makes it a text of one's own."""

    changed = Signal()  # being typed
    entered = Signal()  # meant as it is now
    pick = Signal()
    step_row = Signal(int)
    asked_again = Signal(object)  # Asked

    def __init__(self) -> None:
        super().__init__()
        self.row: RowText | None = None
        self._exact = ""  # a text of several lines, of which the line shows one
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        self.chip: QPushButton = button("", kind="chip", name="explore.row", clicked=self._open_texts)
        self._menu = QMenu(self.chip)
        self._menu.setObjectName("explore.row_texts")
        self.chip.hide()
        self.query = QueryLine()
        self.query.setObjectName("explore.query")
        self.query.setAccessibleName("Text to search for")
        self.query.setPlaceholderText(
            "Type a text, or pick a row, and see what both models find most similar"
        )
        self.query.setMaxLength(_LONGEST)
        self.query.setClearButtonEnabled(True)
        self.query.setProperty("kind", "search")
        self.query.addAction(icons.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.query.textChanged.connect(self._typed)
        self.query.returnPressed.connect(self.entered)
        line.addWidget(self.chip)
        line.addWidget(self.query, 1)
        self.before = tool_button(
            "up", "Row before (Alt+Up)", name="explore.row_before", clicked=lambda: self.step_row.emit(-1)
        )
        self.after = tool_button(
            "down", "Next row (Alt+Down)", name="explore.row_after", clicked=lambda: self.step_row.emit(1)
        )
        self.picking = button(
            "Row…", "table", name="explore.pick", tip="Pick a row as the question", clicked=self.pick.emit
        )
        line.addWidget(self.picking)
        line.addWidget(self.before)
        line.addWidget(self.after)
        self.recent: QToolButton = tool_button(
            "history", "Recent questions (Alt+Left, Alt+Right)", name="explore.recent"
        )
        self.recent.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._recents = QMenu(self.recent)
        self._recents.setObjectName("explore.recent_menu")
        self.recent.setMenu(self._recents)
        line.addWidget(self.recent)
        self.line = line

    def lie(self, narrow: bool) -> None:
        """Where there is little room, the question gets it."""
        self.picking.setText("" if narrow else _PICK)

    # -- the text -------------------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """What is asked: whole, where the line shows a text of several lines as one."""
        return self._exact or self.query.text()

    def show_text(self, text: str, row: RowText | None = None) -> None:
        """Put a question here without asking it."""
        flat = " ".join(text.split())[:_LONGEST]
        self._exact = text if flat != text else ""
        self.query.blockSignals(True)
        self.query.setText(flat)
        self.query.setCursorPosition(0)
        self.query.blockSignals(False)
        self._show_row(row)

    def clear(self) -> None:
        self.show_text("")

    def _typed(self) -> None:
        self._exact = ""
        self._show_row(None)
        self.changed.emit()

    def _show_row(self, row: RowText | None) -> None:
        self.row = row
        self.chip.setVisible(row is not None)
        self._menu.clear()
        if row is None:
            return
        self.chip.setText(f"Row {row.row.number:,} · {row.title} ▾")
        self.chip.setAccessibleName(f"Row {row.row.number:,} of {row.info.name}, {row.title}")
        self.chip.setToolTip(f"Row {row.row.number:,} of {row.info.name}: which of its texts is asked")
        for slot, title, text in row.others():
            action = self._menu.addAction(f"{title}: {brief(text).replace('&', '&&')}")
            action.triggered.connect(lambda _checked=False, slot=slot: self._choose(slot))

    def _open_texts(self) -> None:
        self._menu.popup(self.chip.mapToGlobal(QPoint(0, self.chip.height() + 2)))

    def _choose(self, slot: int) -> None:
        if self.row is not None:
            row = RowText(self.row.info, self.row.row, slot)
            self.show_text(row.text, row)
            self.entered.emit()

    # -- what was asked before ------------------------------------------------------------------------------------------

    def show_recent(self, recent: Recent) -> None:
        self._recents.clear()
        for asked in recent.newest(_LISTED):
            action = self._recents.addAction(brief(asked.text, 60).replace("&", "&&"))
            action.triggered.connect(lambda _checked=False, asked=asked: self.asked_again.emit(asked))
        if not recent.entries:
            self._recents.addAction("What you ask for is listed here.").setEnabled(False)
