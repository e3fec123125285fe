"""Curves of any runs over one another: what is drawn, against what, how smooth, and its numbers to take away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSlider, QWidget

from gui.context import Context
from gui.views.runs.curves import HOLDOUT, RunCurves
from gui.widgets.basic import Card, button, label, tool_button
from gui.widgets.chart_menu import ChartMenu, Table
from gui.widgets.choice_box import ChoiceBox
from gui.widgets.legend import Entry, Legend
from gui.widgets.loss_plot import AXES, QUANTITIES
from gui.widgets.plot import Plot, curve, line
from gui.widgets.series import Series
from gui.workers.job import Job

_NONE = "Select a run to see its curve, two or more to compare them."
_NOTHING = "There is nothing to draw: no such figure was written down."
_FEW = 3  # runs whose noise is drawn pixel by pixel
_AT_ONCE = 300_000  # points that are smoothed without the window noticing


@dataclass(frozen=True)
class Drawn:
    """One run of the chart."""

    title: str
    colour: str
    curves: RunCurves
    dashed: bool = False


class Overlay(Card):
    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._context = context
        self._runs: list[Drawn] = []
        self._job: Job | None = None
        self._all = 0
        self.curves = 0  # how many runs have something to draw
        self.body.addLayout(self.head)
        self.quantity = ChoiceBox("runs.quantity", "What to draw", 9)
        self.axis = ChoiceBox("runs.axis", "Against what", 9)
        for key, (words, _) in AXES.items():
            self.axis.addItem(f"by {words.lower()}", key)
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.smoothing.setObjectName("runs.smoothing")
        self.smoothing.setAccessibleName("Smoothing")
        self.smoothing.setToolTip("Smoothing of the firm lines; the faint ones are every step")
        self.smoothing.setRange(0, 99)
        self.smoothing.setMinimumWidth(64)
        self.smoothing.setMaximumWidth(96)
        self.smoothing.setValue(round(100 * context.settings.smoothing))
        self.log = button("log", kind="plain", name="runs.log")
        self.log.setCheckable(True)
        self.log.setToolTip("Logarithmic axis")
        whole = tool_button("retry", "Show everything", name="runs.whole", clicked=self._show_whole)
        self.plot = Plot()
        self.plot.setObjectName("runs.plot")
        self.more = ChartMenu(
            context.messages, self, self.table, name="runs.more", title="Runs", run=context.run
        )
        self._word = label("Smoothing", "caption")
        self._word.setMinimumWidth(1)  # shown in a wide card, it must not keep the card wide
        for box in (self.quantity, self.axis):
            box.setMinimumWidth(96)
        self.head.addWidget(self.quantity)
        self.head.addWidget(self.axis)
        self.head.addStretch(1)
        for part in (self._word, self.smoothing, self.log, whole, self.more.button):
            self.head.addWidget(part)
        self.legend = Legend()
        self.left_out = label("", "caption", name="runs.left_out")
        self.hint = label(_NONE, "secondary", wrap=True)
        self.body.addWidget(self.legend)
        self.body.addWidget(self.left_out)
        self.body.addWidget(self.plot, 1)
        self.body.addWidget(self.hint, 1)
        self._offer(QUANTITIES | {HOLDOUT: "Hold-out metric"})
        self.quantity.activated.connect(lambda _place: self._chosen())
        self.axis.activated.connect(lambda _place: self._chosen())
        self.smoothing.valueChanged.connect(lambda _value: self._draw())
        self.log.toggled.connect(self._set_log)
        self._chosen()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._word.setVisible(self.width() >= 720)  # the slider says it in its tool tip too

    # -- what to draw -------------------------------------------------------------------------------------------

    def show_runs(self, runs: Sequence[Drawn], *, of: int = 0) -> None:
        """`of`: how many were selected, where that is more than are drawn."""
        fresh = [run.title for run in runs] != [run.title for run in self._runs]
        self._runs, self._all = list(runs), max(of, len(runs))
        names = dict.fromkeys(name for run in runs for name in run.curves.points if name != HOLDOUT)
        metrics = {name: name.replace("_", " ") for name in names}
        self._offer(QUANTITIES | {HOLDOUT: "Hold-out metric"} | metrics)
        self._draw(fresh)

    def _offer(self, choices: dict[str, str]) -> None:
        """The quantities of the runs that are shown; the chosen one stays chosen while it exists."""
        if choices == {
            self.quantity.itemData(n): self.quantity.itemText(n) for n in range(self.quantity.count())
        }:
            return
        chosen = self.quantity.currentData()
        self.quantity.clear()
        for key, words in choices.items():
            self.quantity.addItem(words, key)
        self.quantity.setCurrentIndex(max(0, self.quantity.findData(chosen)))

    def choose(self, quantity: str, axis: str = "step") -> None:
        """Draw `quantity` (loss, learning_rate, grad_norm, holdout or a metric's name) by step, epoch or time."""
        self.quantity.setCurrentIndex(max(0, self.quantity.findData(quantity)))
        self.axis.setCurrentIndex(max(0, self.axis.findData(axis)))
        self._chosen()

    def _chosen(self) -> None:
        self.plot.set_whole_ticks(self.axis.currentData() == "step")
        self.plot.setAccessibleName(f"{self.quantity.currentText()} {self.axis.currentText()}")
        self._draw(True)

    def _set_log(self, on: bool) -> None:
        self.plot.getPlotItem().setLogMode(x=False, y=on)
        self._draw(True)

    def _show_whole(self) -> None:
        self.plot.getPlotItem().enableAutoRange()

    # -- drawing ------------------------------------------------------------------------------------------------

    def _draw(self, fresh: bool = False) -> None:
        """`fresh`: something else than before, so whatever was zoomed into is gone."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
        quantity, axis = self.quantity.currentData(), self.axis.currentData()
        steps = quantity in QUANTITIES
        smoothing = 0.0 if quantity == "learning_rate" else self.smoothing.value() / 100
        for part in (self._word, self.smoothing):
            part.setEnabled(steps and quantity != "learning_rate")
        runs = list(self._runs)

        def prepare() -> list[Series]:
            return [_series(run.curves, quantity, axis, smoothing if steps else 0.0) for run in runs]

        if steps and sum(len(run.curves.steps) for run in runs) > _AT_ONCE:
            self._job = self._context.run(
                "", lambda _job: prepare(), on_done=lambda made: self._show(made, steps, fresh)
            )
        else:
            self._show(prepare(), steps, fresh)

    def _show(self, made: list[Series], steps: bool, fresh: bool) -> None:
        self._job = None
        self.plot.clear()
        self.curves = 0
        for run, series in zip(self._runs, made, strict=True):
            if series.count:
                self.curves += 1
                self._line(run, series, steps)
        self.legend.show_entries([Entry(run.title, run.colour, run.dashed) for run in self._runs])
        self.left_out.setText(f"The first {len(self._runs)} of {self._all} selected runs are drawn.")
        self.left_out.setVisible(self._all > len(self._runs))
        self.plot.setVisible(self.curves > 0)
        self.legend.setVisible(self.curves > 0)
        self.hint.setVisible(self.curves == 0)
        self.hint.setText(_NOTHING if self._runs else _NONE)
        if fresh:
            self._show_whole()

    def _line(self, run: Drawn, series: Series, steps: bool) -> None:
        if steps:
            raw = curve(self.plot, noisy=True, coarse=len(self._runs) > _FEW)
            raw.setPen(line(run.colour, 1.0, alpha=0.3))
            raw.setData(series.x, series.y)
        firm = curve(self.plot)
        firm.setPen(line(run.colour, 2.0, dashed=run.dashed))
        x, y = series.smoothed if steps else (series.x, series.y)
        placeless = self.log.isChecked() and bool((y <= 0).any())  # marks need a place on the axis
        if len(y) and (not steps or len(y) <= 12) and np.isfinite(y).all() and not placeless:
            firm.setSymbol("o")
            firm.setSymbolSize(6)
            firm.setSymbolBrush(run.colour)
            firm.setSymbolPen(None)
        firm.setData(x, y)

    def table(self) -> Table:
        """What is drawn, one row a point: run, step, epoch, seconds, value."""
        quantity = self.quantity.currentData()
        runs = [(run.title, run.curves) for run in self._runs]

        def rows() -> Iterator[list[Any]]:
            for title, curves in runs:
                columns = [curves.of(quantity, axis)[0].tolist() for axis in AXES]
                values = curves.of(quantity, "step")[1].tolist()
                for row in zip(*columns, values, strict=True):
                    yield [title, *(None if value != value else value for value in row)]

        return ["run", "step", "epoch", "seconds", quantity], rows()


def _series(curves: RunCurves, quantity: str, axis: str, smoothing: float) -> Series:
    series = Series()
    series.extend(*curves.of(quantity, axis), smoothing)
    return series
