"""What one can do with runs of the past. Whatever takes longer than a frame goes on in the background."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from core.dataset.formats import DatasetInfo
from core.dataset.stats import describe
from core.errors import AnchorLabError, FileProblem
from core.project import Change, Project
from core.project.edits import Compound, SetMeta
from core.training.run_files import contained, one_line
from core.training.runs import (
    Run,
    delete_run,
    list_trash,
    remove_from_trash,
    restore_run,
    set_label,
    set_note,
)
from core.training.used import again
from gui.context import Context
from gui.dialogs.confirm import confirm
from gui.dialogs.deleted_runs import DeletedRunsDialog
from gui.dialogs.plain_text import PlainTextDialog
from gui.models.runs_model import called
from gui.views.runs.exports import export_model, export_script
from gui.widgets.messages import Message
from gui.workers.job import Job

_LONGEST_CARD = 2_000_000  # bytes that are shown


class RunCommands(QObject):
    settings_taken = Signal()  # a run's settings are the project's now

    def __init__(self, context: Context, owner: QWidget) -> None:
        super().__init__(owner)
        self._context = context
        self._owner = owner
        self.export_model = partial(export_model, context, owner)  # run, format, int8
        self.export_script = partial(export_script, context, owner)  # run

    # -- names and notes ----------------------------------------------------------------------------------------

    def rename(self, run: Run, text: str) -> None:
        """Call a run otherwise; the message offers the name before. The folder keeps its name."""
        before = run.label
        if not self._try(run, lambda: set_label(run.folder, text)):
            return
        words = f"Run {run.number} is called “{called_as(run, text)}” now."
        self._context.messages.post(
            Message(
                words, "", "", action="Undo", do=lambda: self._try(run, lambda: set_label(run.folder, before))
            )
        )

    def set_note(self, run: Run, text: str) -> None:
        self._try(run, lambda: set_note(run.folder, text))

    def _try(self, run: Run, do: Callable[[], object]) -> bool:
        """Write into a run's folder and tell everyone. Nothing is written into one that is gone: it would come back empty."""
        if not run.folder.is_dir() or run.folder.is_symlink():
            return False
        try:
            do()
        except AnchorLabError as error:
            self._context.messages.error(error)
            return False
        finally:
            self._context.runs_changed.emit()
        return True

    # -- the trash ----------------------------------------------------------------------------------------------

    def delete(self, runs: list[Run]) -> bool:
        """Move runs to the project's trash; the message offers to bring them back. True when at least one is gone."""
        if not self._context.editable:
            self._context.messages.note("This project is read-only here, so no run can be deleted.")
            return False
        gone: list[Path] = []
        for run in runs:
            if run.status == "running":
                continue
            try:
                gone.append(delete_run(run.folder))
            except AnchorLabError as error:
                self._context.messages.error(error)
        if not gone:
            return False
        self._context.runs_changed.emit()
        words = f"Run {runs[0].number} deleted." if len(gone) == 1 else f"{len(gone)} runs deleted."
        self._context.messages.post(Message(words, "", "", action="Undo", do=lambda: self.restore(gone)))
        return True

    def restore(self, places: list[Path]) -> None:
        """Bring runs back from the trash."""
        for place in places:
            try:
                restore_run(place)
            except AnchorLabError as error:
                self._context.messages.error(error)
        self._context.runs_changed.emit()

    def show_trash(self) -> None:
        """The deleted runs, to bring back or to remove for good."""
        folder = self._context.folder
        if folder is None or not self._context.editable:
            return

        def done(runs: list[Run]) -> None:
            dialog = DeletedRunsDialog(runs, self._owner.window())
            dialog.restore.connect(lambda chosen: self.restore([run.folder for run in chosen]))
            dialog.remove.connect(self._remove)
            dialog.open()

        self._context.run("", lambda _job: list_trash(folder), on_done=done)

    def _remove(self, runs: list[Run]) -> None:
        words = f"Run {runs[0].number}" if len(runs) == 1 else f"{len(runs)} runs"
        if not confirm(
            self._owner.window(),
            f"Remove {words} for good?",
            "The models, curves and notes are removed from the disk. This cannot be undone.",
            "Remove",
            danger=True,
        ):
            return

        def work(_job: Job) -> None:
            for run in runs:
                remove_from_trash(run.folder)

        self._context.run(
            f"Removing {words}",
            work,
            on_done=lambda _none: self._context.messages.note(f"{words} removed for good."),
        )

    # -- using a run again --------------------------------------------------------------------------------------

    def use_again(self, run: Run) -> None:
        """Make a run's settings those of the project: one undo step."""
        context, spec = self._context, run.spec
        project = context.project
        if project is None or spec is None or not context.editable:
            return
        info = _dataset_of(run, project.datasets(), context.dataset_id)
        if info is None:
            context.messages.note(
                f"There is no dataset of {spec.format.title.lower()} to use the settings of run {run.number} for.",
                "Create one, or import its rows.",
            )
            return
        reader_of = project.reader

        def work(_job: Job) -> tuple[str, dict[str, object]]:
            reader = reader_of()
            try:
                return again(spec, info, describe(info, reader.training_rows(info.id)), reader.card_recipe())
            finally:
                reader.close()

        def done(found: tuple[str, dict[str, object]]) -> None:
            self._take(run, info, *found)

        context.run("", work, on_done=done)

    def _take(self, run: Run, info: DatasetInfo, preset: str, own: dict[str, object]) -> None:
        context = self._context
        words = f"Use the settings of run {run.number}"

        def put(project: Project) -> Change:
            return project.apply(
                Compound((SetMeta("preset", preset), SetMeta("recipe", as_recipe(own)))), words
            )

        if context.edit(put) is None:
            return
        context.choose_dataset(info.id)
        self.settings_taken.emit()
        context.messages.note(
            f"The recipe of {info.name} has the settings of run {run.number} now.",
            "",
            action="Undo",
            do=lambda: context.undo() if context.project and context.project.undo_label == words else None,
        )

    # -- what is in the folder ----------------------------------------------------------------------------------

    def open_folder(self, run: Run) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(run.folder))):
            self._context.messages.note("No program for folders was found.", f"The run is in {run.folder}.")

    def show_card(self, run: Run) -> None:
        """The model card as the text that it is."""
        path = contained(run.folder, "model", "README.md")
        if path is None:
            self._context.messages.error(
                FileProblem(f"Run {run.number} has no model card.", "It is written with the model.")
            )
            return

        def work(_job: Job) -> str:
            with path.open("rb") as stream:
                return stream.read(_LONGEST_CARD).decode("utf-8", errors="replace")

        def done(text: str) -> None:
            PlainTextDialog(f"Model card of run {run.number}", text, self._owner.window()).open()

        self._context.run("", work, on_done=done)


def called_as(run: Run, text: str) -> str:
    """What a run is called when it is given this name."""
    return called(replace(run, label=one_line(text)))


def as_recipe(own: dict[str, object]) -> str:
    return json.dumps(own, ensure_ascii=False)


def _dataset_of(run: Run, datasets: list[DatasetInfo], current: int | None) -> DatasetInfo | None:
    """The dataset of a run by its name, else the current one, else any of its format that has rows."""
    assert run.spec is not None
    fitting = [info for info in datasets if info.format is run.spec.format and info.rows]
    named = [info for info in fitting if info.name == run.spec.dataset_name]
    chosen = [info for info in fitting if info.id == current]
    return next(iter([*named, *chosen, *fitting]), None)
