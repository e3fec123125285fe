"""The export dialog."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.dataset.exporting import Exported, Kind, Survey, export, possible_files, survey
from core.dataset.formats import DatasetInfo
from core.errors import AnchorLabError
from gui.context import Context
from gui.dialogs.confirm import confirm
from gui.dialogs.export.form import ExportForm
from gui.dialogs.export.preview import ExportPreview
from gui.dialogs.export.scopes import Scope
from gui.widgets.basic import button, label
from gui.widgets.messages import Message
from gui.workers.job import Job

_LEAST = QSize(960, 590)


class ExportDialog(QDialog):
    """`exported` carries the place that was written to."""

    exported = Signal(object)  # Path

    def __init__(
        self,
        context: Context,
        info: DatasetInfo,
        scopes: list[Scope],
        place: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.export")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Export")
        room = parent.window().size() if parent is not None else _LEAST
        self.resize(
            max(_LEAST.width(), min(1080, room.width() - 40)),
            max(_LEAST.height(), min(700, room.height() - 40)),
        )
        self._context = context
        self._info = info
        self._found: Survey | None = None
        self._counting: Job | None = None
        self._writing: Job | None = None
        self.form = ExportForm(info.name, scopes, place)
        self.preview = ExportPreview()
        self._lay_out()
        self.form.changed.connect(self._count)
        self.form.adjusted.connect(self._show)
        context.project_closing.connect(self.reject)
        self.form.kind.setFocus(Qt.FocusReason.OtherFocusReason)
        self._count()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(label(f"Export {self._info.name}", "title"))
        head.addStretch(1)
        head.addWidget(label(self._info.format.title, "secondary"))
        layout.addLayout(head)
        middle = QHBoxLayout()
        middle.setSpacing(24)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFixedWidth(352)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        holder = QWidget()
        holder.setObjectName("scrolled")
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(2, 2, 12, 2)
        inside.addWidget(self.form)
        scroll.setWidget(holder)
        middle.addWidget(scroll)
        middle.addWidget(self.preview, 1)
        layout.addLayout(middle, 1)
        layout.addWidget(self.form.place)
        self.problem = label("", tone="error", wrap=True, name="export.problem")
        self.problem.hide()
        layout.addWidget(self.problem)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.bar = QProgressBar()
        self.bar.setObjectName("export.bar")
        self.bar.setAccessibleName("Progress of the export")
        self.bar.setTextVisible(False)
        self.left = label("", "caption", name="export.left")
        row.addWidget(self.bar, 1)
        row.addWidget(self.left)
        row.addStretch(1)
        self.bar.hide()
        self.cancel = button("Cancel", name="export.cancel", clicked=self.reject)
        self.accept_button = button("Export", kind="primary", name="export.accept", clicked=self._start)
        self.accept_button.setDefault(True)
        row.addWidget(self.cancel)
        row.addWidget(self.accept_button)
        layout.addLayout(row)

    # -- what would be written ------------------------------------------------------------------------------------

    def _count(self) -> None:
        """Go through the rows that are meant, in the background."""
        if self._counting is not None:
            self._counting.cancel()
        project, info, scope = self._context.project, self._info, self.form.chosen_scope
        if project is None:
            return
        training = self.form.training.isChecked()
        self._found = None
        self.preview.show_waiting()
        self._judge()
        reader_of = project.reader

        def work(job: Job) -> Survey:
            with reader_of() as reader:
                return survey(info, scope.rows(reader, info), training, should_stop=job.stopped)

        self._counting = self._context.run("", work, on_done=self._counted, on_error=self._fail)

    def _counted(self, found: Survey) -> None:
        self._counting = None
        self._found = found
        self.form.set_splits(len(found.splits))
        self._show()

    def _show(self) -> None:
        self.problem.hide()
        if self._found is not None:
            self.preview.show_survey(self._info, self.form.choices(), self._found, self.form.target)
        self._judge()

    def _judge(self) -> None:
        found, ready = self._found, self._writing is None
        held = found is not None and found.rows > 0
        if found is not None and self.form.chosen_kind is Kind.XLSX and found.too_long:
            held = False
        self.accept_button.setEnabled(ready and held and self.form.target is not None)

    # -- writing --------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        target, project = self.form.target, self._context.project
        if target is None or project is None or self._found is None or self._writing is not None:
            return
        choices = self.form.choices()
        if not self._may_write(target, possible_files(target, choices, self._found.splits or ("",))):
            return
        info, scope, reader_of = self._info, self.form.chosen_scope, project.reader
        self._set_busy(True)

        def work(job: Job) -> Exported:
            with reader_of() as reader, reader.snapshot():
                return export(
                    target,
                    info,
                    scope.rows(reader, info),
                    choices,
                    total=scope.count,
                    on_progress=job.report,
                    should_stop=job.stopped,
                )

        self._writing = self._context.run(
            f"Exporting {info.name}",
            work,
            on_done=lambda made: self._done(target, made),
            on_error=self._fail,
            on_progress=self._progress,
        )

    def _may_write(self, target: Path, files: list[Path]) -> bool:
        """Nothing is replaced without asking; a folder that holds something is never replaced."""
        try:
            there = [file for file in files if file.exists()]
            blocked = [file for file in there if file.is_dir()]
            if blocked and not (self.form.chosen_kind is Kind.FOLDER and not any(target.iterdir())):
                self._say(f"{target} exists already and is not empty. Choose a new name.")
                return False
        except OSError as error:
            self._say(f"Cannot look at {target}: {error.strerror or error}. Choose another place.")
            return False
        if not there or self.form.chosen_kind is Kind.FOLDER:
            return True
        names = ", ".join(file.name for file in there)
        one = len(there) == 1
        return confirm(
            self,
            f"Replace {names}?" if one else f"Replace {len(there)} files?",
            f"{'It is' if one else f'{names} are'} already in {target.parent}.",
            "Replace",
            danger=True,
        )

    def _set_busy(self, on: bool) -> None:
        self.form.setEnabled(not on)
        self.form.place.setEnabled(not on)
        self.bar.setVisible(on)
        self.bar.setRange(0, 0)
        self.left.setText("")
        self.problem.hide()
        self._judge()
        self.accept_button.setEnabled(self.accept_button.isEnabled() and not on)

    def _progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, 1000 if total else 0)
        if total:
            self.bar.setValue(round(1000 * done / total))
        left = self._writing.seconds_left() if self._writing is not None else None
        words = f"{done:,} of {total:,} rows"
        self.left.setText(words if left is None else f"{words} · {max(1, round(left))} s left")

    def _done(self, target: Path, made: Exported) -> None:
        self._writing = None
        missing = sum(made.left_out.values())
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in made.left_out.items())
        place = target if self.form.chosen_kind is Kind.FOLDER else target.parent
        self._context.messages.post(
            Message(
                f"Exported {made.rows:,} example{'' if made.rows == 1 else 's'} to {target}.",
                f"{missing:,} left out: {reasons}." if missing else "",
                "positive",
                action="Open folder",
                do=lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(place))),
            )
        )
        self.exported.emit(target)
        self.accept()

    def _fail(self, error: BaseException) -> None:
        self._writing = None
        self._set_busy(False)
        if isinstance(error, AnchorLabError):
            self._say(str(error))
        else:
            self._context.messages.error(error)
            self.reject()

    def _say(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.show()

    def done(self, result: int) -> None:
        for job in (self._counting, self._writing):
            if job is not None:
                job.cancel()
        self._counting = self._writing = None
        super().done(result)
