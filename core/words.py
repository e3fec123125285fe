"""Figures in words, for the window, the command line and what a run leaves behind: the same figure reads the same everywhere."""

from __future__ import annotations

from core import rounding

NONE = "–"


def number(value: float | None, decimals: int = 3) -> str:
    """Fixed decimals and a true minus sign; an en dash where there is no value."""
    if value is None or value != value:
        return NONE
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def signed(value: float | None, decimals: int = 3) -> str:
    """As `number`, with a plus sign where something is left of it after rounding."""
    text = number(value, decimals)
    return f"+{text}" if value is not None and value > 0 and float(text) != 0 else text


def exactly(value: float | None, least: int = 3) -> str:
    """All its decimals, at least so many: a threshold that does what is said of it."""
    return NONE if value is None or value != value else rounding.exact(value, least).replace("-", "−")


def beside(value: float, line: float, least: int = 3, *, above: bool = False) -> str:
    """As `number`, with more decimals where rounding would carry the value across `line`; see `rounding.beside`."""
    if value != value:
        return NONE
    text = rounding.beside(value, line, least, above=above)
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", "−")


def fraction(value: float | None, decimals: int = 3) -> str:
    """As `number`, of 0 to 1: an AUC of 0.99996 is none of 1."""
    return NONE if value is None or value != value else rounding.fraction(value, decimals)


def interval(low: float, high: float, decimals: int = 3) -> str:
    """ "−0.012 to +0.040": both ends are on the side of 0 where they are, as that is what a verdict asks."""
    return " to ".join(
        rounding.nonzero(end, decimals).replace("-", "−") if end else number(end, decimals)
        for end in (low, high)
    )


def percent(share: float | None) -> str:
    """100 % and 0 % only where it is all and none."""
    return NONE if share is None or share != share else rounding.share(share)


def count(many: int, one: str, more: str = "") -> str:
    """ "1 row", "12,000 rows" """
    return f"{many:,} {one if many == 1 else more or one + 's'}"


def duration(seconds: float) -> str:
    """As a person says it: 4 s, 2 min 10 s, 1 h 5 min."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes < 10 and rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
