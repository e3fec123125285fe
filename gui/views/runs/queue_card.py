"""The queue as a list: what waits, what became of those before, and the buttons that change it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QToolButton, QWidget

from core.training.queue import DISCARDED, FAILED, FINISHED, STARTED, WAITING, Waiting
from core.training.run_files import one_line
from gui.views.train.recipe_row import shown
from gui.widgets.basic import Card, ElidedLabel, button, label, plain_tip, tool_button
from gui.workers.run_queue import RunQueue

_ROW, _MOST_ROWS = 34, 4
_SHORT = 640  # pixels of the page
_WORDS = {
    WAITING: ("waits", ""),
    STARTED: ("trains", "accent"),
    FINISHED: ("finished", "positive"),
    FAILED: ("failed", "error"),
    DISCARDED: ("discarded", ""),
}


class QueueCard(Card):
    def __init__(self, queue: RunQueue, editable: Callable[[], bool], parent: QWidget) -> None:
        # Without a parent it would show itself as a window of its own.
        super().__init__("Queue", spacing=6, parent=parent)
        self._queue = queue
        self._editable = editable
        self._rows = _MOST_ROWS
        self.clear = button("Clear ended", kind="plain", name="queue.clear", clicked=queue.clear_ended)
        self.clear.setToolTip("Take the runs that have ended off this list; they stay among the runs")
        self.start = button("Start the queue", "play", name="queue.start", clicked=queue.start)
        self.stop = button("Stop the queue", "stop", name="queue.stop", clicked=queue.stop)
        self.stop.setToolTip("The run that is on goes to its end; no other starts after it")
        for part in (self.clear, self.start, self.stop):
            self.head.addWidget(part)
        self.words = label(
            "Each run keeps the preset and the settings it was added with. Its rows are those of the dataset when its turn comes.",
            "caption",
            wrap=True,
        )
        self.body.addWidget(self.words)
        self._scroll = QScrollArea()
        self._scroll.setObjectName("queue.list")
        self._scroll.setAccessibleName("Queue")
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.addWidget(self._scroll)
        queue.changed.connect(self.show_queue)
        self.show_queue()

    def show_queue(self) -> None:
        entries = _in_order(self._queue.entries)
        focused = self.focusWidget()
        name = focused.objectName() if focused is not None else ""
        inside = QWidget()
        inside.setObjectName("scrolled")
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 4, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(2, 4)
        waiting = [entry.number for entry in self._queue.waiting]
        for row, entry in enumerate(entries):
            grid.setRowMinimumHeight(row, _ROW)
            self._row(grid, row, entry, waiting)
        grid.setRowStretch(len(entries), 1)
        before = self._scroll.takeWidget()
        if before is not None:
            before.deleteLater()  # not at once: one of its buttons may be what was just clicked
        self._scroll.setWidget(inside)
        self._fit()
        editable = self._editable()
        self.clear.setVisible(editable and any(entry.state not in (WAITING, STARTED) for entry in entries))
        self.start.setVisible(self._queue.can_start)
        self.stop.setVisible(editable and self._queue.going)
        self.setVisible(bool(entries))
        inside.show()  # what is hidden takes no focus
        again = inside.findChild(QToolButton, name) if name.startswith("queue.") else None
        if again is not None and again.isEnabled():
            again.setFocus(Qt.FocusReason.OtherFocusReason)

    def fit_into(self, height: int) -> None:
        """How many rows are shown at once depends on the page's height: the runs need room too."""
        self._rows = 2 if height < _SHORT else _MOST_ROWS
        self._fit()

    def _fit(self) -> None:
        rows = max(1, min(self._rows, len(self._queue.entries)))
        self._scroll.setFixedHeight(_ROW * rows + 2)

    def _row(self, grid: QGridLayout, row: int, entry: Waiting, waiting: list[int]) -> None:
        place = waiting.index(entry.number) if entry.number in waiting else -1
        words, tone = _WORDS[entry.state]
        if place == 0:
            words = "next"
        title = ElidedLabel(one_line(entry.title) or "Run")
        title.setMinimumWidth(120)
        grid.addWidget(title, row, 0)
        said = label(words, "caption", tone=tone, name=f"queue.{entry.number}.state")
        said.setFixedWidth(64)
        grid.addWidget(said, row, 1)
        more = ElidedLabel(self._more(entry), "caption")
        more.setObjectName(f"queue.{entry.number}.more")
        more.setToolTip(plain_tip(self._more(entry)))
        grid.addWidget(more, row, 2)
        if self._editable():
            self._buttons(grid, row, entry, place, len(waiting))

    def _buttons(self, grid: QGridLayout, row: int, entry: Waiting, place: int, many: int) -> None:
        if place >= 0 and many > 1:
            for column, icon, words, by, possible in (
                (3, "up", "Earlier", -1, place > 0),
                (4, "down", "Later", 1, place < many - 1),
            ):
                made = tool_button(
                    icon,
                    words,
                    name=f"queue.{entry.number}.{icon}",
                    clicked=partial(self._queue.move, entry.number, by),
                )
                made.setEnabled(possible)
                grid.addWidget(made, row, column)
        if entry.state != STARTED:
            remove = tool_button(
                "close",
                "Take it off the queue",
                name=f"queue.{entry.number}.remove",
                clicked=partial(self._queue.remove, entry.number),
            )
            grid.addWidget(remove, row, 5)

    @staticmethod
    def _more(entry: Waiting) -> str:
        """What became of it; while it waits, what was set for it."""
        if entry.message:
            return one_line(entry.message, 400)
        if entry.run:
            return one_line(entry.run)
        own = {**(entry.settings or {}), **entry.overrides}
        return one_line(
            ", ".join(f"{key.replace('_', ' ')} {shown(value)}" for key, value in own.items()), 400
        )


def _in_order(entries: Sequence[Waiting]) -> list[Waiting]:
    """What trains, what waits, and then what has ended, the latest first."""
    on = [entry for entry in entries if entry.state == STARTED]
    waiting = [entry for entry in entries if entry.state == WAITING]
    ended = [entry for entry in entries if entry.state not in (STARTED, WAITING)]
    return [*on, *waiting, *reversed(ended)]
