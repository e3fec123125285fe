"""Confirm what the columns of a file mean, see what comes out, import with progress."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.dataset.formats import Format, columns
from core.dataset.importing import ImportResult, Inspection, Mapping, read
from gui.context import Context
from gui.widgets.basic import button, label, set_tone
from gui.workers.job import Job

_PREVIEW_ROWS = 8


class ImportDialog(QDialog):
    finished_import = Signal(object)  # ImportResult

    def __init__(self, context: Context, inspection: Inspection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.import")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Import a file")
        self.resize(760, 560)
        self._context = context
        self._inspection = inspection
        self._job: Job | None = None
        guess = inspection.mapping
        self._negatives = 1
        if guess is not None and guess.format is Format.TRIPLETS:
            self._negatives = max(1, sum(1 for key in guess.columns if key.startswith("negative")))

        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(8)
        layout.addWidget(label(inspection.path.name, "title"))
        layout.addWidget(label(self._described(), "caption"))
        layout.addSpacing(4)
        form = QFormLayout()
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(8)
        self._form = form
        self.format = QComboBox()
        self.format.setObjectName("import.format")
        self.format.setAccessibleName("What the rows are")
        for item in Format:
            self.format.addItem(item.title, item.value)
        if guess is not None:
            self.format.setCurrentIndex(list(Format).index(guess.format))
        form.addRow(label("Rows are"), self.format)
        layout.addLayout(form)
        self._choices: dict[str, QComboBox] = {}
        self.problem = label("", tone="error", wrap=True, name="import.problem")
        layout.addWidget(self.problem)
        layout.addWidget(label("First rows of the file", "strong"))
        self.preview = QTableWidget()
        self.preview.setObjectName("import.preview")
        self.preview.setAccessibleName("First rows of the file")
        self.preview.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.preview.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.preview.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.preview.verticalHeader().hide()
        self.preview.setShowGrid(False)
        self.preview.setWordWrap(False)
        layout.addWidget(self.preview, 1)
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Import progress")
        self.bar.setTextVisible(False)
        self.bar.hide()
        layout.addWidget(self.bar)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button("Cancel", name="import.cancel", clicked=self.reject))
        self.accept_button = button("Import", kind="primary", name="import.accept", clicked=self._start)
        self.accept_button.setDefault(True)
        row.addWidget(self.accept_button)
        layout.addLayout(row)
        self.format.currentIndexChanged.connect(self._fill_roles)
        self._fill_roles()

    def _described(self) -> str:
        item = self._inspection
        parts = [item.kind.upper()]
        if item.encoding:
            parts.append(item.encoding)
        if item.delimiter:
            names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
            parts.append(f"separated by {names.get(item.delimiter, item.delimiter)}")
        if not item.header:
            parts.append("no header line")
        return " · ".join(parts)

    @property
    def chosen_format(self) -> Format:
        return Format(str(self.format.currentData()))

    def mapping(self) -> Mapping:
        """The roles as they are chosen now."""
        chosen = {key: str(box.currentData()) for key, box in self._choices.items() if box.currentData()}
        guess = self._inspection.mapping
        if guess is not None and "split" in guess.columns:
            chosen["split"] = guess.columns["split"]
        keep_scale = guess is not None and guess.columns.get("score") == chosen.get("score")
        return Mapping(self.chosen_format, chosen, guess.scale if guess is not None and keep_scale else None)

    def _fill_roles(self) -> None:
        while self._form.rowCount() > 1:
            self._form.removeRow(1)
        self._choices = {}
        guess = self._inspection.mapping
        fits = guess is not None and guess.format is self.chosen_format
        free = list(self._inspection.columns)
        for position, column in enumerate(columns(self.chosen_format, self._negatives)):
            box = QComboBox()
            box.setObjectName(f"import.role.{column.key}")
            box.setAccessibleName(f"Column for {column.title}")
            box.addItem("(choose a column)", "")
            for name in self._inspection.columns:
                box.addItem(" ".join(name.split())[:60] or "(no name)", name)
            wanted = guess.columns.get(column.key, "") if fits and guess is not None else ""
            if not wanted and not fits and position < len(free):
                wanted = free[position]
            box.setCurrentIndex(max(0, box.findData(wanted)))
            box.currentIndexChanged.connect(self._judge)
            self._form.addRow(label(column.title), box)
            self._choices[column.key] = box
        self._judge()

    def _judge(self) -> None:
        chosen = [str(box.currentData()) for box in self._choices.values()]
        problem = ""
        if not all(chosen):
            problem = "Choose a column for every role."
        elif len(set(chosen)) < len(chosen):
            problem = "One column cannot have two roles."
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.accept_button.setEnabled(not problem)
        self._show_preview({name: key for key, name in zip(self._choices, chosen, strict=True) if name})

    def _show_preview(self, roles: dict[str, str]) -> None:
        titles = {column.key: column.title for column in columns(self.chosen_format, self._negatives)}
        table, item = self.preview, self._inspection
        table.setColumnCount(len(item.columns))
        rows = item.preview[:_PREVIEW_ROWS]
        table.setRowCount(len(rows))
        for position, name in enumerate(item.columns):
            role = titles.get(roles.get(name, ""), "")
            head = QTableWidgetItem(f"{role} ← {name}" if role else name)
            table.setHorizontalHeaderItem(position, head)
        for number, row in enumerate(rows):
            for position, text in enumerate(row[: len(item.columns)]):
                table.setItem(number, position, QTableWidgetItem(" ".join(text[:200].split())))
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(
            QHeaderView.ResizeMode.Stretch if len(item.columns) <= 4 else QHeaderView.ResizeMode.Interactive
        )

    def _start(self) -> None:
        mapping, path = self.mapping(), self._inspection.path
        self._set_busy(True)
        self.bar.setRange(0, 0)
        self.bar.show()

        def work(job: Job) -> ImportResult:
            return read(path, mapping, on_progress=job.report, should_stop=job.stopped)

        self._job = self._context.run(
            f"Importing {path.name}",
            work,
            on_done=self._done,
            on_error=self.fail,
            on_progress=self.progress,
        )

    def _set_busy(self, on: bool) -> None:
        for part in (self.format, *self._choices.values(), self.accept_button):
            part.setEnabled(not on)

    def follow(self, job: Job) -> None:
        """Stay in front, and cancellable, until `job` has saved what was read."""
        self._job = job
        self.bar.setRange(0, 0)

    def progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, 1000 if total else 0)
        if total:
            self.bar.setValue(round(1000 * done / total))

    def _done(self, result: ImportResult) -> None:
        self._job = None
        if not result.examples:
            reasons = "; ".join(f"line {item.line}: {item.reason}" for item in result.rejected[:3])
            self._say(f"No row could be read with these roles. {reasons}")
            return
        self.finished_import.emit(result)  # whoever takes it closes the dialog

    def fail(self, error: BaseException) -> None:
        self._job = None
        self._say(str(error))

    def _say(self, words: str) -> None:
        self.bar.hide()
        self.problem.setText(words)
        set_tone(self.problem, "error")
        self.problem.show()
        self._set_busy(False)

    def reject(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None
        super().reject()
