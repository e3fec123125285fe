"""The curves of one run: every step raw and faint, smoothed and firm, from the first step; and the hold-out metric."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from core.training.events import CrossValidationEvent, EvaluationEvent, StepEvent
from core.training.step_table import StepTable
from gui.theme.manager import current
from gui.theme.tokens import Tokens
from gui.widgets.plot import Plot, curve, line
from gui.widgets.series import Series

# What a step can be drawn as, by the column of the step table, and against what.
QUANTITIES = {"loss": "Loss", "learning_rate": "Learning rate", "grad_norm": "Gradient norm"}
AXES = {"step": ("Step", "step"), "epoch": ("Epoch", "epoch"), "time": ("Seconds", "elapsed")}


Prepared = tuple[tuple[str, str, float], Series]  # for this quantity, axis and smoothing


class LossPlot(Plot):
    """`show_quantity` and `show_axis` choose what is drawn; nothing that was taken is ever forgotten."""

    def __init__(self, smoothing: float, parent: QWidget | None = None) -> None:
        self._raw = self._smooth = None
        self._parts: dict[str, tuple[Series, Any]] = {}  # the loss of one kind of score, by its title
        super().__init__(parent=parent)
        self.setObjectName("train.loss_plot")
        self.setAccessibleName("Loss by step")
        self.smoothing = smoothing
        self.series = Series()
        self.taken = StepTable()
        self.quantity, self.axis = "loss", "step"
        self._total = 0
        self._log = False
        self._raw = curve(self, noisy=True)
        self._smooth = curve(self)
        self.restyle(current().tokens)

    @property
    def points(self) -> int:
        """How many steps are drawn."""
        return self.series.count

    def show_quantity(self, name: str) -> None:
        """loss, learning_rate or grad_norm."""
        self.quantity = name
        self.setAccessibleName(f"{QUANTITIES[name]} by {AXES[self.axis][0].lower()}")
        self._rebuild()

    def show_axis(self, name: str) -> None:
        """step, epoch or time."""
        self.axis = name
        self.setAccessibleName(f"{QUANTITIES[self.quantity]} by {AXES[name][0].lower()}")
        self.set_whole_ticks(name == "step")
        self._rebuild()

    def table(self) -> tuple[list[str], Iterable[list[float | None]]]:
        """Every step that was taken, as its event had it: header and rows."""
        return self.taken.rows()

    def _rebuild(self) -> None:
        self.series = Series()
        self._forget_parts()
        self._append(0)
        self.show_whole()

    def prepare(self, taken: StepTable) -> Prepared:
        """What `load` needs for these steps; for a worker thread where they are many."""
        series = Series()
        series.extend(taken.column(AXES[self.axis][1]), taken.column(self.quantity), self._smoothing_now)
        return (self.quantity, self.axis, self._smoothing_now), series

    def load(self, taken: StepTable, prepared: Prepared | None = None) -> None:
        """All steps of a run at once."""
        self.taken = taken
        now = (self.quantity, self.axis, self._smoothing_now)
        if prepared is not None and prepared[0] == now:
            self._forget_parts()
            self.series = prepared[1]
            self._append(len(taken))
            self.show_whole()
        else:
            self._rebuild()

    def clear_run(self, total_steps: int = 0) -> None:
        self.series = Series()
        self._forget_parts()
        self.taken = StepTable()
        self.set_total(total_steps)
        self._draw()

    def set_total(self, total_steps: int) -> None:
        """Fix the horizontal axis to the whole run, so that the curve shows how much is still to come."""
        self._total = total_steps
        self._fit_axis()

    def show_whole(self) -> None:
        """The whole run again, after zooming."""
        self._fit_axis()
        self.getPlotItem().enableAutoRange(axis="y")

    def _fit_axis(self) -> None:
        if self.axis != "step":
            self.getPlotItem().enableAutoRange(axis="x")
        elif self._total > 1:
            self.setXRange(1, self._total, padding=0.01)

    def extend(self, steps: Sequence[StepEvent]) -> None:
        start = len(self.taken)
        self.taken.extend(steps)
        if steps:
            self._append(start)

    def _append(self, start: int) -> None:
        """Draw the steps from row `start` on as well."""
        x = self.taken.column(AXES[self.axis][1], start)
        self.series.extend(x, self.taken.column(self.quantity, start), self._smoothing_now)
        if self.quantity == "loss":
            for title in self.taken.part_titles:
                series = self._part(title)
                behind = self.taken.column(AXES[self.axis][1], series.count)
                series.extend(behind, self.taken.part(title, series.count), self._smoothing_now)
        last = self.taken.last
        if last is not None and self._total and last.step > self._total:
            self.set_total(last.step)
        self._draw()

    @property
    def _smoothing_now(self) -> float:
        # A rate is a setting, not a measurement: smoothing would only draw it wrong.
        return 0.0 if self.quantity == "learning_rate" else self.smoothing

    def _part(self, title: str) -> Series:
        if title not in self._parts:
            self._parts[title] = (Series(), curve(self))
            self._style_parts(current().tokens)
        return self._parts[title][0]

    def _style_parts(self, tokens: Tokens) -> None:
        roles = [tokens.role("positive"), tokens.role("negative")]
        for number, (_, drawn) in enumerate(self._parts.values()):
            drawn.setPen(line(roles[number % 2], 1.5))

    @property
    def part_titles(self) -> list[str]:
        return list(self._parts)

    def _forget_parts(self) -> None:
        for _, drawn in self._parts.values():
            self.removeItem(drawn)
        self._parts = {}

    def set_smoothing(self, smoothing: float) -> None:
        self.smoothing = smoothing
        if self.quantity != "learning_rate":
            self.series.resmooth(smoothing)
            for series, _ in self._parts.values():
                series.resmooth(smoothing)
        self._draw()

    def set_log(self, on: bool) -> None:
        self._log = on
        if self._smooth is not None:
            self._smooth.setSymbol(None)
        self.getPlotItem().setLogMode(x=False, y=on)
        self._marks()

    def restyle(self, tokens: Tokens) -> None:
        super().restyle(tokens)
        if self._raw is not None and self._smooth is not None:
            self._raw.setPen(line(tokens.accent, 1.0, alpha=0.3))
            self._smooth.setPen(line(tokens.accent, 2.0))
            self._style_parts(tokens)
            self._marks()

    def _draw(self) -> None:
        if self._raw is None or self._smooth is None:
            return
        # Marks come last: points none of which has a place cannot be drawn.
        self._smooth.setSymbol(None)
        self._raw.setData(self.series.x, self.series.y)
        self._smooth.setData(*self.series.smoothed)
        for series, drawn in self._parts.values():
            drawn.setData(*series.smoothed)
        self._marks()

    def _marks(self) -> None:
        """A run of two steps is a curve too: a handful of points are drawn as points.

        Not where one is 0 on a logarithmic axis, on which it has no place.
        """
        assert self._smooth is not None
        values = self.series.smoothed[1]
        few = len(values) <= 12 and not (self._log and (values <= 0).any())
        self._smooth.setSymbol("o" if few else None)
        if few:
            self._smooth.setSymbolSize(6)
            self._smooth.setSymbolBrush(current().tokens.accent)
            self._smooth.setSymbolPen(None)


class EvaluationPlot(Plot):
    """The hold-out metric by step, with the untouched base model as a dotted line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._curve = self._base = None
        super().__init__(parent=parent)
        self.setObjectName("train.evaluation_plot")
        self.setAccessibleName("Hold-out metric by step")
        self._steps: list[float] = []
        self._values: list[float] = []
        self._baseline: float | None = None
        self._total = 1
        self._base = curve(self)
        self._curve = curve(self)
        self.restyle(current().tokens)

    def clear_run(self, total_steps: int = 0) -> None:
        self._steps, self._values, self._baseline = [], [], None
        self._total = max(1, total_steps)
        if total_steps > 1:
            self.setXRange(0, total_steps, padding=0.01)
        self._draw()

    def set_baseline(self, value: float | None) -> None:
        self._baseline = value
        if value is not None:
            self._steps.insert(0, 0)
            self._values.insert(0, value)
        self._draw()

    def extend(self, evaluations: Sequence[EvaluationEvent]) -> None:
        for event in evaluations:
            if event.value is not None:
                self._steps.append(event.step)
                self._values.append(event.value)
                self._total = max(self._total, event.step)
        if evaluations:
            self._draw()

    def show_points(self, event: CrossValidationEvent) -> None:
        """The out-of-fold figure by epoch, at each epoch that of its best blend; the base model at epoch 0."""
        best: dict[float, float] = {}
        for point in event.points:
            if point.get("value") is not None and point.get("epoch"):
                epoch = float(point["epoch"])
                best[epoch] = max(best.get(epoch, -math.inf), float(point["value"]))
        self._steps, self._values, self._baseline = [0.0], [event.base or 0.0], event.base
        for epoch in sorted(best):
            self._steps.append(epoch)
            self._values.append(best[epoch])
        self._total = max(1, math.ceil(max(best, default=1)))
        self.setXRange(0, self._total, padding=0.02)
        self._draw()

    def table(self) -> tuple[list[str], list[list[float]]]:
        """The measured points; the first is the base model, at step 0."""
        return ["step", "value"], [
            [step, value] for step, value in zip(self._steps, self._values, strict=True)
        ]

    def restyle(self, tokens: Tokens) -> None:
        super().restyle(tokens)
        if self._curve is not None and self._base is not None:
            self._curve.setPen(line(tokens.accent, 2.0))
            self._curve.setSymbol("o")
            self._curve.setSymbolSize(6)
            self._curve.setSymbolBrush(tokens.accent)
            self._curve.setSymbolPen(None)
            self._base.setPen(line(tokens.secondary, 1.5, dotted=True))

    def _draw(self) -> None:
        if self._curve is None or self._base is None:
            return
        self._curve.setData(self._steps, self._values)
        if self._baseline is None:
            self._base.setData([], [])
        else:
            self._base.setData([0, self._total], [self._baseline, self._baseline])
