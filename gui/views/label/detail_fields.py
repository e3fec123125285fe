"""The editors of the details panel: texts that grow, a score with quick buttons."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from core.dataset.formats import Example, Scale
from core.dataset.scores import parse_score
from gui.models import score_text
from gui.widgets.basic import button, label, set_tone
from gui.widgets.text_edit import TextEdit

_PADDING = 16
_MOST_LINES = 9


class TextField(TextEdit):
    """A text of the example. Leaving it or Ctrl+Enter keeps what was typed, Escape takes it back."""

    committed = Signal(str)

    def __init__(self, name: str, title: str, *, hint: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setPlaceholderText(hint)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.textChanged.connect(self._fit)
        self._fit()

    def show_text(self, text: str, *, same: bool) -> None:
        """Show a value from the store; `same`: of the example already shown, so that unsaved typing stays."""
        if same and self.hasFocus() and self.touched:
            self.keep(text)
        else:
            self.hold(text)

    def commit(self) -> None:
        if self.touched and not self.isReadOnly():
            text = self.held
            self.keep(text)
            self.committed.emit(text)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if _keeps(event):
                event.accept()  # not the window's Ctrl+Enter
                return True
            undo, redo = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo
            document = self.document()
            spent = (event.matches(undo) and not document.isUndoAvailable()) or (
                event.matches(redo) and not document.isRedoAvailable()
            )
            if spent:  # nothing typed here to take back: the window's undo is meant
                event.ignore()
                return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _keeps(event):
            self.commit()
        elif event.key() == Qt.Key.Key_Escape and self.touched:
            self.hold(self.stored)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.commit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        lines = max(1, int(self.document().size().height()))
        more = lines > _MOST_LINES
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if more else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)
        height = min(lines, _MOST_LINES) * self.fontMetrics().lineSpacing() + _PADDING + 6
        if height != self.height():
            self.setFixedHeight(height)


class ScoreField(QWidget):
    """A number on the dataset's scale and a button for each score worth one."""

    committed = Signal(str)

    def __init__(self, scale: Scale) -> None:
        super().__init__()
        self._scale = scale
        self._kept = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(4)
        self.edit = QLineEdit()
        self.edit.setObjectName("label.details.score")
        self.edit.setAccessibleName("Score")
        self.edit.setPlaceholderText("–")
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.edit.setFixedWidth(72)
        self.edit.setMaxLength(40)
        self.edit.textChanged.connect(self._judge)
        self.edit.editingFinished.connect(self.commit)
        row.addWidget(self.edit)
        row.addSpacing(4)
        self.buttons: list[tuple[float, QPushButton]] = []
        for value in score_text.steps(scale):
            title = score_text.step_title(value)
            made = button(
                title,
                name=f"label.details.score.{score_text.plain(value)}",
                tip=f"Score {score_text.plain(value)}",
            )
            made.setProperty("kind", "step")
            made.setCheckable(True)
            made.setAccessibleName(f"Score {score_text.plain(value)}")
            made.clicked.connect(lambda _checked=False, value=value: self._press(value))
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self.buttons.append((value, made))
            row.addWidget(made, 1)
        column.addLayout(row)
        self.wrong = label("", "caption", tone="error", wrap=True, name="label.details.score.problem")
        self.wrong.hide()
        column.addWidget(self.wrong)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        return (self.edit, *(made for _, made in self.buttons))

    def show_score(self, example: Example, *, same: bool) -> None:
        raw = score_text.raw(example, self._scale)
        typing = same and self.edit.hasFocus() and self.edit.text() != self._kept
        self._kept = raw
        if not typing:
            self.edit.setText(raw)
        self._mark(example.score)

    def set_editable(self, editable: bool) -> None:
        self.edit.setReadOnly(not editable)
        for _, made in self.buttons:
            made.setEnabled(editable)

    def commit(self) -> None:
        text = self.edit.text().strip()
        if text == self._kept or self.edit.isReadOnly():
            return
        if score_text.problem(text, self._scale):
            return  # said below the field; the stored score stays
        self._kept = text
        self.committed.emit(text)

    def _press(self, value: float) -> None:
        """A second press on the score that is set takes it away."""
        text = score_text.plain(value)
        now = parse_score(self._kept) if self._kept else None
        self.edit.setText("" if now == value else text)
        self.commit()

    def _judge(self) -> None:
        wrong = score_text.problem(self.edit.text(), self._scale)
        set_tone(self.edit, "error" if wrong else "")
        self.wrong.setText(wrong)
        self.wrong.setVisible(bool(wrong))

    def _mark(self, score: float | None) -> None:
        for value, made in self.buttons:
            made.setChecked(score is not None and abs(self._scale.to_unit(value) - score) < 1e-9)


def _keeps(event: QKeyEvent) -> bool:
    enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    return enter and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
