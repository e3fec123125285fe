"""Colours for values on both sides of zero: teal above, vermilion below, the ground at zero. Safe for colour-blind eyes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme.manager import current, tokens
from gui.theme.tokens import Tokens, contrast
from gui.widgets.score import number

STEPS = 256  # on either side of zero
# How much of the role's colour lies under words at most: they stay readable.
TEXT_STRENGTH, MARKED_STRENGTH = 0.42, 0.6


def mixed(ground: str, colour: str, share: float) -> str:
    """`#RRGGBB` between two: 0 is `ground`, 1 is `colour`."""
    share = min(max(share, 0.0), 1.0)
    parts = (
        round(int(ground[place : place + 2], 16) * (1 - share) + int(colour[place : place + 2], 16) * share)
        for place in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02X}" for part in parts)


def colour_of(share: float, theme: Tokens, strength: float = 1.0) -> str:
    """The colour of a value that is `share` (−1 … 1) of the largest."""
    return mixed(theme.surface, theme.positive if share >= 0 else theme.negative, abs(share) * strength)


def ink_on(ground: str, theme: Tokens) -> str:
    """The colour of words on `ground`: the theme's, or black or white where that is easier to read."""
    if contrast(theme.text, ground) >= 7:
        return theme.text
    return max((theme.text, "#000000", "#FFFFFF"), key=lambda ink: contrast(ink, ground))


@lru_cache(maxsize=4)
def ramp(theme: Tokens) -> NDArray[np.uint32]:
    """2·STEPS + 1 colours as 0xFFRRGGBB, the most negative first."""
    shares = np.arange(-STEPS, STEPS + 1) / STEPS
    return np.array(
        [0xFF000000 | int(colour_of(float(share), theme)[1:], 16) for share in shares], dtype=np.uint32
    )


def picture(
    values: NDArray[np.floating], limit: float, theme: Tokens, *, blank: NDArray[np.bool_] | None = None
) -> QImage:
    """One pixel a cell of `values` (rows, columns); ±`limit` and beyond have the full colour. `blank` cells, and those without a value, are grey."""
    unknown = ~np.isfinite(values)
    if blank is not None:
        unknown |= blank
    shares = np.clip(np.nan_to_num(values) / max(limit, 1e-12), -1.0, 1.0)
    colours = ramp(theme)[np.rint(shares * STEPS).astype(np.int64) + STEPS]
    colours[unknown] = 0xFF000000 | int(theme.track[1:], 16)
    made = np.ascontiguousarray(colours)
    rows, columns = made.shape
    return QImage(made.tobytes(), columns, rows, 4 * columns, QImage.Format.Format_RGB32).copy()


class ScaleBar(QWidget):
    """What the colours mean: −limit, 0, +limit, or from 0 up where nothing is below; ≤ and ≥ where some values lie beyond."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limit, self._below, self._decimals, self._beyond = 1.0, True, 2, False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        current().changed.connect(self._recolour)

    def _recolour(self, _tokens: object) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(132, 28)

    minimumSizeHint = sizeHint

    def show_scale(
        self, limit: float, *, below: bool = True, decimals: int = 2, beyond: bool = False
    ) -> None:
        self._limit, self._below, self._decimals, self._beyond = limit, below, decimals, beyond
        top = number(limit, decimals)
        self.setAccessibleName(f"Colours from {'−' + top if below else '0'} to {top}")
        self.update()

    def ends(self) -> tuple[str, str]:
        """What stands below the two ends."""
        words = number(self._limit, self._decimals)
        less, more = ("≤", "≥") if self._beyond else ("", "")
        return (f"{less}−{words}", f"{more}+{words}") if self._below else ("0", f"{more}{words}")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), tokens()
        low = -1.0 if self._below else 0.0
        shares = np.linspace(low, 1.0, 128)[None]
        painter.drawImage(QRectF(0, 4, self.width(), 8), picture(shares, 1.0, theme))
        painter.setPen(QColor(theme.line))
        painter.drawRect(QRectF(0, 3.5, self.width() - 1, 8.5))
        font = self.font()
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(QColor(theme.secondary))
        low_end, high_end = self.ends()
        ends = [(low_end, 0.0), (high_end, 1.0)]
        if self._below:
            ends.insert(1, ("0", 0.5))
        base = self.height() - 3
        for text, place in ends:
            width = painter.fontMetrics().horizontalAdvance(text)
            painter.drawText(round((self.width() - width) * place), base, text)
