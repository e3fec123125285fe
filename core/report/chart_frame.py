"""Axes: a rectangle of a canvas with a scale each way, grid lines and figures beside them."""

from __future__ import annotations

from collections.abc import Sequence

from core.report.svg import Canvas, tick_words, ticks, width_of

_SIZE = 10


class Frame:
    """`box` is left, top, right, bottom of what is drawn in; the figures stand outside of it."""

    def __init__(
        self,
        canvas: Canvas,
        box: tuple[float, float, float, float],
        x: tuple[float, float],
        y: tuple[float, float],
    ) -> None:
        self.canvas = canvas
        self.left, self.top, self.right, self.bottom = box
        self._x, self._y = _wide(x), _wide(y)

    def x(self, value: float) -> float:
        low, high = self._x
        return self.left + (value - low) / (high - low) * (self.right - self.left)

    def y(self, value: float) -> float:
        low, high = self._y
        return self.bottom - (value - low) / (high - low) * (self.bottom - self.top)

    def grid(self, title: str = "", most: int = 4) -> None:
        """Lines across at round values, with the figures at the left and the title above."""
        values = ticks(*self._y, most)
        for value, words in zip(values, tick_words(values), strict=True):
            self.canvas.line(self.left, self.y(value), self.right, self.y(value), "line", 0.8)
            self.canvas.text(self.left - 6, self.y(value) + 3.5, words, size=_SIZE, anchor="end")
        if title:
            self.canvas.text(0, self.top - 12, title, "text", 11.5, bold=True)

    def scale(self, title: str = "", most: int = 5) -> None:
        """Figures below, and what they count."""
        values = ticks(*self._x, most)
        self.canvas.line(self.left, self.bottom, self.right, self.bottom, "line_strong")
        for value, words in zip(values, tick_words(values), strict=True):
            place = self.x(value)
            self.canvas.line(place, self.bottom, place, self.bottom + 3, "line_strong")
            half = width_of(words, _SIZE) / 2
            centre = min(max(place, self.left + half - 14), self.right - half + 8)
            self.canvas.text(centre, self.bottom + 14, words, size=_SIZE, anchor="middle")
        if title:
            self.canvas.text(self.right, self.bottom + 28, title, size=_SIZE, anchor="end")


def bounds(values: Sequence[float], room: float = 0.08) -> tuple[float, float]:
    """From the least to the greatest value, with a little room at both ends."""
    found = [value for value in values if value == value]
    if not found:
        return 0.0, 1.0
    low, high = min(found), max(found)
    more = (high - low) * room or max(abs(high) * room, 0.01)
    return low - more, high + more


def _wide(pair: tuple[float, float]) -> tuple[float, float]:
    low, high = pair
    return (low, high) if high > low else (low - 0.5, low + 0.5)
