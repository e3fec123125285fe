"""Curves of several runs over one another: loss by step, or the hold-out metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.training.events import BaselineEvent, EvaluationEvent, Event, StepEvent
from gui.widgets.basic import Card, button, label
from gui.widgets.plot import Plot, curve, line
from gui.widgets.series import Series


class Overlay(Card):
    def __init__(self, smoothing: float, parent: QWidget | None = None) -> None:
        super().__init__("Loss", parent=parent)
        self._smoothing = smoothing
        self._events: dict[str, list[Event]] = {}
        self._colours: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._metric = False
        self.legend = QHBoxLayout()
        self.legend.setSpacing(12)
        self.head.addLayout(self.legend)
        self.switch = button("Hold-out", kind="plain", name="runs.metric")
        self.switch.setCheckable(True)
        self.switch.setToolTip("Show the hold-out metric instead of the loss")
        self.switch.toggled.connect(self._toggle)
        self.head.addWidget(self.switch)
        self.plot = Plot()
        self.plot.setObjectName("runs.plot")
        self.plot.setAccessibleName("Curves of the selected runs")
        self.hint = label(
            "Select a run to see its curve, two or more to compare them.", "secondary", wrap=True
        )
        self.body.addWidget(self.plot, 1)
        self.body.addWidget(self.hint, 1)
        self.curves = 0
        self._draw()

    def show_runs(
        self, events: Mapping[str, Sequence[Event]], colours: Mapping[str, str], names: Mapping[str, str]
    ) -> None:
        """`events` by run folder name, drawn in `colours`, called `names`."""
        self._events = {name: list(items) for name, items in events.items()}
        self._colours, self._names = dict(colours), dict(names)
        self._draw()

    def _toggle(self, on: bool) -> None:
        self._metric = on
        self._draw()

    def _draw(self) -> None:
        self.plot.clear()
        while (item := self.legend.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.title.setText("Hold-out" if self._metric else "Loss")
        self.curves = 0
        for name, events in self._events.items():
            drawn = self._metric_of(name, events) if self._metric else self._loss_of(name, events)
            self.curves += drawn
            tag = label(f"━ {self._names[name]}", "caption")
            tag.setStyleSheet(f"color: {self._colours[name]};")
            self.legend.addWidget(tag)
        self.plot.setVisible(bool(self._events))
        self.hint.setVisible(not self._events)
        self.plot.getPlotItem().enableAutoRange()

    def _loss_of(self, name: str, events: Sequence[Event]) -> int:
        series = Series()
        for event in events:
            if isinstance(event, StepEvent):
                series.append(event.step, event.loss, self._smoothing)
        if not series.count:
            return 0
        raw, smooth = curve(self.plot), curve(self.plot)
        raw.setPen(line(self._colours[name], 1.0, alpha=0.3))
        raw.setData(series.x, series.y)
        smooth.setPen(line(self._colours[name], 2.0))
        if 0 < len(series.smoothed[0]) <= 12:
            smooth.setSymbol("o")
            smooth.setSymbolSize(6)
            smooth.setSymbolBrush(self._colours[name])
            smooth.setSymbolPen(None)
        smooth.setData(*series.smoothed)
        return 1

    def _metric_of(self, name: str, events: Sequence[Event]) -> int:
        points = [
            (0, event.value)
            for event in events
            if isinstance(event, BaselineEvent) and event.value is not None
        ]
        points += [
            (event.step, event.value)
            for event in events
            if isinstance(event, EvaluationEvent) and event.value is not None
        ]
        if not points:
            return 0
        item = curve(self.plot)
        item.setPen(line(self._colours[name], 2.0))
        item.setSymbol("o")
        item.setSymbolSize(6)
        item.setSymbolBrush(self._colours[name])
        item.setSymbolPen(None)
        item.setData([step for step, _ in points], [value for _, value in points])
        return 1
