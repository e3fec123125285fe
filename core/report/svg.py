"""Drawings: a few shapes on a canvas, written as SVG that needs no style sheet and follows one where there is one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

from core.report.palette import LIGHT
from core.report.plain import escaped, line
from core.words import number

FONT = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
_LETTER = 0.56  # of the size: how wide a letter is on average


class Canvas:
    """Colours are names of the palette: each shape has the light one, and a class by which a page may give it another."""

    def __init__(self, width: float, height: float, alt: str) -> None:
        self.width, self.height, self.alt = width, height, alt
        self._parts: list[str] = []

    def line(
        self, x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1, dash: str = ""
    ) -> None:
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" {stroke(colour)} stroke-width="{_n(width)}"{dashes}/>'
        )

    def curve(
        self,
        points: Iterable[tuple[float, float]],
        colour: str,
        width: float = 1.6,
        opacity: float = 1,
        dash: str = "",
    ) -> None:
        """A line through the points; a gap where one is not a number."""
        path, pen = [], "M"
        for x, y in points:
            if not (math.isfinite(x) and math.isfinite(y)):
                pen = "M"
                continue
            path.append(f"{pen}{_n(x)} {_n(y)}")
            pen = "L"
        if path:
            self.path("".join(path), colour, width, opacity, dash)

    def path(self, d: str, colour: str, width: float, opacity: float = 1, dash: str = "") -> None:
        more = f' stroke-opacity="{_n(opacity)}"' if opacity < 1 else ""
        more += f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<path d="{d}" fill="none" {stroke(colour)} stroke-width="{_n(width)}" stroke-linejoin="round" stroke-linecap="round"{more}/>'
        )

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        colour: str,
        opacity: float = 1,
        round: float = 0,
    ) -> None:
        more = f' fill-opacity="{_n(opacity)}"' if opacity < 1 else ""
        more += f' rx="{_n(round)}"' if round else ""
        self._parts.append(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" {fill(colour)}{more}/>'
        )

    def dot(self, x: float, y: float, radius: float, colour: str, ring: str = "") -> None:
        around = f' {stroke(ring, both=colour)} stroke-width="1.5"' if ring else f" {fill(colour)}"
        self._parts.append(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"{around}/>')

    def dots(self, points: Sequence[tuple[float, float]], colour: str, size: float, opacity: float) -> None:
        """Many round points of one colour as one shape."""
        if points:
            self.path("".join(f"M{_n(x)} {_n(y)}h.01" for x, y in points), colour, size, opacity)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        colour: str = "secondary",
        size: float = 11,
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        weight = ' font-weight="600"' if bold else ""
        self._parts.append(
            f'<text x="{_n(x)}" y="{_n(y)}" {fill(colour)} font-size="{_n(size)}" text-anchor="{anchor}"{weight}>{escape(line(words, 80))}</text>'
        )

    def done(self) -> str:
        size = f'width="{_n(self.width)}" height="{_n(self.height)}" viewBox="0 0 {_n(self.width)} {_n(self.height)}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escaped(self.alt)}" font-family={quoteattr(FONT)}>'
        return "\n".join([head, *self._parts, "</svg>"])


def fill(colour: str) -> str:
    return f'fill="{LIGHT[colour]}" class="f-{colour}"'


def stroke(colour: str, both: str = "") -> str:
    """With `both`, the colour of what is inside."""
    if both:
        return f'fill="{LIGHT[both]}" stroke="{LIGHT[colour]}" class="f-{both} s-{colour}"'
    return f'stroke="{LIGHT[colour]}" class="s-{colour}"'


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers from `low` to `high`, at most about so many."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low] if math.isfinite(low) else []
    rough = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(one * power for one in (1, 2, 5, 10) if one * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [place * step for place in range(first, math.floor(high / step + 1e-9) + 1)]


def tick_words(values: Sequence[float]) -> list[str]:
    """With as many decimals as they need to differ."""
    step = values[1] - values[0] if len(values) > 1 else 1.0
    decimals = min(6, max(0, -math.floor(math.log10(step) + 1e-9))) if step > 0 else 2
    return [f"{value:,.0f}" if not decimals else number(value, decimals) for value in values]


def width_of(words: str, size: float) -> float:
    """About how wide a text is, for placing what stands beside it."""
    return len(words) * size * _LETTER


def _n(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
