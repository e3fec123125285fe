"""A second pass: some judged rows again, without their first judgement, to see how far one agrees with oneself."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from datetime import datetime

from PySide6.QtWidgets import QDialog, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from core.dataset.agreement.judgements import SKIPPED, judgement
from core.dataset.agreement.ordering import shuffled
from core.dataset.formats import DatasetInfo, Format
from core.project import Change, Project, Reader, View
from core.project.passes import Judged, Pass, PutPass
from gui.context import Context
from gui.views.label.review.deciding import ORIGIN
from gui.widgets.basic import button, label
from gui.widgets.spin import inset
from gui.workers.job import Job

USUAL = 50
MOST = 2000
_AT_ONCE = 500


class SecondPassDialog(QDialog):
    """How many rows. `resumed`: go on with the one that was begun instead."""

    def __init__(self, judged: int, begun: Pass | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.second_pass")
        self.setWindowTitle("Second pass")
        self.setMinimumWidth(460)
        self.resumed = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(10)
        layout.addWidget(label("Second pass over a blind sample", "title"))
        layout.addWidget(
            label(
                f"{judged:,} rows of this view are judged. Some of them come again in a random order, without what you said the "
                "first time. How far the two agree tells how far the labels, and any model taught by them, can be trusted.",
                "secondary",
                wrap=True,
            )
        )
        layout.addWidget(
            label(
                "The first judgements stay as they are until you settle a disagreement.",
                "secondary",
                wrap=True,
            )
        )
        line = QHBoxLayout()
        line.addWidget(label("Rows to judge again", "strong"))
        line.addStretch(1)
        self.amount = inset(QSpinBox())
        self.amount.setObjectName("second_pass.size")
        self.amount.setAccessibleName("Rows to judge again")
        self.amount.setRange(1, max(min(judged, MOST), 1))
        self.amount.setValue(min(USUAL, judged))
        self.amount.setFixedWidth(96)
        line.addWidget(self.amount)
        layout.addLayout(line)
        layout.addSpacing(8)
        row = QHBoxLayout()
        if begun is not None:
            words = f"Go on with the one begun ({begun.judged:,} of {len(begun.rows):,})"
            row.addWidget(button(words, name="second_pass.resume", clicked=self._resume))
        row.addStretch(1)
        row.addWidget(button("Cancel", name="second_pass.cancel", clicked=self.reject))
        start = button("Start", kind="primary", name="second_pass.start", clicked=self.accept)
        start.setDefault(True)
        row.addWidget(start)
        layout.addLayout(row)

    def _resume(self) -> None:
        self.resumed = True
        self.accept()


class SecondPass:
    """Asks for the size, draws the sample, stores it; `begin` gets the pass."""

    def __init__(self, context: Context, parent: QWidget, begin: Callable[[Pass], object]) -> None:
        self._context, self._parent, self._begin = context, parent, begin

    def ask(self, info: DatasetInfo, listed: array[int]) -> None:
        """Over the rows of a view."""
        project = self._context.project
        if project is None or not self._context.editable:
            return
        reader = project.reader()
        rows = array("q", listed)

        def work(job: Job) -> array[int]:
            try:
                judged = judged_ids(reader, info)
                return array("q", (id for id in rows if id in judged))
            finally:
                reader.close()

        def found(judged: array[int]) -> None:
            if self._context.project is project:
                self._open(info, judged)

        self._context.run("", work, on_done=found).on_cancel(reader.interrupt)

    def _open(self, info: DatasetInfo, judged: array[int]) -> None:
        project = self._context.project
        if project is None:
            return
        if not judged:
            self._context.messages.note(
                "No row of this view is judged yet.", "Judge some rows first; then a second pass can compare."
            )
            return
        begun = next(
            (one for one in project.passes(info.id) if one.kind == "blind" and one.judged < len(one.rows)),
            None,
        )
        box = SecondPassDialog(len(judged), begun, self._parent)

        def accepted() -> None:
            if box.resumed and begun is not None:
                self._begin(begun)
            else:
                self._draw(info, judged, box.amount.value())

        box.accepted.connect(accepted)
        box.finished.connect(box.deleteLater)
        box.open()

    def _draw(self, info: DatasetInfo, judged: array[int], size: int) -> None:
        """Store the sample with the first judgements, as one step."""

        def apply(project: Project) -> Change:
            known = project.passes(info.id)
            seed = 1 + max((one.seed for one in known), default=0)
            order = shuffled(judged, seed)[:size]
            rows = []
            for start in range(0, len(order), _AT_ONCE):
                for example in project.examples(order[start : start + _AT_ONCE]):
                    rows.append(Judged(example.id, judgement(info.format, example)))
            made = datetime.now().isoformat(timespec="minutes")
            value = Pass(0, info.id, "blind", "", seed, made, tuple(rows))
            return project.apply(PutPass(value), f"Start a second pass over {len(rows):,} rows", ORIGIN)

        if self._context.edit(apply) is not None and self._context.project is not None:
            self._begin(self._context.project.passes(info.id)[0])


def judged_ids(reader: Reader, info: DatasetInfo) -> set[int]:
    """The rows that hold a judgement which a second one can be compared with."""
    found = {id for name in ("accepted", "rejected") for id in reader.ids(info.id, View(filter=name))}
    if info.format is Format.SCORED:
        open_ids = {id for name in ("unlabelled", SKIPPED) for id in reader.ids(info.id, View(filter=name))}
        found |= {id for id in reader.ids(info.id) if id not in open_ids}
    return found
