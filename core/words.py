"""Figures in words, for the window, the command line and what a run leaves behind: the same figure reads the same everywhere."""

from __future__ import annotations

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


def percent(share: float | None) -> str:
    return NONE if share is None or share != share else f"{share:.1%}"


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
