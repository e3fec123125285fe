"""Starting, stopping and finishing runs, and the top bar's words about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from core.errors import AnchorLabError
from core.models.catalogue import EMBEDDED, title
from core.training import presets
from core.training.events import Event, FinishedEvent, RecipeEvent
from core.training.runs import Run, runs_of_open
from gui.dialogs.confirm import confirm
from gui.widgets.basic import brief
from gui.widgets.messages import Message
from gui.workers.job import Job

if TYPE_CHECKING:
    from gui.main_window import MainWindow


class RunFlow(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._context = window.context
        self.runs: list[Run] = []
        self._reading: Job | None = None
        training = self._context.training
        training.state_changed.connect(self._show_state)
        training.events.connect(self._events)
        training.finished.connect(self._finished)
        training.failed.connect(self._failed)
        self._context.project_changed.connect(self._project_changed)
        self._context.runs_changed.connect(self.read_runs)
        self._context.run_chosen.connect(self._show_model)
        self._context.data_changed.connect(
            lambda change: self._show_model() if "meta" in change.kinds else None
        )
        self._context.data_changed.connect(
            lambda change: self._show_state() if "meta" in change.kinds else None
        )

    # -- what the buttons do ------------------------------------------------------------------------------------

    def train_or_show(self) -> None:
        """The top bar's button: starts a run, or shows the one that is on."""
        if self._context.training.active:
            self._window.show_run(self._context.training.run_name)
        else:
            self.train()

    def train(self) -> None:
        context = self._context
        if context.project is None or context.dataset_id is None or context.training.active:
            return
        if context.project.read_only:
            context.messages.note(
                "This project is open in another window, so nothing can be trained here.",
                "Train in the other window, or close it.",
            )
            return
        self._window.message_bar.dismiss()
        self._window.show_page("train")
        context.training.start(context.project.folder, context.dataset_id, {})

    def add_to_queue(self) -> None:
        """The recipe as it is set now, to train by when the runs before have ended."""
        context, queue = self._context, self._window.queue
        project, dataset = context.project, context.dataset
        if project is None or dataset is None or not context.editable:
            return
        try:
            settings, card = project.recipe(), project.card_recipe()
            preset = presets.find(presets.usable(project.preset(), dataset, card), dataset, card)
        except AnchorLabError as error:
            context.messages.error(error)
            return
        title = f"{brief(dataset.name)} · {preset.title}"
        if queue.add(dataset.id, preset.key, settings, title) is None:
            return
        if queue.going:
            hint, action, do = (
                "It starts when the runs before it have ended.",
                "Show the queue",
                self._show_queue,
            )
        else:
            hint, action, do = "It waits until the queue is started.", "Start the queue", queue.start
        context.messages.note(f"Added to the queue: {title}.", hint, action=action, do=do)

    def _show_queue(self) -> None:
        self._window.show_page("runs")

    def go_on(self, run: Run) -> None:
        """Continue an interrupted run where its last checkpoint left it."""
        context = self._context
        if context.project is None or context.training.active or not context.editable:
            return
        self._window.message_bar.dismiss()
        self._window.show_page("train")
        context.training.continue_run(context.project.folder, run.folder)

    def stop(self) -> None:
        self._context.training.stop()

    def discard(self) -> None:
        if self._context.training.active and confirm(
            self._window,
            "Discard this run?",
            "The run stops and its model is thrown away. Your examples are not touched.",
            "Discard",
            danger=True,
        ):
            self._context.training.discard()

    # -- what a run tells ---------------------------------------------------------------------------------------

    def _events(self, batch: list[Event]) -> None:
        if any(isinstance(event, RecipeEvent) for event in batch):
            recipe = next(event for event in batch if isinstance(event, RecipeEvent))
            self._window.topbar.device.setText(device_words(recipe))
            self._context.runs_changed.emit()
        self._show_state()

    def _show_state(self) -> None:
        training, button = self._context.training, self._window.topbar.train
        if not training.active:
            button.show_idle(self._estimate())
            return
        words = {"starting": "Starting…", "paused": "Paused", "stopping": "Stopping…"}.get(training.state)
        button.show_running(training.share, words or f"Training {round(100 * training.share)} %")

    def _finished(self, event: FinishedEvent) -> None:
        context = self._context
        if context.folder == context.training.project_folder:
            context.runs_changed.emit()
            context.choose_run(event.run)
            if self._window.current_page != "train":
                context.messages.post(
                    Message(
                        "The run is finished.",
                        str(event.metrics.get("verdict", "")),
                        "positive",
                        action="Explore",
                        do=lambda: self._window.show_page("explore"),
                    )
                )
        context.training.prepare()

    def _failed(self, error: BaseException) -> None:
        self._context.runs_changed.emit()
        self._context.messages.error(error)
        self._context.training.prepare()

    # -- model and device ---------------------------------------------------------------------------------------

    def _project_changed(self) -> None:
        self.runs = []
        if self._context.project is not None:
            self.read_runs()

    def read_runs(self) -> None:
        """Read the run folders in the background; the model menu and the estimate follow."""
        folder = self._context.folder
        if folder is None:
            return

        def work(_job: Job) -> list[Run]:
            return runs_of_open(folder)

        def done(runs: list[Run]) -> None:
            self._reading = None
            if self._context.folder != folder:
                return
            self.runs = runs
            usable = [run for run in runs if run.status in ("finished", "stopped")]
            known = [run.folder.name for run in usable]
            if self._context.run_name not in known:
                self._context.choose_run(known[0] if known else "")
            self._show_model()
            self._show_state()

        if self._reading is not None:
            self._reading.cancel()  # a list from before must not arrive after the newer one
        self._reading = self._context.run("", work, on_done=done)

    def base_model(self) -> str:
        project = self._context.project
        if project is None:
            return EMBEDDED
        return str(project.recipe().get("base_model", EMBEDDED))

    def _show_model(self) -> None:
        pill = self._window.topbar.model
        chosen = next((run for run in self.runs if run.folder.name == self._context.run_name), None)
        base = title(self.base_model())
        pill.show_value(f"{base} → run {chosen.number}" if chosen else base)
        menu = pill.menu_of_pill
        menu.clear()
        usable = [run for run in self.runs if run.status in ("finished", "stopped")]
        if not usable:
            empty = menu.addAction("No trained model yet")
            empty.setEnabled(False)
        for run in usable[:20]:
            action = QAction(f"Run {run.number}  {run.name}".replace("&", "&&"), menu)
            action.setCheckable(True)
            action.setChecked(run.folder.name == self._context.run_name)
            action.triggered.connect(lambda _on=False, name=run.folder.name: self._context.choose_run(name))
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction("Choose another base model…", self._choose_base)

    def _choose_base(self) -> None:
        """A local model folder as the base; it becomes part of this project's recipe (undoable)."""
        from PySide6.QtWidgets import QFileDialog

        from core.models.catalogue import resolve

        if not self._context.editable:
            return
        folder = QFileDialog.getExistingDirectory(self._window, "Folder of a sentence-transformers model")
        if not folder:
            return
        try:
            resolve(folder)
        except AnchorLabError as error:
            self._context.messages.error(error)
            return
        self._context.edit(lambda project: project.set_recipe({**project.recipe(), "base_model": folder}))

    def _estimate(self) -> str:
        """How long a run will take, from the last one on the same dataset by the same preset; "" when there is none to go by."""
        from core.words import duration

        dataset, project = self._context.dataset, self._context.project
        if dataset is None or project is None:
            return ""
        try:
            preset = presets.usable(project.preset(), dataset, project.card_recipe())
        except AnchorLabError:  # a damaged project: its own message says so
            return ""
        for run in self.runs:
            if (
                run.status == "finished"
                and run.seconds
                and run.spec
                and run.spec.dataset_name == dataset.name
                and run.spec.preset == preset
            ):
                return f"≈ {duration(run.seconds)}"
        return ""


def device_words(recipe: RecipeEvent) -> str:
    """For the device pill: "CPU · 2 threads · fp32"."""
    return brief(" · ".join(part for part in (recipe.device_name or recipe.device, recipe.precision) if part))
