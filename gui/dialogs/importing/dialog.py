"""The import wizard: first how each file is read and what its columns mean, then what reading all of it gave."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.errors import AnchorLabError
from gui.context import Context
from gui.dialogs.importing.check_page import CheckPage
from gui.dialogs.importing.clipboard_file import ClipboardFiles
from gui.dialogs.importing.entry import Entry
from gui.dialogs.importing.file_list import FileList
from gui.dialogs.importing.file_page import FilePage
from gui.dialogs.importing.read_all import Read, ReadAll
from gui.dialogs.importing.session import ImportSession
from gui.widgets.basic import EmptyState, button, label, tool_button
from gui.widgets.drop_hint import DropHint
from gui.workers.job import Job

_LEAST = QSize(980, 600)
DATA_FILTER = (
    "Data files (*.csv *.tsv *.txt *.jsonl *.ndjson *.json *.parquet *.xlsx *.xlsm *.ods *.gz *.zip *.trec *.qrels);;"
    "All files (*)"
)


class ImportDialog(QDialog):
    """`confirmed` carries the entries whose rows are to be taken; whoever takes them closes the dialog."""

    confirmed = Signal(object)  # list[Entry]

    def __init__(
        self, context: Context, paths: Sequence[tuple[Path, str]] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.import")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Import")
        self.setAcceptDrops(True)
        self._drop_hint = DropHint(self, "Drop to add to the list")
        room = parent.window().size() if parent is not None else QSize(1000, 640)
        self.resize(
            max(_LEAST.width(), min(1120, room.width() - 40)),
            max(_LEAST.height(), min(740, room.height() - 40)),
        )
        self._context = context
        self._job: Job | None = None
        self._current: Entry | None = None
        self.clipboard = ClipboardFiles()
        self.session = ImportSession(context, self)
        self.files = FileList()
        self.page = FilePage(self.session)
        self.check = CheckPage(context)
        self._lay_out()
        self.session.listed.connect(self._listed)
        self.session.changed.connect(self._changed)
        self.check.chosen.connect(self._judge)
        self.files.chosen.connect(lambda row: self._show(self.session.entries[row]))
        self.files.remove_requested.connect(self.remove)
        context.project_closing.connect(self.reject)
        self.add(paths)
        self._listed()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 14)
        layout.setSpacing(10)
        self.title = label("Import", "title")
        layout.addWidget(self.title)
        body = QHBoxLayout()
        body.setSpacing(16)
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(self.files, 1)
        tools = QHBoxLayout()
        tools.setSpacing(6)
        self.add_button = button("Add files…", "plus", name="import.add", clicked=self.choose_files)
        self.add_folder = tool_button(
            "folder", "Add a folder…", name="import.add_folder", clicked=self.choose_folder
        )
        self.paste = tool_button(
            "copy", "Add what is on the clipboard", name="import.paste", clicked=self.add_clipboard
        )
        self.remove_button = tool_button(
            "trash", "Take the file off the list", name="import.remove", clicked=self.remove
        )
        tools.addWidget(self.add_button, 1)
        for part in (self.add_folder, self.paste, self.remove_button):
            tools.addWidget(part)
        left.addLayout(tools)
        holder = QWidget()
        holder.setFixedWidth(236)
        holder.setLayout(left)
        left.setContentsMargins(0, 0, 0, 0)
        body.addWidget(holder)
        self.stack = QStackedWidget()
        self.empty = EmptyState(
            "import",
            "Drop files here: CSV, TSV, JSON, Parquet, Excel, OpenDocument, zipped or not, or a folder of a dataset.",
            "Choose files…",
            self.choose_files,
        )
        self.empty.button.setObjectName("import.choose")
        for page in (self.empty, self.page, self.check):
            self.stack.addWidget(page)
        body.addWidget(self.stack, 1)
        layout.addLayout(body, 1)
        self.problem = label("", tone="error", wrap=True, name="import.problem")
        self.problem.hide()
        layout.addWidget(self.problem)
        layout.addLayout(self._footer())

    def _footer(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.told = label("", "caption", name="import.told")
        row.addWidget(self.told)
        self.bar = QProgressBar()
        self.bar.setObjectName("import.bar")
        self.bar.setAccessibleName("Progress of the import")
        self.bar.setTextVisible(False)
        self.bar.hide()
        row.addWidget(self.bar, 1)
        row.addStretch(1)
        self.back = button("Back", name="import.back", clicked=self.show_files)
        self.cancel = button("Cancel", name="import.cancel", clicked=self.reject)
        self.accept_button = button("Import", kind="primary", name="import.accept", clicked=self._go_on)
        self.accept_button.setDefault(True)
        self.back.hide()
        for part in (self.back, self.cancel, self.accept_button):
            part.setAutoDefault(part is self.accept_button)
            row.addWidget(part)
        return row

    # -- the list -------------------------------------------------------------------------------------------------

    def add(self, paths: Sequence[tuple[Path, str]]) -> None:
        """Put files on the list and show the first of them."""
        added = self.session.add(paths)
        if added:
            self.show_files()
            self._show(added[0])

    def choose_files(self) -> None:
        names, _filter = QFileDialog.getOpenFileNames(self, "Import files", "", DATA_FILTER)
        self.add([(Path(name), "") for name in names])

    def choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Import a folder of a dataset")
        if name:
            self.add([(Path(name), "")])

    def add_clipboard(self) -> None:
        found = self.clipboard.take()
        if found:
            self.add(found)
        else:
            self._say("There is neither text nor a file on the clipboard.")

    def remove(self) -> None:
        if self._current is not None and not self.working:
            self.session.remove(self._current)

    @property
    def working(self) -> bool:
        return self._job is not None

    @property
    def checking(self) -> bool:
        """Whether what was read is on show, before it is saved."""
        return self.stack.currentWidget() is self.check

    def _listed(self) -> None:
        entries = self.session.entries
        if self._current not in entries:
            self._current = entries[0] if entries else None
        if self._current is None:
            self.stack.setCurrentWidget(self.empty)
            self.files.show_entries(entries, None)
            self._judge()
        else:
            self._show(self._current)

    def _show(self, entry: Entry) -> None:
        self._current = self.session.current = entry
        if self.checking:
            self.check.show_entry(entry)
        else:
            self.stack.setCurrentWidget(self.page)
            self.page.show_entry(entry)
        self.files.show_entries(self.session.entries, entry)
        self._judge()

    def _changed(self, entry: Entry) -> None:
        if entry is self._current and not self.checking:
            self.page.show_entry(entry)
        self.files.update_entry(self.session.entries.index(entry), entry)
        self._judge()

    def _judge(self) -> None:
        """What can be done now, in words on the button."""
        entries, ready = self.session.entries, self.session.ready
        self.remove_button.setEnabled(self._current is not None and not self.working)
        self.back.setVisible(self.checking)
        if self.working:
            return
        if self.checking:
            rows = sum(entry.to_import for entry in entries)
            words = f"Import {rows:,} row{'' if rows == 1 else 's'}" if rows else "Nothing to import"
            self._word(words, rows > 0)
            return
        many = len(entries) > 1 and ready
        words = f"Import {len(ready)} file{'' if len(ready) == 1 else 's'}" if many else "Import"
        self._word(words, bool(ready) and not self.session.busy)
        left = len(entries) - len(ready)
        if self.session.busy:
            self.told.setText("Looking at the files…")
        elif left and ready:
            self.told.setText(f"{left} file{' is' if left == 1 else 's are'} not ready and will be left out.")
        else:
            self.told.setText("")

    def _word(self, text: str, possible: bool) -> None:
        self.accept_button.setText(text)
        self.accept_button.setAccessibleName(text)
        self.accept_button.setEnabled(possible)

    # -- reading all ----------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        if self.working:
            return
        self.problem.hide()
        if self.checking:
            self.confirmed.emit([entry for entry in self.session.entries if entry.to_import])
        elif self.session.ready and not self.session.busy:
            self._read(self.session.ready)

    def _read(self, entries: list[Entry]) -> None:
        for entry in self.session.entries:
            entry.forget_result()
        project = self._context.project
        work = ReadAll(entries, project.reader if project is not None else None)
        title = f"Reading {entries[0].title}" if len(entries) == 1 else f"Reading {len(entries)} files"
        job = self._context.jobs.start(
            title, work, on_done=self._have_read, on_error=self.fail, on_progress=self.progress
        )
        self.follow(job, "Reading…")

    def _have_read(self, found: list[Read]) -> None:
        self._end_work()
        for item in found:
            item.store()
        self.files.show_entries(self.session.entries, self._current)
        asking = [item.entry for item in found if item.asks]
        taken = [item.entry for item in found if item.entry.to_import]
        if taken and not asking:
            self.confirmed.emit(taken)
        else:
            self.show_check(asking[0] if asking else found[0].entry)

    def show_check(self, entry: Entry) -> None:
        """What was read, before it is saved."""
        self.title.setText("Import · look over what was read")
        self.stack.setCurrentWidget(self.check)
        self.told.setText("")
        self._show(entry)
        self.files.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_files(self) -> None:
        """Back to how the files are read."""
        if self.working:
            return
        self.title.setText("Import")
        self.problem.hide()
        self.stack.setCurrentWidget(self.page)
        self._listed()

    # -- work in the background -----------------------------------------------------------------------------------

    def follow(self, job: Job, words: str) -> None:
        """Stay in front, and cancellable, while `job` works."""
        self._job = job
        self._doing = words
        self.told.setText(words)
        self.bar.setRange(0, 0)
        self.bar.show()
        for part in (
            self.files,
            self.page,
            self.check,
            self.add_button,
            self.add_folder,
            self.paste,
            self.back,
        ):
            part.setEnabled(False)
        self.remove_button.setEnabled(False)
        self.accept_button.setEnabled(False)
        self.cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    def progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, 1000 if total else 0)
        if total:
            self.bar.setValue(round(1000 * done / total))
        left = self._job.seconds_left() if self._job is not None else None
        self.told.setText(self._doing if left is None else f"{self._doing} {time_left(left)}")

    def _end_work(self) -> None:
        self._job = None
        self.bar.hide()
        self.told.setText("")
        for part in (
            self.files,
            self.page,
            self.check,
            self.add_button,
            self.add_folder,
            self.paste,
            self.back,
        ):
            part.setEnabled(True)
        self._judge()

    def fail(self, error: BaseException) -> None:
        self._end_work()
        if isinstance(error, AnchorLabError):
            self._say(str(error))
        else:
            self._context.messages.error(error)
            self._say("Something went wrong inside AnchorLab. Nothing was imported.")

    def _say(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.show()

    # -- the dialog itself ----------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste) and not self.working:
            self.add_clipboard()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if not self.working and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._drop_hint.show_over()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_hint.hide()
        event.acceptProposedAction()
        self.add([(Path(url.toLocalFile()), "") for url in event.mimeData().urls() if url.isLocalFile()])

    def done(self, result: int) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        self.session.close()
        self.clipboard.close()
        super().done(result)


def time_left(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s left"
    return f"{round(seconds / 60)} min left"
