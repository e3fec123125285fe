"""What the helpers that list texts have alike: a head with the model, progress, the list or a sentence instead of it, a foot."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout

from core.dataset.formats import DatasetInfo
from gui.context import Context
from gui.views.label.assist.among import Among
from gui.views.label.assist.labeller import Labeller
from gui.views.label.assist.model_choice import ModelChoice
from gui.views.label.assist.panel import AssistTab
from gui.views.label.assist.text_list import NearList
from gui.views.label.assist.waiting import Teaching, Waiting, left_words
from gui.widgets.basic import ElidedLabel, button, separator
from gui.workers.job import Job

_DEBOUNCE_MS = 120


class NearTab(AssistTab):
    """`look` asks for the list, a moment after the last news. `head` and `foot` begin empty: the tab adds its own parts."""

    hint = ""  # what the foot says while nothing was done

    def __init__(self, context: Context, labeller: Labeller, name: str, title: str, keys: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._context, self._labeller = context, labeller
        self._info: DatasetInfo | None = None
        self._active = False
        self._take_back: Callable[[], None] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DEBOUNCE_MS)
        self._timer.timeout.connect(self.look)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.head = _part(column)
        column.addWidget(separator())
        self.waiting = Waiting(name, self._cancel)
        column.addWidget(self.waiting)
        self.list = NearList(f"{name}.list", title, keys)
        self.empty = Teaching(name, name)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        column.addWidget(self.stack, 1)
        column.addWidget(separator())
        self.foot = _part(column)
        self.model = ModelChoice(context, f"{name}.model")
        self.among = Among(f"{name}.among")
        self.done = ElidedLabel("", "caption")
        self.done.setObjectName(f"{name}.done")
        self.undo = button("Undo", kind="link", name=f"{name}.undo", clicked=self._undo)
        self.list.left.connect(labeller.leave)
        context.project_changed.connect(self._forget)
        context.background.changed.connect(self._allow)

    def _model_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.model, 1)
        line.addWidget(self.among)
        return line

    def _done_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.done, 1)
        line.addWidget(self.undo)
        return line

    # -- what each of them does its own way ---------------------------------------------------------------------

    def look(self) -> None:
        """Ask for the list now."""
        raise NotImplementedError

    def _stop(self) -> None:
        """Nothing that is on its way may arrive."""
        raise NotImplementedError

    def _forget(self) -> None:
        """Another project: nothing of the one before may stay."""
        raise NotImplementedError

    def _allow(self) -> None:
        """What can be pressed now."""
        raise NotImplementedError

    # -- asking -------------------------------------------------------------------------------------------------

    def _later(self) -> None:
        if self._active:
            self._timer.start()

    def deactivate(self) -> None:
        self._active = False
        self._timer.stop()
        self._stop()

    def _show_embedding(self, job: Job | None, done: int, total: int) -> None:
        if total:
            left = left_words(job.seconds_left()) if job is not None else ""
            words = f"Embedding {done:,} of {total:,} texts, once" + (f" · {left}" if left else "")
            self.waiting.show_progress(words, done, total)

    def _cancel(self) -> None:
        self._stop()
        if not self.list.texts.items:
            self._say("Stopped. The texts that are embedded already are kept.", "Go on", self._later)

    def _say_failed(self, error: BaseException) -> None:
        self.waiting.hide()
        self._say("The texts could not be compared.", "Try again", self._later)
        self._context.messages.error(error)

    def _say(self, words: str, action: str = "", do: Callable[[], object] | None = None) -> None:
        """Instead of the list."""
        self.empty.say(words, action, do)
        self.stack.setCurrentWidget(self.empty)
        self._allow()

    # -- what was done ------------------------------------------------------------------------------------------

    def _say_done(self, words: str, take_back: Callable[[], None] | None = None) -> None:
        self.done.setText(words or self.hint)
        self._take_back = take_back
        self.undo.setVisible(take_back is not None)

    def _undo(self) -> None:
        take_back, self._take_back = self._take_back, None
        if take_back is not None:
            take_back()
        self._say_done("")


def _part(column: QVBoxLayout) -> QVBoxLayout:
    part = QVBoxLayout()
    part.setContentsMargins(16, 10, 16, 12)
    part.setSpacing(8)
    column.addLayout(part)
    return part
