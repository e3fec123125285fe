"""What a fix will do, shown before it is done."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QButtonGroup, QDialog, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from core.dataset.fix_plan import PREVIEW, Fix, Plan
from core.dataset.issues import Issue
from core.errors import AnchorLabError
from gui.context import Context
from gui.widgets.basic import button, label
from gui.widgets.preview_table import PreviewTable
from gui.workers.job import Job


class FixDialog(QDialog):
    """`plan` is what to carry out once accepted. `make` makes the plan of a fix, on a worker."""

    def __init__(
        self,
        context: Context,
        issue: Issue,
        fixes: tuple[Fix, ...],
        make: Callable[[str, Job], Plan],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.fix")
        self.setWindowTitle("Fix")
        self.resize(700, 600)
        self._context = context
        self._make = make
        self._job: Job | None = None
        self.plan = Plan("")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(8)
        layout.addWidget(label(issue.title, "title", wrap=True))
        layout.addWidget(label(issue.explanation, "secondary", wrap=True))
        layout.addSpacing(4)
        self.choices = QButtonGroup(self)
        self._fixes = fixes
        for number, fix in enumerate(fixes):
            layout.addLayout(self._choice(number, fix, alone=len(fixes) == 1))
        self.summary = label("", "strong", wrap=True, name="fix.summary")
        self.notes = label("", "caption", tone="warning", wrap=True, name="fix.notes")
        self.preview = PreviewTable("fix.preview")
        self.more = label("", "caption", name="fix.more")
        layout.addSpacing(4)
        layout.addWidget(self.summary)
        layout.addWidget(self.notes)
        layout.addWidget(self.preview, 1)
        layout.addWidget(self.more)
        layout.addLayout(self._foot())
        self.choices.idClicked.connect(lambda _number: self._look())
        self.finished.connect(lambda _result: self._stop())
        self._look()

    def _choice(self, number: int, fix: Fix, *, alone: bool) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(0)
        choice = QRadioButton(fix.name)
        choice.setObjectName(f"fix.way.{fix.key}")
        choice.setAccessibleDescription(fix.effect)
        choice.setChecked(number == 0)
        choice.setVisible(not alone)
        self.choices.addButton(choice, number)
        effect = label(fix.effect, "caption", wrap=True)
        effect.setContentsMargins(0 if alone else 26, 0, 0, 0)
        column.addWidget(choice)
        column.addWidget(effect)
        return column

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 8, 0, 0)
        row.addWidget(label("One step: Ctrl+Z takes it back.", "caption"), 1)
        row.addWidget(button("Cancel", name="fix.cancel", clicked=self.reject))
        self.go = button("Fix", kind="primary", name="fix.go", clicked=self.accept)
        self.go.setDefault(True)
        row.addWidget(self.go)
        return row

    # -- the plan ---------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Make the plan of the chosen fix anew."""
        self._stop()
        self.plan = Plan("")
        self.go.setEnabled(False)
        self.summary.setText("Looking at what would change…")
        key = self._fixes[max(self.choices.checkedId(), 0)].key
        self._job = self._context.run(
            "", lambda job: self._make(key, job), on_done=self._show, on_error=self._failed
        )

    def _stop(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _show(self, plan: Plan) -> None:
        self._job = None
        self.plan = plan
        self.summary.setText(_summary(plan))
        self.notes.setText(" ".join(plan.notes))
        self.notes.setVisible(bool(plan.notes))
        self.preview.show_lines(plan.lines)
        total = len(plan.delete) + len(plan.cells)
        self.more.setText(f"The first {PREVIEW} of {total:,} are shown." if total > len(plan.lines) else "")
        self.more.setVisible(bool(self.more.text()))
        self.go.setText(plan.name if plan else "Nothing to do")
        self.go.setAccessibleName(self.go.text())
        self.go.setEnabled(bool(plan))
        if plan:
            self.go.setFocus()

    def _failed(self, error: BaseException) -> None:
        self._job = None
        words = str(error) if isinstance(error, AnchorLabError) else "This could not be worked out."
        self.summary.setText(words)
        if not isinstance(error, AnchorLabError):
            self._context.messages.error(error)


def _summary(plan: Plan) -> str:
    if not plan:
        return "Nothing would change."
    parts = []
    if plan.delete:
        parts.append(f"{'1 row is' if len(plan.delete) == 1 else f'{len(plan.delete):,} rows are'} deleted")
    if plan.cells:
        parts.append(f"{'1 cell changes' if len(plan.cells) == 1 else f'{len(plan.cells):,} cells change'}")
    return f"{' and '.join(parts)}.".capitalize() if len(parts) > 1 else f"{parts[0]}."
