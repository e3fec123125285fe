"""The card of the hold-out: the metric by step against the untouched base model, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from core.training.events import BaselineEvent, CrossValidationEvent, EvaluationEvent
from gui.context import Context
from gui.widgets.basic import Card, ElidedLabel, label, set_tone
from gui.widgets.chart_menu import ChartMenu
from gui.widgets.loss_plot import EvaluationPlot
from gui.widgets.score import number


class HoldoutCard(Card):
    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._base: float | None = None
        self.name = ElidedLabel("Hold-out", "section")  # a metric's name can be the person's own
        self.value = label("", "value", name="train.eval_value")
        self.base = ElidedLabel("", "caption")
        self.base.setObjectName("train.eval_base")
        self.plot = EvaluationPlot()
        self.more = ChartMenu(
            context.messages, self, self.plot.table, name="train.eval_more", title="Hold-out"
        )
        self.body.addLayout(self.head)
        self.head.addWidget(self.name, 1)
        self.head.addWidget(self.value)
        self.head.addWidget(self.more.button)
        self.body.addWidget(
            self.base
        )  # a line of its own: beside the name there is no room in a small window
        self.none = label(
            "Nothing is held out in this run, so it cannot say whether the model got better.",
            "secondary",
            wrap=True,
        )
        self.none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.body.addWidget(self.plot, 1)
        self.body.addWidget(self.none, 1)
        self.clear_run()

    def clear_run(self, total_steps: int = 0) -> None:
        self._base = None
        self.name.setText("Hold-out")
        self.value.setText("")
        self.base.setText("")
        self.plot.setVisible(True)
        self.none.hide()
        self.plot.clear_run(total_steps)

    def take_baseline(self, event: BaselineEvent) -> None:
        measured = bool(event.metric)
        self.plot.setVisible(measured)
        self.none.setVisible(not measured)
        if measured:
            self._base = event.value
            self.name.setText(event.title)
            self.plot.set_baseline(event.value)
            self.base.setText(f"base {number(event.value, 3)} · {event.rows:,} rows")

    def take_cross_validation(self, event: CrossValidationEvent) -> None:
        """Every training row was left out once: the figures by epoch and blend, and which point was chosen."""
        chosen = next((point for point in event.points if point.get("chosen")), None)
        self.name.setText(event.title)
        self._base = event.base
        words = f"base {number(event.base, 3)} · {event.rows:,} rows in {event.folds} parts"
        if chosen is not None:
            epoch, blend = chosen.get("epoch"), chosen.get("blend")
            after = f"{epoch:g} epoch{'' if epoch == 1 else 's'}" if epoch else "the base model"
            words += f" · chosen: {after}"
            words += f", {blend:g} of the way" if epoch and blend not in (None, 1) else ""
            self._judge(chosen.get("value"))
        self.base.setText(words)
        self.none.hide()
        self.plot.setVisible(True)
        self.plot.show_points(event)

    def extend(self, evaluations: Sequence[EvaluationEvent]) -> None:
        self.plot.extend(evaluations)
        self._judge(evaluations[-1].value)

    def _judge(self, value: float | None) -> None:
        self.value.setText(number(value, 3))
        tone = ""
        if value is not None and self._base is not None:
            tone = "positive" if value > self._base else "negative" if value < self._base else ""
        set_tone(self.value, tone)
