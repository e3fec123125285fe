"""The line above the table: search, add, delete, import, export, details."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QWidget

from gui.theme import icons
from gui.widgets.basic import button, label, tool_button

_PATIENCE_MS = 120
_SQUARE = 35  # the width of a button that is its icon only
_BESIDE_HINT = 52  # what the lens and the frame of the search box take
_DENSE = 470  # below this width everything stands closer
_NARROW, _TIGHT = 830, 620  # pixels below which some, or all, of the buttons are their icons only


class SearchBox(QLineEdit):
    """Asks a moment after the last key. Escape clears, Enter and Down go on to the table."""

    asked = Signal(str)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("label.search")
        self.setAccessibleName("Search examples")
        self.setMinimumWidth(80)
        self.setMaxLength(1000)
        lens = QAction(self)
        icons.attach(lens, "search", size=16)
        lens.setEnabled(True)
        self.addAction(lens, QLineEdit.ActionPosition.LeadingPosition)
        self._clear = QAction(self)
        self._clear.setToolTip("Clear the search (Esc)")
        icons.attach(self._clear, "close", size=16)
        self._clear.triggered.connect(self.clear_now)
        self.addAction(self._clear, QLineEdit.ActionPosition.TrailingPosition)
        self._clear.setVisible(False)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PATIENCE_MS)
        self._timer.timeout.connect(self._ask)
        self._asked = ""
        self._hint = ""
        self.textChanged.connect(self._changed)

    def show_hint(self, words: str) -> None:
        """What an empty box says; its first word where there is no room for all of them."""
        self._hint = words
        room = self.width() - _BESIDE_HINT
        fits = self.fontMetrics().horizontalAdvance(words) <= room
        self.setPlaceholderText(words if fits else words.partition(" ")[0])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.show_hint(self._hint)

    def _changed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        self._timer.start()

    def _ask(self) -> None:
        self._timer.stop()
        if self.text() != self._asked:
            self._asked = self.text()
            self.asked.emit(self._asked)

    def clear_now(self) -> None:
        self.clear()
        self._ask()

    def forget(self) -> None:
        """Empty the box without asking: another dataset is shown."""
        self._timer.stop()
        self._asked = ""
        self.clear()
        self._timer.stop()

    def show_text(self, text: str) -> None:
        """Show what is searched for already."""
        self._asked = text
        self.setText(text)
        self._timer.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear_now()
            else:
                self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down) and not event.modifiers():
            self._ask()
            self.left.emit()
        else:
            super().keyPressEvent(event)


class LabelToolbar(QFrame):
    add_requested = Signal()
    delete_requested = Signal()
    import_requested = Signal()
    export_requested = Signal()
    details_toggled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("toolbar")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 12, 12, 12)
        row.setSpacing(8)
        self.search = SearchBox()
        self.hits = label("", "caption", name="label.hits")
        self.hits.hide()
        self.add = button(
            "Example",
            "plus",
            name="label.add",
            tip="Add an example (Ctrl+N)",
            clicked=self.add_requested.emit,
        )
        self.delete = tool_button(
            "trash",
            "Delete the selected examples",
            name="label.delete",
            kind="",
            clicked=self.delete_requested.emit,
        )
        self.import_ = button(
            "Import…",
            "import",
            name="label.import",
            tip="Import files (Ctrl+I)",
            clicked=self.import_requested.emit,
        )
        self.export = button(
            "Export…",
            "export",
            name="label.export",
            tip="Export the dataset (Ctrl+E)",
            clicked=self.export_requested.emit,
        )
        self.details = tool_button(
            "details",
            "Show the details (Ctrl+D)",
            name="label.details_toggle",
            kind="",
            clicked=self.details_toggled.emit,
        )
        self.details.setCheckable(True)
        row.addWidget(self.search, 1)
        row.addWidget(self.hits)
        for part in (self.add, self.delete, self.import_, self.export, self.details):
            row.addWidget(part)
        self._words = {part: part.text() for part in (self.add, self.import_, self.export)}
        for part in self._words:
            part.setAccessibleName(part.text().rstrip("…"))
        self.add.setAccessibleName("Add an example")

    def add_tool(self, part: QWidget) -> None:
        """One more button, in front of the details'."""
        row = self.layout()
        assert isinstance(row, QHBoxLayout)
        row.insertWidget(row.indexOf(self.details), part)

    def show_rows(self, rows: int) -> None:
        plural = "" if rows == 1 else "s"
        self.search.show_hint(f"Search {rows:,} example{plural}" if rows else "Search examples")

    def show_hits(self, text: str) -> None:
        self.hits.setText(text)
        self.hits.setVisible(bool(text))

    def set_editable(self, editable: bool, rows: int) -> None:
        self.add.setEnabled(editable)
        self.import_.setEnabled(editable)
        self.delete.setEnabled(editable and rows > 0)
        self.export.setEnabled(rows > 0)
        self.search.setEnabled(rows > 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for part, words in self._words.items():
            least = _TIGHT if part is self.add else _NARROW
            self._shorten(part, "" if self.width() < least else words)
        row = self.layout()
        if row is not None:
            dense = self.width() < _DENSE
            row.setSpacing(4 if dense else 8)
            row.setContentsMargins(*((8, 12, 8, 12) if dense else (12, 12, 12, 12)))

    @staticmethod
    def _shorten(part: QPushButton, words: str) -> None:
        if part.text() != words:
            part.setText(words)
            part.setMaximumWidth(16777215 if words else _SQUARE)
