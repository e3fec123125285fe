"""Train: the recipe with its reasons on the left, what the run does on the right."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.errors import AnchorLabError, Cancelled, ProjectProblem
from core.training.events import (
    BaselineEvent,
    CrossValidationEvent,
    EvaluationEvent,
    Event,
    FailedEvent,
    FinishedEvent,
    NoticeEvent,
    ProbesEvent,
    ProgressEvent,
    RecipeEvent,
    StepEvent,
)
from core.training.runs import read_run
from core.training.step_table import StepTable, read_log
from core.words import duration
from gui.actions.registry import ActionSpec
from gui.context import Context
from gui.models.runs_model import STATES
from gui.views.page import Page
from gui.views.train.holdout_card import HoldoutCard
from gui.views.train.live_bar import LiveBar, number_of
from gui.views.train.loss_card import LossCard
from gui.views.train.notes_card import NotesCard
from gui.views.train.recipe_panel import RecipePanel
from gui.widgets.basic import (
    Chip,
    ElidedLabel,
    EmptyState,
    button,
    label,
    plain_tip,
)
from gui.widgets.loss_plot import Prepared
from gui.workers.job import Job


class TrainPage(Page):
    start_requested = Signal()
    stop_requested = Signal()
    discard_requested = Signal()
    explore_requested = Signal()
    issues_requested = Signal(object)  # Issue

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._shown_run = ""  # the run whose curves are drawn
        self._following = True  # a run that is on is shown; False: an older one was asked for meanwhile
        self._over = False  # its last event was seen
        self._before = "idle"  # the trainer's state at the last look
        self._has_model = False
        self._loading: Job | None = None
        self._measured = False  # the base model, that is
        self._step: StepEvent | None = None
        self._progress: ProgressEvent | None = None
        self._total_steps = 0
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.recipe = RecipePanel(context)
        self.recipe.setFixedWidth(340)
        self.recipe.issues_requested.connect(self.issues_requested)
        row.addWidget(self.recipe)
        self.stack = QStackedWidget()
        row.addWidget(self.stack, 1)
        self.empty = EmptyState(
            "train",
            "No run yet. The recipe on the left is made from your examples; press Train and watch the loss fall.",
            "Train",
            self.start_requested.emit,
        )
        self.empty.button.setObjectName("train.start")
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self._run_view())
        training = context.training
        training.state_changed.connect(self._state_changed)
        training.events.connect(self._live)
        training.failed.connect(self._ended_badly)
        context.project_changed.connect(self._forget)
        context.run_chosen.connect(self._caught_up)
        self._state_changed()

    # -- building -----------------------------------------------------------------------------------------------

    def _run_view(self) -> QWidget:
        view = QWidget()
        column = QVBoxLayout(view)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        self.live_bar = LiveBar(self.context)
        self.live_bar.wanted.connect(self.show_live)
        column.addWidget(self.live_bar)
        head = QHBoxLayout()
        head.setSpacing(12)
        self.title = label("", "title")
        self.chip = Chip()
        self.status = ElidedLabel("", "secondary")
        self.status.setObjectName("train.status")
        self.status.setAccessibleName("Progress of the run")
        self.discard = button(
            "Discard", kind="plain", name="action.discard", clicked=self.discard_requested.emit
        )
        self.discard.setToolTip("Stop and throw this run's model away")
        self.stop = button("Stop and keep", name="action.stop", clicked=self.stop_requested.emit)
        self.stop.setToolTip("Stop after the current step and keep the model (Ctrl+.)")
        self.pause = button("Pause", kind="plain", name="action.pause", clicked=self._pause)
        self.explore = button("Explore the model", name="train.explore", clicked=self._explore)
        head.addWidget(self.title)
        head.addWidget(self.chip)
        head.addWidget(self.status, 1)
        for part in (self.discard, self.pause, self.stop, self.explore):
            head.addWidget(part)
        column.addLayout(head)

        self.loss_card = LossCard(self.context)
        self.loss_plot = self.loss_card.plot
        column.addWidget(self.loss_card, 5)
        lower = QHBoxLayout()
        lower.setSpacing(12)
        self.holdout = HoldoutCard(self.context)
        lower.addWidget(self.holdout, 1)
        self.notes = NotesCard(self.context)
        self.journal = self.notes.journal
        lower.addWidget(self.notes, 1)
        column.addLayout(lower, 4)
        return view

    def actions_of_page(self) -> list[ActionSpec]:
        training = self.context.training
        return [
            ActionSpec(
                "run.discard",
                "Discard the run…",
                self.discard_requested.emit,
                group="Run",
                enabled=lambda: training.active,
            ),
            ActionSpec(
                "run.probe",
                "Watch a pair of texts…",
                self.notes.probes.ask,
                group="Run",
                enabled=lambda: self.context.editable,
            ),
            ActionSpec(
                "run.learning_curve",
                "Would more labels help?",
                self.notes.show_curve,
                group="Run",
                enabled=lambda: self.stack.currentWidget() is not self.empty,
            ),
            ActionSpec(
                "run.pause",
                "Pause or go on",
                self._pause,
                group="Run",
                enabled=lambda: training.state in ("starting", "running", "paused"),
            ),
        ]

    # -- what to show -------------------------------------------------------------------------------------------

    def activate(self) -> None:
        self.recipe.activate()
        if not self._shown_run and not self.context.training.active and self.context.run_name:
            self.show_run(self.context.run_name)

    def _caught_up(self) -> None:
        """The page was opened before the project's runs were known."""
        folder = self.context.folder
        if self.isVisible() and folder and (folder / "runs" / self.context.run_name).is_dir():
            self.activate()

    def deactivate(self) -> None:
        """Whoever comes back to a run that is on wants to see that one."""
        if self.context.training.active:
            self.show_live()

    def show_run(self, name: str) -> None:
        """Draw a run from its events file; the one that is on is shown as it goes on."""
        folder, training = self.context.folder, self.context.training
        if folder is None:
            return
        if training.active and name == training.run_name:
            self.show_live()
            return
        self._following = False
        self._reset(name)

        def work(job: Job) -> tuple[StepTable, Prepared, list[Event], str]:
            place = folder / "runs" / name
            if not place.is_dir():
                raise ProjectProblem(f"The run is no longer in {place}.", "Put its folder back where it was.")
            steps, others = read_log(place, job.stopped)
            return steps, self.loss_plot.prepare(steps), others, read_run(place).status

        def done(found: tuple[StepTable, Prepared, list[Event], str]) -> None:
            self._loading = None
            if self._shown_run == name:
                steps, prepared, others, status = found
                self._take(others)
                self._step = steps.last
                self.loss_card.load(steps, prepared)
                if not self._over:
                    self._show_end(status)

        def failed(error: BaseException) -> None:
            self._loading = None
            if self._shown_run == name:
                self.chip.show_state("missing", "warning")
                self.status.setText(str(error) if isinstance(error, AnchorLabError) else "")
            self.context.messages.error(error)

        self._loading = self.context.run("", work, on_done=done, on_error=failed)

    def show_live(self) -> None:
        """Back to the run that is on."""
        training = self.context.training
        self._following = True
        self.live_bar.show_for("")
        if training.active and self._shown_run != training.run_name:
            self._reset(training.run_name)
            self._take(training.history)
            self._show_state()

    def _forget(self) -> None:
        self._following = True
        self._reset("")
        self.stack.setCurrentWidget(self.empty)

    def _reset(self, name: str) -> None:
        if self._loading is not None:
            self._loading.cancel()
            self._loading = None
        self._shown_run = name
        self._step, self._progress, self._total_steps = None, None, 0
        self._over = self._has_model = self._measured = False
        self.title.setText(f"Run {number_of(name)}" if name else "New run")
        self.chip.show_state("")
        self.status.setText("")
        self.loss_card.clear_run()
        self.holdout.clear_run()
        self.notes.clear_run()
        self.stack.setCurrentIndex(1)
        self.live_bar.show_for("" if self._following else name)
        self._buttons()

    def _live(self, batch: list[Event]) -> None:
        if not self._following:
            return
        if self._shown_run != self.context.training.run_name:
            self._reset(self.context.training.run_name)
            batch = self.context.training.history
        self._take(batch)
        self._show_state()

    def _take(self, events: list[Event]) -> None:
        """Draw a batch of events; drawing happens once a batch, not once an event."""
        steps = [event for event in events if isinstance(event, StepEvent)]
        evaluations = [event for event in events if isinstance(event, EvaluationEvent)]
        for event in events:
            if isinstance(event, RecipeEvent):
                self._total_steps, self._progress = event.total_steps, None
                self.loss_card.clear_run(event.total_steps)
                self.holdout.clear_run(event.total_steps)
                self.journal.start(event)
                self.notes.probes.start(event.probes, event.probe_queries, event.probe_texts)
            elif isinstance(event, BaselineEvent):
                self._measured = True
                self.holdout.take_baseline(event)
                self.notes.take_baseline(event)
                if event.note:
                    self.journal.note(event.note, "warning")
            elif isinstance(event, ProbesEvent):
                self.notes.probes.take(event)
            elif isinstance(event, ProgressEvent):
                self._progress = event
            elif isinstance(event, CrossValidationEvent):
                self._progress = None
                self.holdout.take_cross_validation(event)
            elif isinstance(event, NoticeEvent):
                self.journal.note(event.text, "warning" if event.level == "warning" else "")
            elif isinstance(event, FinishedEvent):
                self._finish(event)
            elif isinstance(event, FailedEvent):
                self._fail(event)
        if steps:
            self._step = steps[-1]
            self.loss_card.extend(steps)
        if evaluations:
            self.holdout.extend(evaluations)
            self.notes.take_evaluation(evaluations[-1])
        live = self.context.training.active and self._shown_run == self.context.training.run_name
        if live and not self._over:
            self._show_progress()

    def _show_progress(self) -> None:
        training, step = self.context.training, self._step
        if step is None and self._progress is not None:
            done = self._progress
            parts = [done.phase, f"{100 * done.done / done.total:.0f} %" if done.total else "", done.text]
            if done.seconds_left is not None:
                parts.append(f"{duration(done.seconds_left)} left")
            self.status.setText(" · ".join(part for part in parts if part))
            return
        if step is None:
            words = "First step…" if self._measured else "Measuring the base model…"
            self.status.setText(words if training.state != "starting" else "Starting…")
            return
        parts = []
        if step.seconds_left is not None and step.step < self._total_steps:
            parts.append(f"{duration(step.seconds_left)} left")  # first: a narrow window cuts the end off
        parts += [f"step {step.step:,} of {self._total_steps:,}", f"epoch {step.epoch:.1f}"]
        if step.examples_per_second:
            parts.append(f"{step.examples_per_second:,.0f} examples/s")
        if step.memory:
            parts.append(f"{step.memory / 1e9:.1f} GB")
        self.status.setText(" · ".join(parts))
        self.status.setToolTip(plain_tip("\n".join(parts)))

    def _finish(self, event: FinishedEvent) -> None:
        self._over = self._has_model = True
        self._buttons()
        self.chip.show_state("stopped, kept" if event.stopped else "finished", "positive")
        self.status.setText(f"{event.steps:,} steps in {duration(event.seconds)}")
        self.journal.verdict(str(event.metrics.get("verdict", "")))

    def _fail(self, event: FailedEvent) -> None:
        self._over = True
        self.chip.show_state(
            "discarded" if event.discarded else "failed", "" if event.discarded else "negative"
        )
        self.status.setText("")
        if not event.discarded:
            self.journal.note(f"{event.message} {event.hint}".strip(), "error")

    def _ended_badly(self, error: BaseException) -> None:
        """A run that ended without a last event: its process died, or it never came as far as having a folder."""
        if self._over or self._shown_run != self.context.training.run_name:
            return
        self._over = True
        self.status.setText("")
        if isinstance(error, Cancelled):
            self.chip.show_state("discarded")
            return
        self._show_end("interrupted" if self._shown_run else "failed")
        if isinstance(error, AnchorLabError):
            self.journal.note(str(error), "error")

    def _show_end(self, status: str) -> None:
        """A state that the run's own events do not tell."""
        tones = {"interrupted": "warning", "failed": "negative", "running": "accent"}
        self.chip.show_state(STATES.get(status, status), tones.get(status, ""))

    # -- states -------------------------------------------------------------------------------------------------

    def _state_changed(self) -> None:
        training = self.context.training
        if training.state == "starting" and self._before != "starting":
            self._following = True
            self._reset("")
            self.status.setText("Starting…")
        self._before = training.state
        self._show_state()
        self._buttons()

    def _show_state(self) -> None:
        """The chip of a run that is on; a finished one keeps the chip that its last event gave it."""
        training = self.context.training
        words = {
            "starting": "starting",
            "running": "training",
            "paused": "paused",
            "stopping": "stopping",
        }.get(training.state)
        if words and self._shown_run == training.run_name and not self._over:
            self.chip.show_state(words, "accent")

    def _buttons(self) -> None:
        training = self.context.training
        live = training.active and self._shown_run == training.run_name
        for part in (self.discard, self.pause, self.stop):
            part.setVisible(live)
            part.setEnabled(training.state in ("starting", "running", "paused"))
        paused = training.state == "paused"
        self.pause.setText("Go on" if paused else "Pause")
        self.pause.setAccessibleName(self.pause.text())
        self.pause.setToolTip(
            "Train on" if paused else "Wait after the current step; the processor is free meanwhile"
        )
        self.explore.setVisible(not live and self._has_model)

    def _pause(self) -> None:
        training = self.context.training
        if training.state == "paused":
            training.resume()
        else:
            training.pause()

    def _explore(self) -> None:
        self.context.choose_run(self._shown_run)
        self.explore_requested.emit()
