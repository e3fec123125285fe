"""The files of the wizard and the work on them: looking at a file after every change, reading all of it, in the background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.dataset.formats import DatasetInfo
from core.dataset.importing import Inspection, Reading, inspect
from core.errors import AnchorLabError, TextsMissing
from core.project.names import free_name
from gui.context import Context
from gui.dialogs.importing.entry import NEW, Entry, fits, new_entry
from gui.workers.job import Job

_AT_ONCE = 2  # files looked at


class ImportSession(QObject):
    """`changed` carries the entry that was looked at; `listed` says that the list has other files."""

    changed = Signal(object)  # Entry
    listed = Signal()

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.entries: list[Entry] = []
        self._jobs: dict[int, tuple[Entry, Job]] = {}
        self._closed = False
        self.current: Entry | None = None  # looked at before the others

    def add(self, paths: Sequence[tuple[Path, str]]) -> list[Entry]:
        """Put files with their titles ("" for the name) on the list; one that is there already is not added again."""
        known = {entry.path for entry in self.entries}
        added = []
        for path, title in paths:
            if path not in known:
                known.add(path)
                added.append(new_entry(path, title))
        self.entries += added
        if added:
            self.listed.emit()
            self._work()
        return added

    def remove(self, entry: Entry) -> None:
        self.entries = [other for other in self.entries if other is not entry]
        running = self._jobs.pop(id(entry), None)
        if running is not None:
            running[1].cancel()
        self.listed.emit()
        self._work()

    def ask(self, entry: Entry, reading: Reading) -> None:
        """Look at the file under another reading. A look that is on the way ends first; only the newest wish is followed."""
        if reading != entry.asked:
            entry.asked = reading
            entry.forget_result()
            self._tell(entry)
            self._work()

    def look_again(self, entry: Entry) -> None:
        """After the file itself has changed."""
        entry.looked = None
        entry.problem = entry.hint = ""
        entry.inspection = None
        entry.forget_result()
        self._tell(entry)
        self._work()

    def change(self, entry: Entry, **choices: object) -> None:
        """Set the destination, name or split of an entry."""
        for key, value in choices.items():
            setattr(entry, key, value)
        entry.forget_result()
        self._tell(entry)

    @property
    def busy(self) -> bool:
        return any(entry.waiting for entry in self.entries)

    @property
    def ready(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.ready]

    def close(self) -> None:
        self._closed = True
        for _entry, job in self._jobs.values():
            job.cancel()
        self._jobs.clear()

    # -- looking --------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        if self._closed:
            return
        for entry in sorted(self.entries, key=lambda entry: entry is not self.current):
            if len(self._jobs) >= _AT_ONCE:
                return
            if entry.waiting and id(entry) not in self._jobs:
                self._look(entry)

    def _look(self, entry: Entry) -> None:
        path, reading = entry.path, entry.asked
        job = self._context.jobs.start(
            "",
            lambda job: inspect(path, reading, job.stopped),
            on_done=lambda found: self._seen(entry, reading, found),
            on_error=lambda error: self._failed(entry, reading, error),
        )
        self._jobs[id(entry)] = (entry, job)

    def _seen(self, entry: Entry, reading: Reading, found: Inspection) -> None:
        first = entry.inspection is None
        entry.inspection, entry.looked = found, reading
        entry.problem = entry.hint = ""
        if first and not entry.chosen:
            self._propose(entry)
        self._ended(entry)

    def _failed(self, entry: Entry, reading: Reading, error: BaseException) -> None:
        before = entry.inspection
        entry.looked = reading
        entry.wants_texts = isinstance(error, TextsMissing)
        if isinstance(error, AnchorLabError):
            words, hint = error.message, error.hint
        else:
            self._context.messages.error(error)
            words, hint = "Something went wrong inside AnchorLab.", ""
        if before is not None and Path(entry.path).exists():
            # a choice that does not fit: the form stays, with the reason
            entry.inspection = replace(before, problem=f"{words} {hint}".strip(), examples=[], texts=[])
        else:
            entry.inspection, entry.problem, entry.hint = None, words, hint
        self._ended(entry)

    def _ended(self, entry: Entry) -> None:
        self._jobs.pop(id(entry), None)
        self._tell(entry)
        self._work()

    def _tell(self, entry: Entry) -> None:
        if any(other is entry for other in self.entries):
            self.changed.emit(entry)

    # -- where to -------------------------------------------------------------------------------------------------

    def datasets(self) -> list[DatasetInfo]:
        project = self._context.project
        return project.datasets() if project is not None else []

    def _propose(self, entry: Entry) -> None:
        """Rows of a file whose dataset is there already are for that dataset; other names are made free."""
        datasets = self.datasets()
        same = next((info for info in datasets if info.name.casefold() == entry.name.casefold()), None)
        if same is not None and fits(entry, same):
            entry.destination = str(same.id)
        entry.name = free_name(entry.name, (info.name for info in datasets))
        entry.destination = entry.destination if same is not None and fits(entry, same) else NEW
