"""The drawing area that all curves share: calm axes, the theme's colours, no pop-up menus."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QWidget

from gui.theme.manager import current
from gui.theme.tokens import Tokens
from gui.widgets.score import number

pg.setConfigOptions(antialias=True, background=None, foreground="#888888", exitCleanup=False)


class _Axis(pg.AxisItem):
    """Numbers with a true minus sign, and few of them."""

    def __init__(self, orientation: str, *, whole: bool = False) -> None:
        super().__init__(orientation)
        self.whole = whole  # steps are counted: no tick at 1.2

    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, float]]:
        levels = super().tickSpacing(minVal, maxVal, size)
        if self.whole and not self.logMode:
            return [(max(1.0, round(spacing)), offset) for spacing, offset in levels]
        return levels

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.logMode:
            return [str(text).replace("-", "−") for text in super().tickStrings(values, scale, spacing)]
        decimals = max(0, min(6, int(np.ceil(-np.log10(spacing * scale))))) if spacing > 0 else 0
        return [number(value * scale, decimals) for value in values]


class Plot(pg.PlotWidget):
    """A plot with a left and a bottom axis and horizontal grid lines."""

    def __init__(self, *, x_title: str = "Step", parent: QWidget | None = None) -> None:
        super().__init__(parent, axisItems={"left": _Axis("left"), "bottom": _Axis("bottom", whole=True)})
        self.setFrameShape(self.Shape.NoFrame)
        self.setViewportMargins(0, 0, 0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.x_title = x_title
        item = self.getPlotItem()
        item.hideButtons()
        item.setMenuEnabled(False)
        item.setContentsMargins(0, 4, 8, 0)
        self.setMouseEnabled(x=True, y=False)
        box = item.getViewBox()
        box.setDefaultPadding(0.02)
        font = QFont(self.font())
        font.setPixelSize(11)
        for name in ("left", "bottom"):
            axis = item.getAxis(name)
            axis.setStyle(tickLength=0, tickTextOffset=6, tickFont=font, maxTickLevel=0)
            axis.enableAutoSIPrefix(False)
        item.getAxis("left").setWidth(44)
        item.getAxis("bottom").setHeight(24)
        current().changed.connect(self.restyle)
        self.restyle(current().tokens)

    def set_whole_ticks(self, on: bool) -> None:
        """Whether the bottom axis counts (steps) or measures (epochs, seconds)."""
        axis = self.getPlotItem().getAxis("bottom")
        axis.whole = on
        axis.picture = None
        axis.update()

    def restyle(self, tokens: Tokens) -> None:
        """Take the colours of the theme."""
        self.setBackground(QColor(tokens.surface))
        item = self.getPlotItem()
        for name in ("left", "bottom"):
            axis = item.getAxis(name)
            axis.setPen(QColor(tokens.line))
            axis.setTextPen(QColor(tokens.secondary))
        item.showGrid(x=False, y=True, alpha=0.18)


def line(colour: str, width: float = 2.0, *, alpha: float = 1.0, dotted: bool = False, dashed: bool = False):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """A pen."""
    shade = QColor(colour)
    shade.setAlphaF(alpha)
    style = Qt.PenStyle.DotLine if dotted else Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    return pg.mkPen(shade, width=width, style=style)


def curve(plot: Plot):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """An empty curve that stays fast at hundreds of thousands of points."""
    item = pg.PlotDataItem(skipFiniteCheck=False, connect="finite")
    item.setDownsampling(auto=True, method="peak")
    item.setClipToView(True)
    plot.addItem(item)
    return item
