"""Datasets made of others: converted, divided, put together. Each dialog shows what will come out before it is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.errors import AnchorLabError, Cancelled
from core.project import Change, Project, Reader
from gui.context import Context
from gui.widgets.basic import button, label, set_tone
from gui.workers.job import Job

PREVIEWED = 100
_PATIENCE_MS = 150


class ReshapeDialog(QDialog):
    """What the three have in common: a form above, a preview that follows it, the button that does it.

    A kind of it fills `form`, calls `ask` when something was chosen, and implements `question`, `show_answer` and `work`.
    """

    def __init__(self, context: Context, name: str, title: str, doing: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName(f"dialog.{name}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.resize(720, 520)
        self._context = context
        self._name = name
        self._job: Job | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PATIENCE_MS)
        self._timer.timeout.connect(self._look)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(24)
        self.form.setVerticalSpacing(8)
        self.words = label("", "caption", wrap=True, name=f"{name}.words")
        self.preview = QTableWidget()
        self.preview.setObjectName(f"{name}.preview")
        self.preview.setAccessibleName("What will come out")
        self.preview.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.preview.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.preview.setShowGrid(False)
        self.preview.setWordWrap(False)
        self.preview.verticalHeader().hide()
        self.do = button(doing, kind="primary", name=f"{name}.do", clicked=self.accept)
        self.do.setDefault(True)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(button("Cancel", name=f"{name}.cancel", clicked=self.reject))
        foot.addWidget(self.do)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addLayout(self.form)
        layout.addWidget(self.words)
        layout.addWidget(self.preview, 1)
        layout.addLayout(foot)
        context.project_closing.connect(self.reject)

    # -- for the kinds ------------------------------------------------------------------------------------------

    def question(self) -> Callable[[Reader, Job], Any] | None:
        """What to find out in the background for the preview; None when nothing can be made yet."""
        raise NotImplementedError

    def show_answer(self, answer: Any) -> None:
        raise NotImplementedError

    def work(self) -> tuple[str, Callable[[Project], Change | None]]:
        """The title of the work, and what a worker does with the project."""
        raise NotImplementedError

    def keep_box(self, title: str) -> QCheckBox:
        made = QCheckBox(title)
        made.setObjectName(f"{self._name}.keep")
        made.setAccessibleName(title)
        made.setChecked(True)
        return made

    def say(self, words: str, tone: str = "") -> None:
        self.words.setText(words)
        set_tone(self.words, tone)

    def fill(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show these lines; texts on one line."""
        table = self.preview
        table.setColumnCount(len(titles))
        table.setHorizontalHeaderLabels(list(titles))
        table.setRowCount(len(rows))
        for number, cells in enumerate(rows):
            for place, text in enumerate(cells):
                table.setItem(number, place, QTableWidgetItem(" ".join(text[:400].split())))
        head = table.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)

    def ask(self, *_news: object) -> None:
        """Look anew, a moment after the last choice."""
        self.do.setEnabled(False)
        self._stop()  # its answer would be one to an older question
        self._timer.start()

    @property
    def busy(self) -> bool:
        return self._job is not None or self._timer.isActive()

    # -- looking and doing --------------------------------------------------------------------------------------

    def _stop(self) -> None:
        self._timer.stop()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _look(self) -> None:
        self._stop()
        project, question = self._context.project, self.question()
        if project is None or question is None:
            return
        reader = project.reader()
        self.say("Looking…")

        def work(job: Job) -> Any:
            try:
                return question(reader, job)
            finally:
                reader.close()

        self._job = self._context.run("", work, on_done=self._done, on_error=self._failed)
        self._job.on_cancel(reader.interrupt)

    def _done(self, answer: Any) -> None:
        self._job = None
        self.do.setEnabled(self._context.editable)
        self.show_answer(answer)

    def _failed(self, error: BaseException) -> None:
        self._job = None
        self.preview.setRowCount(0)
        if isinstance(error, AnchorLabError) and not isinstance(error, Cancelled):
            self.say(str(error), "warning")
        else:
            self._context.messages.error(error)

    def accept(self) -> None:
        if not self.do.isEnabled():
            return
        title, work = self.work()
        self._context.background.start(title, work, self._made)
        super().accept()

    def _made(self, change: Change | None) -> None:
        """Go to the first of the new datasets."""
        project = self._context.project
        if change is None or project is None:
            return
        there = [info for info in project.datasets() if info.id in change.dataset_ids]
        if there:
            self._context.choose_dataset(there[0].id)
        self._context.messages.note(f"{change.label}: done.", action="Undo", do=self._context.undo)

    def done(self, result: int) -> None:
        self._stop()
        super().done(result)


def some(rows: Any) -> list[Any]:
    return list(islice(rows, PREVIEWED))
