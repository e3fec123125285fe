"""The editors inside the table: a text that grows with its lines, a score that says at once when it cannot be one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QAbstractItemDelegate, QLineEdit, QPlainTextEdit, QStyledItemDelegate, QWidget

from core.dataset.formats import Scale
from gui.models import score_text
from gui.theme.tokens import ROW_HEIGHT
from gui.widgets.basic import set_tone
from gui.widgets.text_edit import TextEdit

_Hint = QAbstractItemDelegate.EndEditHint
_TABS = {Qt.Key.Key_Tab: _Hint.EditNextItem, Qt.Key.Key_Backtab: _Hint.EditPreviousItem}
TALLEST = 220
NARROWEST = 220


class CellTextEdit(TextEdit):
    """Covers its cell and as much below it as the text needs."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__()
        self.setParent(parent)
        self._area = parent
        self.setProperty("kind", "cell")
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._cell = QRect()
        self.textChanged.connect(self._fit)

    def begin(self, text: str, *, replacing: bool) -> None:
        self.hold(text)
        self.moveCursor(QTextCursor.MoveOperation.Start if self.too_long else QTextCursor.MoveOperation.End)
        if replacing:
            self.selectAll()

    def place(self, cell: QRect) -> None:
        self._cell = QRect(cell)
        self._fit()

    def _fit(self) -> None:
        if self._cell.isNull():
            return
        area = self._area.rect()
        width = min(max(self._cell.width(), NARROWEST), area.width())
        left = max(0, min(self._cell.left(), area.right() + 1 - width))
        self.resize(width, max(self.height(), ROW_HEIGHT))
        lines = max(1, int(self.document().size().height()))
        wanted = lines * self.fontMetrics().lineSpacing() + 16
        height = min(max(ROW_HEIGHT + 1, wanted), TALLEST, max(area.height(), ROW_HEIGHT))
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if wanted > height else policy.ScrollBarAlwaysOff
        )
        top = max(0, min(self._cell.top(), area.bottom() + 1 - height))
        self.setGeometry(left, top, width, height)


class CellScoreEdit(QLineEdit):
    """Takes a number on the dataset's scale, with a point or a comma, or nothing."""

    def __init__(self, scale: Scale, parent: QWidget) -> None:
        super().__init__(parent)
        self._scale = scale
        self.setProperty("kind", "cell")
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setMaxLength(40)
        self.textChanged.connect(self._judge)

    def _judge(self) -> None:
        wrong = score_text.problem(self.text(), self._scale)
        set_tone(self, "error" if wrong else "")
        self.setToolTip(wrong)


class CellEditing(QStyledItemDelegate):
    """The keys of an open editor: Enter keeps, Shift+Enter breaks the line, Escape gives up, Tab goes on to the next."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        overriding = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if overriding and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # type: ignore[attr-defined]
            event.accept()  # Ctrl+Enter keeps the cell, too, and does not start a run
            return True
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and isinstance(watched, QWidget)
        ):
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            breaking = event.modifiers() & (
                Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier
            )
            if enter and breaking and isinstance(watched, QPlainTextEdit):
                watched.insertPlainText("\n")
                return True
            hint = _Hint.SubmitModelCache if enter else _TABS.get(Qt.Key(event.key()))
            if hint is not None:
                self.commitData.emit(watched)
                self.closeEditor.emit(watched, hint)
                return True
        return super().eventFilter(watched, event)
