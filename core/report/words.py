"""Changes and settings in words, rounded as the window rounds them."""

from __future__ import annotations

from typing import Any

from core import rounding
from core.words import NONE


def points(change: float) -> str:
    """A difference of shares, in percentage points."""
    if change != change:
        return NONE
    return f"{rounding.points(change)} points" if change else "no change"


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
