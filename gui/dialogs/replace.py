"""Find and replace: what would change is shown while one types, and done as one step."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.dataset.formats import DatasetInfo, Role
from core.dataset.replacing import Found, Sample, Search, find
from core.errors import AnchorLabError, Cancelled
from core.project import Change, Project
from core.project.slices import examples_of
from gui.context import Context
from gui.widgets.basic import brief, button, label
from gui.widgets.marked_text import MARKS, MarkedText
from gui.workers.job import Job

_PATIENCE_MS = 200
_BEFORE = 24  # characters kept in front of the first match

Scopes = Mapping[str, Callable[[], "array[int]"]]  # title → the ids, asked when they are needed


class ReplaceDialog(QDialog):
    """Stays open beside the table; `scopes` are the rows it can look at, the first one is chosen."""

    def __init__(
        self, context: Context, info: DatasetInfo, scopes: Scopes, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.replace")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Find and replace")
        self.resize(860, 540)
        self._context, self._info, self._scopes = context, info, scopes
        self._job: Job | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PATIENCE_MS)
        self._timer.timeout.connect(self._look)
        self._lay_out()
        for box in (self.pattern, self.replacement):
            box.textChanged.connect(self._typed)
        for tick in (self.regex, self.match_case, self.whole_words):
            tick.toggled.connect(self._typed)
        for choice in (self.columns, self.scope):
            choice.currentIndexChanged.connect(self._typed)
        context.data_changed.connect(self._typed)
        context.dataset_changed.connect(self.close)
        context.project_closing.connect(self.close)
        context.background.changed.connect(self._allow)
        self._show_found(Found())

    def _lay_out(self) -> None:
        self.pattern = _line("replace.pattern", "Find")
        self.replacement = _line("replace.replacement", "Replace with")
        self.scope = QComboBox()
        self.scope.setObjectName("replace.scope")
        self.scope.setAccessibleName("Rows to look at")
        self.scope.addItems(list(self._scopes))
        self.columns = QComboBox()
        self.columns.setObjectName("replace.columns")
        self.columns.setAccessibleName("Columns to look in")
        self.columns.addItem("All columns", "")
        for column in self._info.columns:
            if column.role is not Role.SCORE:
                self.columns.addItem(column.title, column.key)
        self.regex = _tick("replace.regex", "Regular expression")
        self.regex.setToolTip("\\1 or \\g<name> in the replacement stand for what a group found")
        self.match_case = _tick("replace.case", "Match case")
        self.whole_words = _tick("replace.words", "Whole words")
        form = QGridLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        rows = (("Find", self.pattern), ("Replace with", self.replacement))
        for number, (title, box) in enumerate(rows):
            form.addWidget(label(title), number, 0)
            form.addWidget(box, number, 1)
        where = QHBoxLayout()
        where.setSpacing(8)
        for choice in (self.scope, self.columns):
            where.addWidget(choice)
        where.addSpacing(8)
        for tick in (self.match_case, self.whole_words, self.regex):
            where.addWidget(tick)
        where.addStretch(1)
        form.addWidget(label("In"), 2, 0)
        form.addLayout(where, 2, 1)
        self.words = label("", "caption", wrap=True, name="replace.words_found")
        self.preview = _preview()
        self.cancel = button("Close", name="replace.close", clicked=self.close)
        self.apply = button("Replace all", kind="primary", name="replace.apply", clicked=self._apply)
        self.apply.setDefault(True)
        foot = QHBoxLayout()
        foot.addWidget(self.words, 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.apply)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self.preview, 1)
        layout.addLayout(foot)

    # -- looking ------------------------------------------------------------------------------------------------

    def search(self) -> Search:
        chosen = str(self.columns.currentData())
        return Search(
            self.pattern.text(),
            self.replacement.text(),
            self.regex.isChecked(),
            self.match_case.isChecked(),
            self.whole_words.isChecked(),
            (chosen,) if chosen else (),
        )

    @property
    def busy(self) -> bool:
        return self._job is not None or self._timer.isActive()

    def _typed(self, *_news: object) -> None:
        self.apply.setEnabled(False)
        self._stop()
        self._timer.start()

    def _stop(self) -> None:
        self._timer.stop()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _look(self) -> None:
        """Look through the rows in the background."""
        self._stop()
        project, search = self._context.project, self.search()
        if project is None or not search.pattern:
            self._show_found(Found())
            return
        ids = self._scopes[self.scope.currentText()]()
        reader = project.reader()
        columns = self._info.columns
        self.words.setText("Looking…")

        def work(job: Job) -> Found:
            try:
                return find(
                    examples_of(reader, ids),
                    columns,
                    search,
                    on_progress=lambda done: job.report(done, len(ids)),
                    should_stop=job.stopped,
                )
            finally:
                reader.close()

        self._job = self._context.run("", work, on_done=self._done, on_error=self._failed)
        self._job.on_cancel(reader.interrupt)

    def _done(self, found: Found) -> None:
        self._job = None
        self._show_found(found)

    def _failed(self, error: BaseException) -> None:
        self._job = None
        self._show_found(Found())
        if isinstance(error, AnchorLabError):
            if not isinstance(error, Cancelled):
                self.words.setText(str(error))
        else:
            self._context.messages.error(error)

    def _show_found(self, found: Found) -> None:
        self._cells = len(found.cells)
        self.words.setText(_said(found, bool(self.pattern.text())))
        self.preview.setRowCount(len(found.samples))
        for row, sample in enumerate(found.samples):
            self._show_sample(row, sample)
        self._allow()

    def _show_sample(self, row: int, sample: Sample) -> None:
        texts = (f"{sample.number:,}", sample.column, sample.before, sample.after)
        start = max(0, sample.found[0][0] - _BEFORE)
        for place, text in enumerate(texts):
            item = QTableWidgetItem()
            if place >= 2:
                marks = sample.found if place == 2 else sample.put
                item.setData(MARKS, (start, marks))
            item.setText(text[:2000])
            self.preview.setItem(row, place, item)

    def _allow(self) -> None:
        self.apply.setEnabled(self._cells > 0 and self._context.editable and not self.busy)

    # -- doing --------------------------------------------------------------------------------------------------

    def _apply(self) -> None:
        """Look again while nobody else can edit, and change what is found."""
        self._stop()
        search, columns = self.search(), self._info.columns
        ids = self._scopes[self.scope.currentText()]()
        made: list[Found] = []

        def work(project: Project) -> Change | None:
            found = find(examples_of(project, ids), columns, search, samples=0, should_stop=project.stopped)
            made.append(found)
            if not found.cells:
                return None
            return project.set_cells(found.cells, f"Replace “{brief(search.pattern, 24)}”", "label.replace")

        def done(change: Change | None) -> None:
            if change is not None:
                matches, cells = made[0].matches, len(made[0].cells)
                self._context.messages.note(
                    f"Replaced {matches:,} {'match' if matches == 1 else 'matches'} in {cells:,} {'cell' if cells == 1 else 'cells'}.",
                    action="Undo",
                    do=self._context.undo,
                )

        self._context.background.start(f"Replacing “{brief(search.pattern, 24)}”", work, done)

    def done(self, result: int) -> None:
        self._stop()
        super().done(result)


def _said(found: Found, asked: bool) -> str:
    if not asked:
        return "Type what to find. The rows that would change are shown here first."
    if not found.matches:
        return "No match."
    cells = len(found.cells)
    text = f"{found.matches:,} {'match' if found.matches == 1 else 'matches'} in {found.rows:,} {'row' if found.rows == 1 else 'rows'}"
    text += f" · {cells:,} {'cell' if cells == 1 else 'cells'} would change"
    if cells > len(found.samples) > 0:
        text += f" · the first {len(found.samples):,} are shown"
    return text


def _line(name: str, title: str) -> QLineEdit:
    made = QLineEdit()
    made.setObjectName(name)
    made.setAccessibleName(title)
    made.setMaxLength(2000)
    return made


def _tick(name: str, title: str) -> QCheckBox:
    made = QCheckBox(title)
    made.setObjectName(name)
    made.setAccessibleName(title)
    return made


def _preview() -> QTableWidget:
    made = QTableWidget(0, 4)
    made.setObjectName("replace.preview")
    made.setAccessibleName("What would change")
    made.setHorizontalHeaderLabels(["Row", "Column", "Before", "After"])
    made.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    made.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
    made.setShowGrid(False)
    made.setWordWrap(False)
    made.verticalHeader().hide()
    head = made.horizontalHeader()
    head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    for place, width in ((0, 72), (1, 96)):
        head.setSectionResizeMode(place, QHeaderView.ResizeMode.Fixed)
        head.resizeSection(place, width)
    made.setItemDelegateForColumn(2, MarkedText(made, "negative"))
    made.setItemDelegateForColumn(3, MarkedText(made, "positive"))
    return made
