"""Merging another person's copy of the project: choose its folder, see what would happen, take it over as one step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from PySide6.QtWidgets import QDialog, QFileDialog, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.dataset.agreement import merging
from core.dataset.agreement.merging import MergePlan
from core.dataset.agreement.report import Agreement, agreement
from core.dataset.formats import DatasetInfo, Example
from core.errors import Cancelled, ProjectProblem
from core.project import Change, Project, Reader
from core.project.edits import Compound, Edit, InsertExamples, SetCells
from core.project.passes import Judged, Pass, PutPass
from gui.context import Context
from gui.views.label.review.deciding import ORIGIN
from gui.widgets.basic import brief, button, label
from gui.workers.background_edit import AT_ONCE
from gui.workers.job import Job

_LONGEST_NAME = 60


class MergeDialog(QDialog):
    """What there is to take over and to settle. `name` is the person's."""

    def __init__(self, info: DatasetInfo, plan: MergePlan, found: Agreement, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.merge")
        self.setWindowTitle("Merge a copy")
        self.setMinimumWidth(500)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(10)
        layout.addWidget(label("Merge another person’s copy", "title"))
        layout.addWidget(
            label(
                f"Compared with “{brief(info.name, 60)}”, row by row, by their texts.", "secondary", wrap=True
            )
        )
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for place, (count, words) in enumerate(_facts(plan)):
            grid.addWidget(label(f"{count:,}", "value"), place, 0)
            grid.addWidget(label(words, wrap=True), place, 1)
        layout.addLayout(grid)
        if found.n:
            layout.addWidget(label(found.words, "secondary", wrap=True, name="merge.words"))
        line = QHBoxLayout()
        line.addWidget(label("Whose copy it is", "strong"))
        self.name = QLineEdit(plan.name)
        self.name.setObjectName("merge.name")
        self.name.setAccessibleName("Whose copy it is")
        self.name.setMaxLength(_LONGEST_NAME)
        line.addWidget(self.name, 1)
        layout.addLayout(line)
        layout.addWidget(
            label(
                "Taking over is one step that can be undone. What you both judged differently stays yours until you settle it.",
                "caption",
                wrap=True,
            )
        )
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button("Cancel", name="merge.cancel", clicked=self.reject))
        self.merge = button("Merge", kind="primary", name="merge.merge", clicked=self.accept)
        self.merge.setEnabled(not plan.empty)
        self.merge.setDefault(True)
        row.addWidget(self.merge)
        layout.addLayout(row)


def _facts(plan: MergePlan) -> Iterator[tuple[int, str]]:
    yield len(plan.new), "new rows, added at the end"
    yield len(plan.taken), "rows that only they judged: their judgement is taken over"
    yield len(plan.judged) - len(plan.conflicts), "rows that you both judged alike"
    yield len(plan.conflicts), "rows that you judged differently, to be settled one by one"
    if plan.notes:
        yield len(plan.notes), "notes for rows that have none here"
    if plan.undecided:
        yield plan.undecided, "rows that they left unjudged: nothing changes"
    if plan.unreadable:
        yield plan.unreadable, "rows with values that no row can have: left out"


class MergeFlow:
    """`begin` gets the id of the pass that holds both judgements; 0 when no row was judged by both."""

    def __init__(self, context: Context, parent: QWidget, begin: Callable[[int], object]) -> None:
        self._context, self._parent, self._begin = context, parent, begin

    def ask(self, info: DatasetInfo) -> None:
        project = self._context.project
        if project is None or not self._context.editable:
            return
        folder = QFileDialog.getExistingDirectory(
            self._parent, "The other person’s copy of the project", str(project.folder.parent)
        )
        if folder:
            self.compare(info, Path(folder))

    def compare(self, info: DatasetInfo, folder: Path) -> None:
        """Read the copy in the background, then show what would happen."""
        context, project = self._context, self._context.project
        if project is None:
            return
        if folder.resolve() == project.folder.resolve():
            context.messages.note(
                "This is the project that is open.", "Choose the folder of the other person’s copy."
            )
            return
        mine = project.reader()

        def work(job: Job) -> tuple[MergePlan, Agreement]:
            try:
                with Reader(folder) as theirs:
                    plan = _plan(job, info, mine, theirs)
                return plan, agreement(info.format, [(row.mine, row.theirs) for row in plan.judged])
            finally:
                mine.close()

        def done(answer: tuple[MergePlan, Agreement]) -> None:
            if context.project is project:
                self._show(info, *answer)

        context.run("Reading the copy", work, on_done=done)

    def _show(self, info: DatasetInfo, plan: MergePlan, found: Agreement) -> None:
        box = MergeDialog(info, plan, found, self._parent)
        box.accepted.connect(lambda: self._merge(info, plan, box.name.text().strip() or plan.name))
        box.finished.connect(box.deleteLater)
        box.open()

    def _merge(self, info: DatasetInfo, plan: MergePlan, name: str) -> None:
        edits = _edits(info, plan, name)
        label = f"Merge the copy of {brief(name, 40)}"

        def apply(project: Project) -> Change:
            return project.apply(Compound(edits), label, ORIGIN)

        def done(change: Change | None) -> None:
            if change is not None and self._context.project is not None:
                self._said(plan, name)
                self._begin(self._context.project.newest_pass(info.id) if plan.judged else 0)

        if len(plan.new) + len(plan.taken) + len(plan.judged) > AT_ONCE:
            self._context.background.start(f"Merging the copy of {brief(name, 40)}", apply, done)
        else:
            done(self._context.edit(apply))

    def _said(self, plan: MergePlan, name: str) -> None:
        rows, taken = len(plan.new), len(plan.taken)
        parts = [
            f"{rows:,} new row{'' if rows == 1 else 's'}",
            f"{taken:,} judgement{'' if taken == 1 else 's'}",
        ]
        left = len(plan.conflicts)
        self._context.messages.note(
            f"Taken over from {brief(name, 40)}: {' and '.join(parts)}.",
            f"{left:,} disagreement{'' if left == 1 else 's'} to settle."
            if left
            else "There is nothing to settle.",
        )


def _plan(job: Job, info: DatasetInfo, mine: Reader, theirs: Reader) -> MergePlan:
    their_info = _counterpart(info, theirs)
    name = " ".join(theirs.folder.name.split())[:_LONGEST_NAME] or "a copy"
    total = info.rows + their_info.rows
    return merging.plan(
        info,
        _watched(job, mine.rows(info.id), 0, total),
        their_info,
        _watched(job, theirs.rows(their_info.id), info.rows, total),
        name,
    )


def _counterpart(info: DatasetInfo, theirs: Reader) -> DatasetInfo:
    """Their dataset of the same form: the one of the same name, else the only one.

    Raises:
        ProjectProblem: there is none, or there are several.
    """
    fitting = [
        one for one in theirs.datasets() if one.format is info.format and one.negatives == info.negatives
    ]
    named = [one for one in fitting if one.name.casefold() == info.name.casefold()]
    if named or len(fitting) == 1:
        return (named or fitting)[0]
    form = info.format.title.lower()
    if not fitting:
        raise ProjectProblem(
            f"The copy in {theirs.folder} has no dataset of the same form as “{brief(info.name)}” ({form}).",
            "Choose the dataset to merge first, then the copy that was made of this project.",
        )
    raise ProjectProblem(
        f"The copy in {theirs.folder} has several datasets of {form}, none of them called “{brief(info.name)}”.",
        "Give the two datasets the same name.",
    )


def _watched(job: Job, rows: Iterator[Example], start: int, total: int) -> Iterator[Example]:
    for place, row in enumerate(rows, start):
        if place % 256 == 0:
            if job.stopped():
                raise Cancelled
            job.report(place, total)
            time.sleep(0.0002)  # a breath for the window
        yield row


def _edits(info: DatasetInfo, plan: MergePlan, name: str) -> tuple[Edit, ...]:
    edits: list[Edit] = []
    if plan.new:
        source = merging.source(name)
        edits.append(InsertExamples(info.id, tuple(_from(row, source) for row in plan.new)))
    if cells := merging.taken_cells(info, plan):
        edits.append(SetCells(tuple(cells)))
    if plan.judged:
        rows = tuple(Judged(row.id, row.mine, row.theirs) for row in plan.judged)
        made = datetime.now().isoformat(timespec="minutes")
        edits.append(PutPass(Pass(0, info.id, "merge", name, 0, made, rows)))
    return tuple(edits)


def _from(row: Example, source: str) -> Example:
    from dataclasses import replace

    return replace(row, source=source)
