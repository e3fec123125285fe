"""Would more labels help? A small chart of how good the model gets with a share of them, drawn when somebody asks."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.errors import AnchorLabError
from core.training import curve_job
from core.training.curve_job import Prepared
from core.training.events import Event, LearningCurveEvent, ProgressEvent
from core.words import duration
from gui.context import Context
from gui.widgets.basic import ElidedLabel, button, label, set_tone
from gui.widgets.chart_menu import ChartMenu
from gui.widgets.curve_plot import CurvePlot
from gui.workers.curve_job import PARTS, draw_curve
from gui.workers.job import Job

ASK = "Would more labels help?"
ABOUT = (
    "Shares of your labels are trained on and measured on the same rows each time. Where the curve still rises at its end, more "
    "labels would likely help; where it is flat, they would not."
)
_TONES = {"help": "positive", "flat": "warning"}


class CurvePanel(QWidget):
    """Of the current dataset. It looks at the disk when it is shown, and never draws by itself."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._job: Job | None = None  # that draws, for this dataset:
        self._of: int | None = None
        self._looking: Job | None = None
        self._prepared: Prepared | None = None
        self._shown: LearningCurveEvent | None = None
        self._stale = True  # what is known may be about other rows
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.stack = QStackedWidget()
        self.about = label(ABOUT, "secondary", wrap=True, name="train.curve_about")
        holder = QWidget()
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(0, 4, 0, 0)
        inside.addWidget(self.about)
        inside.addStretch(1)
        self.stack.addWidget(holder)
        self.stack.addWidget(self._result_view())
        scroll = QScrollArea()  # so that a long sentence takes no room from the other charts
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        self.stack.setObjectName("scrolled")
        scroll.setWidget(self.stack)
        column.addWidget(scroll, 1)
        column.addLayout(self._foot())
        context.project_changed.connect(self._forget)
        context.dataset_changed.connect(self._forget)
        context.data_changed.connect(self._changed)
        context.training.state_changed.connect(self._buttons)
        context.jobs.changed.connect(self._watch)
        self._show()

    def _result_view(self) -> QWidget:
        view = QWidget()
        column = QVBoxLayout(view)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        head = QHBoxLayout()
        self.title = ElidedLabel("", "caption")
        self.plot = CurvePlot()
        self.more = ChartMenu(
            self._context.messages,
            self.plot,
            self.plot.table,
            name="train.curve_more",
            title="Learning curve",
        )
        head.addWidget(self.title, 1)
        head.addWidget(self.more.button)
        self.sentence = label("", "strong", wrap=True, name="train.curve_sentence")
        column.addWidget(self.sentence)  # first: in a low window the chart is what has to be scrolled to
        column.addLayout(head)
        column.addWidget(self.plot, 1)
        return view

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        self.cost = ElidedLabel("", "caption")
        self.cost.setObjectName("train.curve_cost")
        self.bar = QProgressBar()
        self.bar.setObjectName("train.curve_progress")
        self.bar.setAccessibleName("Learning curve")
        self.bar.setTextVisible(False)
        self.bar.setRange(0, PARTS)
        self.bar.setFixedWidth(72)
        self.ask = button(ASK, name="train.curve_ask", clicked=self.draw)
        self.cancel = button("Cancel", kind="plain", name="train.curve_cancel", clicked=self.stop)
        self.cancel.setToolTip("What is trained by now is kept; it goes on from there")
        foot.addWidget(self.bar)
        foot.addWidget(self.cost, 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.ask)
        return foot

    # -- what is known ------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look()

    def _look(self) -> None:
        """Read what is on disk, and what is still to do."""
        folder, dataset_id = self._context.folder, self._context.dataset_id
        if folder is None or dataset_id is None or not self._stale or self._here:
            return
        self._stale = False
        if self._looking is not None:
            self._looking.cancel()

        def work(_job: Job) -> tuple[LearningCurveEvent | None, Prepared]:
            return curve_job.known(folder, dataset_id), curve_job.prepare(folder, dataset_id)

        self._looking = self._context.run("", work, on_done=self._found, on_error=self._cannot)

    def _found(self, found: tuple[LearningCurveEvent | None, Prepared]) -> None:
        self._looking = None
        self._shown, self._prepared = found
        self._show()

    def _cannot(self, error: BaseException) -> None:
        """Too few rows, say: that is what the panel tells."""
        self._looking = self._prepared = self._shown = None
        self._show(str(error) if isinstance(error, AnchorLabError) else "")
        if not isinstance(error, AnchorLabError):
            self._context.messages.error(error)

    def _forget(self) -> None:
        self._shown = self._prepared = None
        self._changed()

    def _changed(self, _change: object = None) -> None:
        self._stale = True
        if self.isVisible():
            self._look()
        self._show()

    # -- drawing ------------------------------------------------------------------------------------------------

    def draw(self) -> None:
        folder, dataset_id = self._context.folder, self._context.dataset_id
        if folder is None or dataset_id is None or self._job is not None:
            return
        threads, self._of = self._context.settings.threads, dataset_id
        self.bar.setValue(0)
        self._job = self._context.run(
            "Learning curve",
            lambda job: draw_curve(job, folder, dataset_id, threads),
            on_done=self._done,
            on_error=self._failed,
            on_partial=self._told,
        )
        self._show()
        self.cost.setText("Starting…")

    def stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self.cancel.setEnabled(False)
            self.cost.setText("Stopping…")

    @property
    def _here(self) -> bool:
        """Whether the curve of this dataset is being drawn, and not that of another."""
        return self._job is not None and self._of == self._context.dataset_id

    def _told(self, event: Event) -> None:
        if not self._here:
            return
        if isinstance(event, LearningCurveEvent):
            self._shown = event
            self._draw_result()
        elif isinstance(event, ProgressEvent) and event.total:
            self.bar.setValue(round(PARTS * event.done / event.total))
            left = "" if event.seconds_left is None else f"{duration(event.seconds_left)} left · "
            self.cost.setText(f"{left}{event.text}")

    def _done(self, found: LearningCurveEvent) -> None:
        if self._here:
            self._shown = found
        self._over()

    def _failed(self, error: BaseException) -> None:
        self._context.messages.error(error)
        self._over()

    def _watch(self) -> None:
        """A cancelled job delivers nothing: its end is told by the list of jobs."""
        if self._job is not None and self._job.stopped() and self._job not in self._context.jobs.running:
            self._over()

    def _over(self) -> None:
        self._job = self._prepared = None
        self._changed()

    # -- what is shown ------------------------------------------------------------------------------------------

    def _show(self, problem: str = "") -> None:
        set_tone(self.about, "warning" if problem else "")
        self.about.setText(problem or ABOUT)
        self._draw_result()
        self._buttons()
        if not self._here:
            self.cost.setText(self._cost())

    def _draw_result(self) -> None:
        found = self._shown
        self.stack.setCurrentIndex(int(bool(found is not None and found.points)))
        if found is None or not found.points:
            return
        self.plot.show_result(found)
        self.title.setText(f"{found.title} by labels")
        self.title.setToolTip(f"Measured on {found.rows:,} rows, with the 95 % interval of each share")
        self.sentence.setText(found.sentence)
        self.sentence.setVisible(bool(found.sentence))
        set_tone(self.sentence, _TONES.get(found.word, ""))

    def _cost(self) -> str:
        prepared = self._prepared
        if prepared is None:
            return ""
        known = self._shown
        if known is not None and known.done and known.key == prepared.record.key:
            return f"{known.trainings} small trainings in {duration(known.seconds)}"
        time = "" if prepared.seconds is None else f", about {duration(prepared.seconds)}"
        count = f"{prepared.left} small trainings{time}"
        return f"The examples have changed since · {count}" if known is not None and known.done else count

    def _buttons(self) -> None:
        drawing, prepared, known = self._here, self._prepared, self._shown
        fresh = known is not None and known.done and prepared is not None and known.key == prepared.record.key
        begun = prepared is not None and bool(prepared.record.values)
        words = "Go on" if begun else "Draw it again" if known is not None and known.done else ASK
        wait = "Wait for the run that is on" if self._context.training.active else ""
        if self._job is not None and not drawing:
            wait = "Wait for the learning curve of the other dataset"
        self.bar.setVisible(drawing)
        self.cancel.setVisible(drawing)
        self.cancel.setEnabled(True)
        looking = prepared is None and self._looking is not None
        self.ask.setVisible(not drawing and not fresh and not looking)
        self.ask.setText(words)
        self.ask.setAccessibleName(words)
        self.ask.setEnabled(prepared is not None and self._context.editable and not wait)
        self.ask.setToolTip(wait)
