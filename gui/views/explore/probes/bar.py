"""Above the probes: add one, which are shown, from which score texts count as similar, how far the models are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from core.errors import AnchorLabError
from core.project.edits import SetMeta
from core.project.probes import THRESHOLD, threshold_of
from core.training.probe_table import REGRESSED, STATES, Line
from gui.context import Context
from gui.widgets.basic import ElidedLabel, button, label, set_tone
from gui.widgets.choice_box import ChoiceBox
from gui.widgets.spin import inset

Entries = Sequence[tuple[str, str, Callable[[], object]]]  # key, words, act; "": a line between


class ProbeBar(QWidget):
    cancelled = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.add = button("Add", "plus", name="probes.add", tip="Add a probe, or a table of them")
        self.state = ChoiceBox("probes.state", "Which verdict", 12)
        self.search = QLineEdit()
        self.search.setObjectName("probes.search")
        self.search.setAccessibleName("Search the probes")
        self.search.setPlaceholderText("Search")
        self.search.setClearButtonEnabled(True)
        self.threshold = inset(QDoubleSpinBox())
        self.threshold.setObjectName("probes.threshold")
        self.threshold.setAccessibleName("From which score pairs count as similar")
        self.threshold.setToolTip(
            "From which score pairs count as similar, for models without a threshold of their own (Scores)"
        )
        self.threshold.setPrefix("similar from ")
        self.threshold.setSpecialValueText("no threshold")
        self.threshold.setDecimals(2)
        self.threshold.setMaximumWidth(150)
        self.threshold.setSingleStep(0.05)
        self.threshold.setRange(-0.01, 1.0)
        self.threshold.setKeyboardTracking(False)
        self.threshold.valueChanged.connect(lambda _value: self._chosen())
        row.addWidget(self.add)
        row.addWidget(self.state)
        row.addWidget(self.search, 1)
        self.line = row
        column.addLayout(row)
        said = QHBoxLayout()
        said.setSpacing(10)
        self.worse = label("", "strong", name="probes.worse")
        self.words = ElidedLabel("", "caption")
        self.words.setObjectName("probes.words")
        self.progress = QProgressBar()
        self.progress.setObjectName("probes.progress")
        self.progress.setAccessibleName("Embedding the texts")
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(140)
        self.cancel = button("Cancel", kind="link", name="probes.cancel", clicked=self.cancelled.emit)
        said.addWidget(self.worse)
        said.addWidget(self.words, 1)
        said.addWidget(self.progress)
        said.addWidget(self.cancel)
        said.addWidget(self.threshold)
        column.addLayout(said)

    def fill_add(self, entries: Entries) -> None:
        menu = _menu(self.add, "probes.add", entries)
        self.add.setMenu(menu)

    # -- showing --------------------------------------------------------------------------------------------------------

    def show_lines(self, lines: list[Line], about: str, state: str) -> None:
        tallies = tally(lines)
        before = self.state.currentData()
        self.state.blockSignals(True)
        self.state.clear()
        self.state.addItem("Every verdict", "")
        for key, (sign, words) in STATES.items():
            if tallies.counts[key]:
                self.state.addItem(f"{sign}  {words} ({tallies.counts[key]:,})", key)
        self.state.setCurrentIndex(max(0, self.state.findData(before)))
        self.state.blockSignals(False)
        worse = tallies.counts[REGRESSED]
        self.worse.setVisible(bool(worse))
        self.worse.setText(f"{worse:,} got worse")
        set_tone(self.worse, "negative")
        reading, stopped = state == "reading", state == "stopped"
        self.progress.setVisible(reading)
        self.progress.setRange(0, 0)
        self.cancel.setVisible(reading or stopped)
        self.cancel.setText("Cancel" if reading else "Run again")
        self.words.setText(
            "Not run to the end. What is done is kept." if stopped else f"{tallies.words} · {about}"
        )
        self.add.setEnabled(self._context.editable)
        self._show_threshold(any(line.probe.kind == "pair" and line.probe.expectation for line in lines))

    def show_progress(self, done: int, total: int) -> None:
        self.progress.setRange(0, max(1, total))
        self.progress.setValue(done)
        if total:
            self.words.setText(f"Embedding {done:,} of {total:,} texts; the next time is instant")

    def _show_threshold(self, wanted: bool) -> None:
        project = self._context.project
        self.threshold.setVisible(wanted)
        self.threshold.setEnabled(self._context.editable)
        try:
            found = threshold_of(project) if project is not None else None
        except AnchorLabError:
            found = None  # a damaged project: its own message says so
        self.threshold.blockSignals(True)
        self.threshold.setValue(-0.01 if found is None else found)
        self.threshold.blockSignals(False)

    def _chosen(self) -> None:
        value = self.threshold.value()
        said = None if value < 0 else f"{value:.4g}"
        self._context.edit(
            lambda project: project.apply(SetMeta(THRESHOLD, said), "Change the threshold of the probes")
        )


@dataclass(frozen=True)
class Tallies:
    counts: dict[str, int]
    words: str


def tally(lines: Sequence[Line]) -> Tallies:
    counts = {state: sum(line.state == state for line in lines) for state in STATES}
    judged = sum(line.now is not None and line.now.passed is not None for line in lines)
    passed = sum(line.now is not None and line.now.passed is True for line in lines)
    words = (
        f"{passed:,} of {judged:,} pass"
        if judged
        else f"{len(lines):,} probe{'' if len(lines) == 1 else 's'}"
    )
    return Tallies(counts, words)


def _menu(where: QWidget, name: str, entries: Entries) -> QMenu:
    menu = QMenu(where)
    for key, words, act in entries:
        if not key:
            menu.addSeparator()
            continue
        action = menu.addAction(words)
        action.setObjectName(f"{name}.{key}")
        action.triggered.connect(lambda _checked=False, act=act: act())
    return menu
