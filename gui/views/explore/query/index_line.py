"""Above a million texts: the index that searches ask, being built, and how much of an exact list it finds."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from core.errors import Cancelled
from core.words import percent
from gui.context import Context
from gui.views.explore.query.answer import Answer
from gui.widgets.basic import ElidedLabel, button
from gui.workers.job import Job

_SLOW = "There are so many texts that scoring each takes a while. An index makes it quick, and nearly exact."


class IndexLine(QWidget):
    """Nothing stands here while every text is scored and that is right."""

    ready = Signal()  # an index was made: ask again

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._job: Job | None = None
        self._todo: list[tuple[str, str]] = []  # models without an index: reference and title
        self._params: dict[str, Any] = {}
        self._stopped = False  # by hand: only the button begins again
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self.words = ElidedLabel("", "caption")
        self.words.setObjectName("explore.index")
        self.progress = QProgressBar()
        self.progress.setObjectName("explore.index.progress")
        self.progress.setAccessibleName("Building the index")
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(160)
        self.act = button("", kind="link", name="explore.index.act", clicked=self._act)
        row.addWidget(self.words, 1)
        row.addWidget(self.progress)
        row.addWidget(self.act)
        self.hide()

    def show_answer(
        self, answer: Answer | None, models: list[tuple[str, str]], params: dict[str, Any]
    ) -> None:
        """`models`: reference and title of each list. What is missing is built, unless somebody stopped that."""
        states = answer.indexes if answer is not None else ()
        self._params = params
        self._todo = [model for model, one in zip(models, states, strict=False) if one.state == "missing"]
        if self._job is not None:
            return
        if self._todo and not self._stopped:
            self.build()
            return
        self.progress.hide()
        self.setVisible(bool(self._todo) or any(one.used for one in states))
        if self._todo:
            self._say(_SLOW, "Build an index")
        elif answer is not None:
            self._say(_recalls(answer, [title for _, title in models]), "")

    def build(self) -> None:
        """One model after the other."""
        if not self._todo or self._job is not None:
            return
        self._stopped = False
        ref, title = self._todo[0]
        self.show()
        self.progress.setRange(0, 0)
        self.progress.show()
        self._say(f"Building an index of these texts for {title}; until then every text is scored", "Cancel")
        self._job = self._context.engine.ask_in_slices(
            "index_texts",
            {**self._params, "model": ref},
            title="Building an index",
            group="explore.index",
            on_done=lambda _answer: self._done(),
            on_error=self._failed,
            on_progress=self._progressed,
        )

    def stop(self) -> None:
        """What is done is kept; `build` goes on."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def forget(self) -> None:
        """Another project or other models: what was stopped there is not stopped here."""
        self.stop()
        self._stopped, self._todo = False, []
        self.hide()

    def _act(self) -> None:
        if self._job is None:
            self.build()
            return
        self.stop()
        self._stopped = True
        self.progress.hide()
        self._say(_SLOW, "Build an index")

    def _progressed(self, done: int, total: int) -> None:
        self.progress.setRange(0, max(1, total))
        self.progress.setValue(done)

    def _done(self) -> None:
        self._job = None
        self._todo = self._todo[1:]
        if self._todo:
            self.build()
        else:
            self.hide()
            self.ready.emit()

    def _failed(self, error: BaseException) -> None:
        self._job = None
        self._stopped = True
        self.progress.hide()
        self._say(_SLOW, "Build an index")
        if not isinstance(error, Cancelled):
            self._context.messages.error(error)

    def _say(self, words: str, act: str) -> None:
        self.words.setText(words)
        self.words.setAccessibleName(words)
        self.act.setText(act)
        self.act.setAccessibleName(act)
        self.act.setVisible(bool(act))


def _recalls(answer: Answer, titles: list[str]) -> str:
    """In words how much of the exact lists is found; measured when the index was made."""
    parts = [
        f"{percent(one.recall)} ({title})"
        for one, title in zip(answer.indexes, titles, strict=False)
        if one.used and one.recall is not None
    ]
    if not parts:
        return "Found by an index; scored exactly."
    return f"Found by an index, scored exactly. Measured on 64 questions, it has {' and '.join(parts)} of the exact top {answer.k}."
