"""Numbers as text that decide as the numbers do: rounding never carries one across a line."""

from __future__ import annotations

import math
from collections.abc import Callable

_MOST = 12  # decimals


def exact(value: float, least: int = 3) -> str:
    """All decimals of `value`, at least so many: the text is the number again."""
    if not math.isfinite(value):
        return str(value)
    return next(
        (text for decimals in range(least, _MOST + 1) if float(text := f"{value:.{decimals}f}") == value),
        f"{value:.17g}",
    )


def beside(value: float, line: float, least: int = 3, *, above: bool = False) -> str:
    """`value` with at least so many decimals, and as many more as it takes to stay on its side of `line`: at least it and below it, with
    `above` above it and at most it. `line` is what is shown of it, see `exact`."""

    def over(one: float) -> bool:
        return one > line if above else one >= line

    if not math.isfinite(value) or not math.isfinite(line):
        return f"{value:.{least}f}"
    return next(
        (
            text
            for decimals in range(least, _MOST + 1)
            if over(float(text := f"{value:.{decimals}f}")) == over(value)
        ),
        f"{value:.1e}",
    )


def share(part: float, decimals: int = 1) -> str:
    """A share as a percentage that is 0 % and 100 % only where it is none and all."""
    return _until(
        lambda places: f"{part:.{places}%}",
        decimals,
        lambda text: 0 < part < 1 and float(text[:-1]) in (0.0, 100.0),
    )


def fraction(value: float, decimals: int = 3) -> str:
    """A number from 0 to 1 that is 0 and 1 only where it is."""
    return _until(
        lambda places: f"{value:.{places}f}",
        decimals,
        lambda text: 0 < value < 1 and float(text) in (0.0, 1.0),
    )


def nonzero(value: float, decimals: int = 3) -> str:
    """A number with its sign that is 0 only where it is."""
    return _until(
        lambda places: f"{value:+.{places}f}", decimals, lambda text: bool(value) and float(text) == 0
    )


def points(change: float) -> str:
    """A difference of shares in percentage points, with its sign; one that is not 0 is never 0.0."""
    return nonzero(100 * change, 1).replace("-", "−")


def _until(told: Callable[[int], str], decimals: int, misleads: Callable[[str], bool]) -> str:
    """The number with so many decimals, and with as many more as it takes."""
    while decimals < _MOST and misleads(told(decimals)):
        decimals += 1
    return told(decimals)
