"""The card of a run's steps: what is drawn, against what, how smooth, and its numbers to take away."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from core.training.events import StepEvent
from core.training.step_table import StepTable
from gui.context import Context
from gui.views.train.recipe_row import shown
from gui.widgets.basic import Card, button, label, tool_button
from gui.widgets.chart_menu import ChartMenu
from gui.widgets.loss_plot import AXES, QUANTITIES, LossPlot, Prepared
from gui.widgets.score import number


class LossCard(Card):
    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("Loss", parent=parent)
        self._context = context
        self.value = label("", "value", name="train.loss_value")
        self.plot = LossPlot(context.settings.smoothing)
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.smoothing.setObjectName("train.smoothing")
        self.smoothing.setAccessibleName("Smoothing")
        self.smoothing.setRange(0, 99)
        self.smoothing.setFixedWidth(96)
        self.smoothing.setValue(round(100 * context.settings.smoothing))
        self.smoothing.setToolTip("Smoothing of the firm line; the faint one is every step")
        self.smoothing.valueChanged.connect(self._smooth)
        self.smoothing.sliderReleased.connect(context.save_settings)
        self.log = button("log", kind="plain", name="train.log")
        self.log.setCheckable(True)
        self.log.setToolTip("Logarithmic axis")
        self.log.toggled.connect(self.plot.set_log)
        whole = tool_button("retry", "Show the whole run", name="train.whole", clicked=self.plot.show_whole)
        self.more = ChartMenu(
            context.messages,
            self,
            self.plot.table,
            name="train.loss_more",
            title="Loss",
            run=context.run,
        )
        self.more.menu.addSeparator()
        self._choices("Draw", QUANTITIES, "loss", self.draw)
        self._choices(
            "Against", {key: words for key, (words, _) in AXES.items()}, "step", self.plot.show_axis
        )
        self.head.insertWidget(1, self.value)
        for part in (label("Smoothing", "caption"), self.smoothing, self.log, whole, self.more.button):
            self.head.addWidget(part)
        self._legend = QHBoxLayout()
        self._legend.setSpacing(12)
        self.body.addLayout(self._legend)
        self._named: list[str] = []
        self.body.addWidget(self.plot, 1)

    def clear_run(self, total_steps: int = 0) -> None:
        self.plot.clear_run(total_steps)
        self._show_legend()
        self._show_value()

    def extend(self, steps: Sequence[StepEvent]) -> None:
        self.plot.extend(steps)
        self._show_legend()
        self._show_value()

    def load(self, taken: StepTable, prepared: Prepared | None = None) -> None:
        """All steps of a run at once."""
        self.plot.load(taken, prepared)
        self._show_legend()
        self._show_value()

    def draw(self, quantity: str) -> None:
        """loss, learning_rate or grad_norm."""
        self.plot.show_quantity(quantity)
        self._show_legend()
        self.title.setText(QUANTITIES[quantity])
        self._show_value()

    def _show_legend(self) -> None:
        """Which thin line is which; nothing where there is only the loss itself."""
        if self.plot.part_titles == self._named:
            return
        self._named = self.plot.part_titles
        while (item := self._legend.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for place, title in enumerate(self._named):
            sign, tone = ("＋", "positive") if place % 2 == 0 else ("−", "negative")
            self._legend.addWidget(label(f"{sign} {title}", "caption", tone=tone, name=f"train.part.{place}"))
        if self._named:
            self._legend.addStretch(1)

    def _choices(self, title: str, words: dict[str, str], first: str, chosen: Callable[[str], None]) -> None:
        """One group of the chart's menu: exactly one of it is on."""
        menu = self.more.menu.addMenu(title)
        group = QActionGroup(menu)
        for key, text in words.items():
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(key == first)
            action.triggered.connect(lambda _on=False, key=key: chosen(key))
            group.addAction(action)

    def _show_value(self) -> None:
        """The latest value of what is drawn, beside its name."""
        series = self.plot.series
        if not series.count:
            self.value.setText("")
        elif self.plot.quantity == "learning_rate":
            self.value.setText(shown(float(f"{series.y[-1]:.3g}")))
        else:
            self.value.setText(number(float(series.smooth[-1]), 4))

    def _smooth(self, value: int) -> None:
        self._context.settings.smoothing = value / 100
        self.plot.set_smoothing(value / 100)
        self._show_value()
