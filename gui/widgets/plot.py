"""The drawing area that all curves share: calm axes, the theme's colours, no pop-up menus."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QWidget

from gui.theme.manager import current
from gui.theme.tokens import Tokens
from gui.widgets.score import number

pg.setConfigOptions(antialias=True, background=None, foreground="#888888", exitCleanup=False)


_FEW_POINTS = 400  # that are drawn; below it nothing needs to be saved


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


class Curve(pg.PlotDataItem):
    """A curve that stays quick at hundreds of thousands of points: no more are drawn than there are pixels for.

    With more points than can be told apart, a noisy curve is drawn by its extremes and without antialiasing, as separate
    lines: antialiasing one long zigzag as a whole takes the painter a second. A smooth one is drawn by its means, as fine as ever.
    """

    def __init__(self, *, noisy: bool, coarse: bool) -> None:
        factor = 1.0 if noisy and not coarse else 0.5  # stretches of so many for each pixel
        super().__init__(skipFiniteCheck=False, connect="finite", autoDownsampleFactor=factor)
        self._noisy = noisy

    def setData(self, *arguments: Any, **named: Any) -> None:
        self._bounds: dict[int, tuple[float | None, float | None]] = {}
        super().setData(*arguments, **named)

    def setLogMode(self, xState: bool, yState: bool) -> None:
        self._bounds = {}
        super().setLogMode(xState, yState)

    def dataBounds(
        self, ax: int, frac: float = 1.0, orthoRange: tuple[float, float] | None = None
    ) -> tuple[float | None, float | None]:
        """The least and the greatest value, of the data and not of what is drawn of them: so an axis stays where it is while
        somebody pans and zooms, and nothing is searched for it with every frame."""
        if frac < 1.0 or orthoRange is not None:
            return super().dataBounds(ax, frac, orthoRange)  # type: ignore[no-any-return]
        if ax not in self._bounds:
            self._bounds[ax] = _bounds(self.getOriginalDataset()[ax], bool(self.opts["logMode"][ax]))
        return self._bounds[ax]

    def updateItems(self, styleUpdate: bool = True) -> None:
        super().updateItems(styleUpdate)
        drawn = self.curve.xData
        many = drawn is not None and len(drawn) > _FEW_POINTS
        self.curve.setSegmentedLineMode("on" if many else "auto")
        if many and self._noisy:
            self.curve.opts["antialias"] = False


def _bounds(values: np.ndarray | None, log: bool) -> tuple[float | None, float | None]:
    if values is None:
        return None, None
    there = values[np.isfinite(values) & (values > 0)] if log else values[np.isfinite(values)]
    if not len(there):
        return None, None
    low, high = float(there.min()), float(there.max())
    return (float(np.log10(low)), float(np.log10(high))) if log else (low, high)


def curve(plot: Plot, *, noisy: bool = False, coarse: bool = False) -> Curve:
    """An empty curve. `noisy`: every step as it is; otherwise something smooth, or a handful of points. `coarse`: one of many."""
    item = Curve(noisy=noisy, coarse=coarse)
    item.setZValue(0 if noisy else 1)
    plot.addItem(item)  # which puts the plot's own ways in the place of the curve's: so these come after it
    item.setDownsampling(auto=True, method="peak" if noisy else "mean")
    item.setClipToView(True)
    return item
