"""The place where one example is looked at: its texts, what it is marked with, the keys, and what the last key did."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.dataset.formats import DatasetInfo, Example, Format
from gui.models.table_columns import SPLITS
from gui.views.label.review.judge import Judge
from gui.views.label.review.judge_categories import CategoryJudge
from gui.views.label.review.judge_pairs import PairJudge
from gui.views.label.review.judge_scored import ScoreJudge
from gui.views.label.review.judge_triplets import TripletJudge
from gui.views.label.review.keys import KeyBar, KeyHint
from gui.widgets.basic import Chip, ElidedLabel, brief, label
from gui.widgets.text_edit import TextEdit

_LOW = 560  # below this height everything is set tighter
_NARROW = 560
COLUMN = 780  # the width in which a line of large type is still easy to read
_JUDGES: dict[Format, type[Judge]] = {
    Format.PAIRS: PairJudge,
    Format.SCORED: ScoreJudge,
    Format.TRIPLETS: TripletJudge,
    Format.CATEGORIES: CategoryJudge,
}
_STATUS = {
    "accepted": ("accepted", "positive"),
    "rejected": ("rejected", "negative"),
    "skipped": ("skipped", ""),
}


class NoteField(TextEdit):
    """A note about the example. Enter keeps it, Shift+Enter starts a line, Escape leaves it as it was."""

    kept = Signal(str)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("review.note")
        self.setAccessibleName("Note")
        self.setPlaceholderText("A note about this row: Enter keeps it, Esc leaves it")
        self.setFixedHeight(64)
        self.setTabChangesFocus(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not shift:
            self.kept.emit(self.held)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class Desk(QFrame):
    pressed = Signal(str)  # a key that was clicked

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("review.desk")
        self._judges: dict[Format, Judge] = {}
        self.judge: Judge | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.area = QScrollArea()
        self.area.setObjectName("review.scroll")
        self.area.setAccessibleName("The example")
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        inside.setObjectName("scrolled")
        line = QHBoxLayout(inside)
        line.setContentsMargins(24, 16, 24, 12)
        line.addStretch(1)
        middle = QWidget()
        middle.setMaximumWidth(COLUMN)
        self._middle = QVBoxLayout(middle)
        self._middle.setContentsMargins(0, 0, 0, 0)
        self._middle.setSpacing(12)
        self._middle.addWidget(self._make_marks())
        self.place = QVBoxLayout()
        self._middle.addLayout(self.place)
        self._middle.addStretch(1)
        line.addWidget(middle, 1000)
        line.addStretch(1)
        self.area.setWidget(inside)
        column.addWidget(self.area, 1)
        column.addWidget(self._make_foot())

    def _make_marks(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.number = label("", "secondary", name="review.number")
        self.status, self.flag, self.split = Chip(parent=box), Chip(parent=box), Chip(parent=box)
        self.status.setProperty("part", "status")
        self.note_shown = ElidedLabel("", "caption")
        self.note_shown.setObjectName("review.note.shown")
        for part in (self.number, self.status, self.flag, self.split):
            row.addWidget(part)
        row.addWidget(self.note_shown, 1)
        box.setFixedHeight(26)
        return box

    def _make_foot(self) -> QWidget:
        foot = QFrame()
        foot.setObjectName("review.foot")
        column = QVBoxLayout(foot)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(4)
        self.note = NoteField()
        self.note.hide()
        self.last = ElidedLabel("", "caption")
        self.last.setObjectName("review.last")
        self.last.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.last.setFixedHeight(18)
        self.keys = KeyBar("review.keys", large=True, centred=True)
        self.general = KeyBar("review.keys.general", centred=True)
        for bar in (self.keys, self.general):
            bar.pressed.connect(self.pressed)
        column.addWidget(self.note)
        self.tools = QVBoxLayout()
        self.tools.setSpacing(4)
        tools = QHBoxLayout()
        tools.addStretch(1)
        tools.addLayout(self.tools, 100)
        tools.addStretch(1)
        column.addLayout(tools)
        for part in (self.keys, self.general, self.last):
            column.addWidget(part)
        return foot

    # -- showing ------------------------------------------------------------------------------------------------

    def open(self, info: DatasetInfo) -> Judge:
        """The way of judging for this dataset. The same one again keeps nothing of the dataset before."""
        judge = self._judges.get(info.format)
        if judge is None:
            judge = self._judges[info.format] = _JUDGES[info.format]()
            judge.changed.connect(self.show_keys)
            self.place.addWidget(judge)
            for tool in judge.tools:
                self.tools.addWidget(tool)
            judge.set_compact(self.height() < _LOW)
        judge.open(info)
        judge.example = None
        self.judge = judge
        for other in self._judges.values():
            other.setVisible(other is judge)
        self._show_tools(judge)
        return judge

    def _show_tools(self, shown: Judge | None) -> None:
        for judge in self._judges.values():
            judge.show_tools(judge is shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        low = self.height() < _LOW
        self.general.setVisible(not (low and self.width() < _NARROW))  # the keys work all the same
        for judge in self._judges.values():
            judge.set_compact(low)

    @property
    def judges(self) -> list[Judge]:
        return list(self._judges.values())

    def show_example(self, example: Example, *, blind: bool = False, again: str = "") -> None:
        assert self.judge is not None
        self.number.setText(f"Row {example.number:,}")
        words, tone = _STATUS.get(example.status, ("", "")) if not blind else ("", "")
        self.status.show_state(words, tone)
        self.flag.show_state("⚑ flagged" if example.flag else "", "warning")
        self.split.show_state(SPLITS.get(example.split, "") if example.split and not blind else "")
        self.note_shown.setText(brief(example.note, 160) if not blind else "")
        self.judge.show_example(example, blind=blind, again=again)
        if self.judge.isHidden():
            self.judge.show()
            self._show_tools(self.judge)
        self.area.verticalScrollBar().setValue(0)

    def show_nothing(self, words: str) -> None:
        """No example: say why."""
        for chip in (self.status, self.flag, self.split):
            chip.show_state("")
        self.number.setText(words)
        self.note_shown.setText("")
        if self.judge is not None:
            self.judge.example = None
            self.judge.hide()
            self._show_tools(None)

    def show_keys(self) -> None:
        if self.judge is None or self.judge.example is None:
            self.keys.show_keys([])
            return
        self.keys.show_keys(self.judge.keys())
        if (target := self.judge.target()) is not None:
            self.area.ensureWidgetVisible(target, 0, 40)

    def show_general(self, hints: list[KeyHint]) -> None:
        self.general.show_keys(hints)

    def say(self, words: str) -> None:
        self.last.setText(words)

    def turn_page(self, way: int) -> None:
        """Read on in a long text, or back."""
        bar = self.area.verticalScrollBar()
        bar.setValue(bar.value() + way * max(bar.pageStep() - 40, 40))

    # -- the note -----------------------------------------------------------------------------------------------

    def open_note(self, text: str) -> None:
        self.note.hold(text)
        self.note.show()
        self.note.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.note.selectAll()

    def close_note(self) -> None:
        self.note.hide()
