"""Figures and settings in words, rounded as the window rounds them."""

from __future__ import annotations

from typing import Any

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
    return ("+" if value is not None and value > 0 else "") + number(value, decimals)


def percent(share: float | None) -> str:
    return NONE if share is None or share != share else f"{share:.1%}"


def points(change: float) -> str:
    """A difference of shares, in percentage points."""
    if change != change:
        return NONE
    return f"{100 * change:+.1f} points".replace("-", "−") if change else "no change"


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


def setting(value: Any) -> str:
    """A setting's value for reading: 2e-05 becomes 2e−5."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        text = f"{value:g}"
        if "e" in text:
            return text.replace("e-0", "e−").replace("e-", "e−").replace("e+0", "e")
        return text.replace("-", "−")
    return str(value) if value not in ("", None) else NONE
