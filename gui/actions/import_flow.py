"""Files dropped, chosen or pasted, through the wizard into the project: one undoable step, or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from shiboken6 import isValid

from core import paths
from core.dataset.importing import TextsResult
from core.errors import AnchorLabError, Cancelled
from core.project import Change, Project
from core.project.reimport import Policy
from core.project.taking import TakenRows, TakenTexts, edit_of, release
from gui.dialogs.new_project import folder_name
from gui.widgets.messages import Message
from gui.workers.job import Job

if TYPE_CHECKING:
    from gui.dialogs.importing.dialog import ImportDialog
    from gui.dialogs.importing.entry import Entry
    from gui.main_window import MainWindow

_EVERY = 1024  # rows between two looks at the clock of the person who waits
_MOST_LINES = 1000  # in the details of a message; the wizard itself lists and saves all of them


@dataclass
class _Saving:
    """One import on its way to the disk."""

    dialog: ImportDialog
    entries: list[Entry]
    project: Project | None  # None: a new one is made
    folder: Path | None = None  # of the new one
    change: Change | None = None
    ended: bool = False
    end: Callable[[], None] = field(default=lambda: None)  # gives the project back to the window


class ImportFlow(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._context = window.context
        self._dialog: ImportDialog | None = None

    def choose(self) -> None:
        """Ask for files, then show the wizard with them."""
        from PySide6.QtWidgets import QFileDialog

        from gui.dialogs.importing.dialog import DATA_FILTER

        if self._may_import():
            names, _filter = QFileDialog.getOpenFileNames(self._window, "Import files", "", DATA_FILTER)
            if names:
                self.show([Path(name) for name in names])

    def paste(self) -> None:
        """The wizard with what is on the clipboard."""
        if self._may_import():
            self.show([])
            if self._dialog is not None:
                self._dialog.add_clipboard()

    def show(self, files: Sequence[Path]) -> None:
        """The wizard with these files or folders; where it is open already they are added."""
        from gui.dialogs.importing.dialog import ImportDialog

        if not self._may_import():
            return
        listed = [(path, "") for path in files]
        if self._dialog is not None and isValid(self._dialog) and self._dialog.isVisible():
            self._dialog.add(listed)
            return
        dialog = ImportDialog(self._context, listed, self._window)
        dialog.confirmed.connect(lambda entries: self._take(dialog, entries))
        self._dialog = dialog
        dialog.open()

    def _may_import(self) -> bool:
        context = self._context
        if context.project is not None and context.project.read_only:
            context.messages.note("This project is read-only here, so nothing can be imported.")
            return False
        return True

    # -- saving ---------------------------------------------------------------------------------------------------

    def _take(self, dialog: ImportDialog, entries: list[Entry]) -> None:
        """Save everything in the background. The dialog stays in front; cancelling leaves the project as it was."""
        context, project = self._context, self._context.project
        saving = _Saving(dialog, entries, project)
        taken = [_taken(entry) for entry in entries]
        total = sum(len(item.texts) if isinstance(item, TakenTexts) else len(item.rows) for item in taken)
        label = f"Import {entries[0].title}" if len(entries) == 1 else f"Import {len(entries)} files"

        def save(job: Job, target: Project) -> None:
            edit = edit_of(taken, target.datasets(), _Ticker(job, total))
            try:
                change = target.apply(edit, label)
                if job.stopped():
                    target.undo()
                    raise Cancelled
            except Cancelled:
                release(taken)
                raise
            saving.change = change
            release(taken)

        if project is None:
            name = entries[0].name or entries[0].title
            saving.folder = folder = paths.free_name(paths.workspace() / folder_name(name))

            def work(job: Job) -> None:
                _make(folder, name, lambda made: save(job, made))
        else:
            context.background.starting.emit()
            try:
                detached = project.detach("importing")
            except AnchorLabError as error:
                dialog.fail(error)
                return
            saving.end = detached.end

            def work(job: Job) -> None:
                detached.run(lambda target: save(job, target), job.stopped)

        job = context.jobs.start(
            label,
            work,
            on_done=lambda _none: self._done(saving),
            on_error=lambda error: self._failed(saving, error),
            on_progress=dialog.progress,
        )
        job.finished.connect(lambda: self._finished(saving))
        dialog.follow(job, f"Saving {total:,} row{'' if total == 1 else 's'}…")
        context.background.changed.emit()

    def _give_back(self, saving: _Saving) -> bool:
        """The window may edit the project again. False when it could already."""
        if saving.ended:
            return False
        saving.ended = True
        saving.end()
        self._context.background.changed.emit()
        return True

    def _failed(self, saving: _Saving, error: BaseException) -> None:
        self._give_back(saving)
        if isValid(saving.dialog):
            saving.dialog.fail(error)

    def _finished(self, saving: _Saving) -> None:
        """The thread of a cancelled import has ended."""
        if not self._give_back(saving) or saving.change is None:
            return
        # Saved in the moment it was cancelled: whoever cancels does not want the rows either.
        if saving.folder is not None:
            shutil.rmtree(saving.folder, ignore_errors=True)
        elif self._context.project is saving.project:
            self._context.announce(saving.change)
            self._context.undo()

    def _done(self, saving: _Saving) -> None:
        context, change = self._context, saving.change
        self._give_back(saving)
        saving.dialog.accept()
        if saving.folder is not None:
            self._window.projects.open(saving.folder)
        elif change is not None and context.project is saving.project:
            context.announce(change)
            shown = _shown_dataset(saving.entries, change, context.dataset_id)
            if shown is not None:
                context.choose_dataset(shown)
        context.messages.post(told(saving.entries))


class _Ticker:
    """Progress and cancelling while rows are saved."""

    def __init__(self, job: Job, total: int) -> None:
        self._job, self._total, self._done = job, total, 0

    def __call__(self) -> None:
        self._done += 1
        if self._done % _EVERY == 0:
            self._job.report(self._done, self._total)
            if self._job.stopped():
                raise Cancelled


def _make(folder: Path, name: str, save: Callable[[Project], None]) -> None:
    """A new project, filled; after any error there is none."""
    try:
        with Project.create(folder, name) as project:
            save(project)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _taken(entry: Entry) -> TakenRows | TakenTexts:
    result = entry.result
    assert result is not None
    if isinstance(result, TextsResult):
        return TakenTexts(result.texts, entry.title)
    return TakenRows(
        entry.rows(),
        result.format,
        result.negatives,
        result.scale,
        entry.name,
        entry.dataset_id,
        entry.known,
        entry.policy if entry.known is not None else Policy.ADD,
    )


def _shown_dataset(entries: list[Entry], change: Change, current: int | None) -> int | None:
    """The dataset to show afterwards: the one that rows were added to, or the first new one."""
    if not change.dataset_ids or current in change.dataset_ids:
        return None
    added = [entry.dataset_id for entry in entries if entry.dataset_id]
    return next((id for id in added if id in change.dataset_ids), min(change.dataset_ids))


def told(entries: Sequence[Entry]) -> Message:
    """What was imported, and what was not, with the lines in the details."""
    rows = texts = lost = 0
    notes: list[str] = []
    for entry in entries:
        result = entry.result
        if result is None:
            continue
        if isinstance(result, TextsResult):
            texts += entry.to_import
        else:
            rows += entry.to_import
        notes += result.notes
        lost += len(result.rejected)
    where = entries[0].title if len(entries) == 1 else f"{len(entries)} files"
    parts = [f"{rows:,} example{'' if rows == 1 else 's'}"] if rows or not texts else []
    if texts:
        parts.append(f"{texts:,} unpaired text{'' if texts == 1 else 's'}")
    words = f"Imported {' and '.join(parts)} from {where}"
    if not lost:
        return Message(f"{words}.", " ".join(notes), "positive")
    lines = list(islice(_lost_lines(entries), _MOST_LINES))
    first = "; ".join(lines[:3]) + (" …" if lost > 3 else "")
    if lost > len(lines):
        lines.append(f"and {lost - len(lines):,} more")
    return Message(
        f"{words}; {lost:,} line{' was' if lost == 1 else 's were'} not taken.",
        first,
        "warning",
        "\n".join(lines),
    )


def _lost_lines(entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        before = "" if len(entries) == 1 else f"{entry.title}, "
        for item in entry.result.rejected if entry.result is not None else ():
            yield f"{before}line {item.line}: {item.reason}"
