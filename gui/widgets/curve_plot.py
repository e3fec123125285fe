"""The learning curve: the metric against the number of labels, each with its interval, and the base model as a dotted line."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from core.training.events import LearningCurveEvent
from gui.theme.manager import current
from gui.theme.tokens import Tokens
from gui.widgets.plot import Plot, curve, line
from gui.widgets.score import number

_LEAST = QSize(160, 100)
_ROOM = 1.06  # beyond the last point


class CurvePlot(Plot):
    def __init__(self, parent: QWidget | None = None) -> None:
        self._curve = self._base = self._bars = None
        super().__init__(x_title="Labels", parent=parent)
        self.setObjectName("train.curve_plot")
        self.setMinimumHeight(_LEAST.height())
        self.shown: LearningCurveEvent | None = None
        self._bars = pg.ErrorBarItem(beam=0)
        self.addItem(self._bars)
        self._base = curve(self)
        self._curve = curve(self)
        self.show_result(None)
        self.restyle(current().tokens)

    def sizeHint(self) -> QSize:
        """Whatever room the words below leave; a plot by itself would ask for far more."""
        return _LEAST

    def show_result(self, found: LearningCurveEvent | None) -> None:
        self.shown = found
        points = found.points if found is not None else []
        labels, values, low, high = (
            np.array([float(point[key]) for point in points]) for key in ("labels", "value", "low", "high")
        )
        assert self._curve is not None and self._base is not None and self._bars is not None
        self._curve.setData(labels, values)
        self._bars.setData(x=labels, y=values, top=high - values, bottom=values - low)
        end = _ROOM * (float(labels.max()) if len(labels) else 1.0)
        base = found.base if found is not None else None
        self._base.setData([0.0, end] if base is not None else [], [base, base] if base is not None else [])
        self.setXRange(0, end, padding=0)
        said = [f"{point['labels']:,} labels {number(point['value'], 3)}" for point in points]
        self.setAccessibleName("Learning curve")
        self.setAccessibleDescription(f"Base model {number(base, 3)}, {', '.join(said)}" if said else "")

    def table(self) -> tuple[list[str], list[list[float]]]:
        """The points; the first is the base model, which has seen no label."""
        found = self.shown
        if found is None:
            return ["labels", "value", "low", "high"], []
        base = [] if found.base is None else [[0.0, found.base, found.base, found.base]]
        points = [[float(point[key]) for key in ("labels", "value", "low", "high")] for point in found.points]
        return ["labels", "value", "low", "high"], base + points

    def restyle(self, tokens: Tokens) -> None:
        super().restyle(tokens)
        if self._curve is not None and self._base is not None and self._bars is not None:
            self._curve.setPen(line(tokens.accent, 2.0))
            self._curve.setSymbol("o")
            self._curve.setSymbolSize(7)
            self._curve.setSymbolBrush(tokens.accent)
            self._curve.setSymbolPen(None)
            self._bars.setData(pen=line(tokens.accent, 2.0, alpha=0.45))
            self._base.setPen(line(tokens.secondary, 1.5, dotted=True))
