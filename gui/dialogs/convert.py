"""A dataset in another format: options, what comes out, what is left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

from core.dataset.converting import EXPLAINED, TARGETS, Options, convert, uses
from core.dataset.formats import MAX_NEGATIVES, DatasetInfo, Example, Format, columns
from core.errors import Cancelled
from core.project import Change, Project, Reader, reshaping
from gui.context import Context
from gui.dialogs.convert_mining import ConvertMining
from gui.dialogs.reshape import PREVIEWED, ReshapeDialog
from gui.widgets.basic import label
from gui.widgets.spin import inset
from gui.workers.job import Job


@dataclass(frozen=True)
class Outlook:
    rows: tuple[Example, ...]
    made: int
    left_out: Counter[str]


class ConvertDialog(ReshapeDialog):
    def __init__(self, context: Context, info: DatasetInfo, parent: QWidget | None = None) -> None:
        super().__init__(context, "convert", f"Convert “{info.name[:60]}”", "Make the dataset", parent)
        self._info = info
        self._outlook: Outlook | None = None
        self.target = QComboBox()
        self.target.setObjectName("convert.target")
        self.target.setAccessibleName("New format")
        for format in TARGETS[info.format]:
            self.target.addItem(format.title, format.value)
        self.name = QLineEdit()
        self.name.setObjectName("convert.name")
        self.name.setAccessibleName("Name of the new dataset")
        self.name.setMaxLength(120)
        scale = info.scale
        self.threshold = _number("convert.threshold", "Positive from", scale.low, scale.high)
        self.threshold.setValue(scale.from_unit(0.5))
        self.low = _number("convert.low", "Negative up to", scale.low, scale.high)
        self.low.setValue(scale.from_unit(0.25))
        self.negatives = inset(QSpinBox())
        self.negatives.setObjectName("convert.negatives")
        self.negatives.setAccessibleName("Negatives for each row")
        self.negatives.setRange(1, MAX_NEGATIVES)
        self.negatives.setFixedWidth(120)
        self.negatives.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.source = QComboBox()
        self.source.setObjectName("convert.source")
        self.source.setAccessibleName("Where the negatives come from")
        self.source.addItem("Other anchors' positives, at random", "random")
        self.source.addItem("Hard negatives that the model finds", "mined")
        self.mining = ConvertMining(context, info, self)
        self.mining.told.connect(self.say)
        self.mining.ended.connect(self.ask)
        self.mining.failed.connect(self._failed)
        self.explained = label("", "caption", wrap=True)
        self.form.addRow(label("New format"), self.target)
        self.form.addRow(label(""), self.explained)
        for title, box in (
            ("Positive from a score of", self.threshold),
            ("Negative up to a score of", self.low),
            ("Negatives for each row", self.negatives),
            ("Negatives come from", self.source),
        ):
            self.form.addRow(label(title), box)
        self.form.addRow(label("Name"), self.name)
        self.target.currentIndexChanged.connect(self._target_chosen)
        for number in (self.threshold, self.low, self.negatives):
            number.valueChanged.connect(self.ask)
        self.source.currentIndexChanged.connect(self.ask)
        self._target_chosen()

    @property
    def mines(self) -> bool:
        """Whether the negatives are to be those that the model finds."""
        pair = self._info.format is Format.PAIRS and self.format is Format.TRIPLETS
        return pair and self.source.currentData() == "mined"

    @property
    def format(self) -> Format:
        return Format(str(self.target.currentData()))

    def options(self) -> Options:
        scale = self._info.scale
        return Options(
            scale.to_unit(self.threshold.value()), scale.to_unit(self.low.value()), self.negatives.value()
        )

    def _target_chosen(self) -> None:
        used = uses(self._info.format, self.format)
        for key, box in (("threshold", self.threshold), ("low", self.low), ("negatives", self.negatives)):
            self.form.setRowVisible(box, key in used)
        self.form.setRowVisible(
            self.source, self._info.format is Format.PAIRS and self.format is Format.TRIPLETS
        )
        self.explained.setText(EXPLAINED[self._info.format, self.format])
        self.name.setText(f"{self._info.name} – {self.format.title.lower()}")
        self.ask()

    def question(self) -> Callable[[Reader, Job], Outlook] | None:
        info, target, options = self._info, self.format, self.options()
        if not self.mines:
            self.mining.cancel()
        elif not self.mining.ready(options.negatives):
            self.mining.look(options.negatives)
            return None
        mined = dict(self.mining.found) if self.mines else None

        def look(reader: Reader, job: Job) -> Outlook:
            outcome = convert(reader.rows(info.id), info, target, options, mined)
            shown: list[Example] = []
            for number, row in enumerate(outcome.rows):
                if len(shown) < PREVIEWED:
                    shown.append(row)
                if number % 500 == 0 and job.stopped():
                    raise Cancelled
            return Outlook(tuple(shown), outcome.made, outcome.left_out)

        return look

    def show_answer(self, answer: Outlook) -> None:
        self._outlook = answer
        shown = columns(self.format, self.negatives.value())
        self.fill(
            [column.title for column in shown],
            [[_cell(row, column.slot) for column in shown] for row in answer.rows],
        )
        self.do.setEnabled(self.do.isEnabled() and answer.made > 0)
        rows = "row" if answer.made == 1 else "rows"
        parts = [f"{answer.made:,} {rows} will be made of {self._info.rows:,}."]
        if answer.left_out:
            reasons = ", ".join(f"{count:,} ({reason})" for reason, count in answer.left_out.most_common())
            parts.append(f"Left out: {reasons}.")
        if self.mines:
            parts.append("Where the model finds none between its bounds, the negative is chosen at random.")
        parts.append("The dataset itself stays as it is.")
        self.say(" ".join(parts))

    def work(self) -> tuple[str, Callable[[Project], Change | None]]:
        info, target, options, name = self._info, self.format, self.options(), self.name.text()
        mined = dict(self.mining.found) if self.mines else None

        def make(project: Project) -> Change:
            outcome = convert(project.rows(info.id), info, target, options, mined)
            negatives = options.negatives if target is Format.TRIPLETS else 1
            return reshaping.create(project, name, target, negatives, outcome.rows, f"Convert {info.name}")

        return f"Converting {info.name[:60]}", make

    def done(self, result: int) -> None:
        self.mining.cancel()
        super().done(result)


def _cell(row: Example, slot: int) -> str:
    return row.texts[slot] if slot >= 0 else row.raw_score


def _number(name: str, title: str, low: float, high: float) -> QDoubleSpinBox:
    made = inset(QDoubleSpinBox())
    made.setObjectName(name)
    made.setAccessibleName(title)
    low, high = sorted((low, high))
    made.setRange(low, high)
    made.setDecimals(2)
    made.setSingleStep((high - low) / 20)
    made.setFixedWidth(120)
    made.setAlignment(Qt.AlignmentFlag.AlignRight)
    return made
