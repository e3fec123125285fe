"""Scores as people write them: numbers, and the scale that a column of them is on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.dataset.formats import Scale

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?", re.ASCII)
_WORDS = {"true": 1.0, "false": 0.0}

# tightest first: the first scale that holds nearly all values is the one
_SCALES = (Scale(0, 1), Scale(-1, 1), Scale(1, 5), Scale(0, 5), Scale(0, 10), Scale(0, 100))


def parse_score(raw: str) -> float | None:
    """The number that `raw` spells ("0.5", "0,5", "1e-3", "true"), or None. NaN and infinities are no scores."""
    text = raw.strip()
    if _NUMBER.fullmatch(text):
        value = float(text.replace(",", "."))
        return value if value - value == 0 else None  # 1e999 is infinite
    return _WORDS.get(text.lower())


def detect_scale(values: Sequence[float]) -> Scale | None:
    """The scale that the values were evidently given on, or None when no known one fits.

    A few values outside (2 %, or one in ten of a small set) do not widen the scale: they are mistakes to be reported, not
    evidence. 1–5 is told from 0–5 by a lowest value of exactly 1, or by whole numbers that never reach 0.
    """
    if not values:
        return Scale()
    allowed = 0 if len(values) < 3 else max(1, len(values) // 10) if len(values) < 50 else len(values) // 50
    low = min(values)
    for scale in _SCALES:
        if scale.low == 1 and not (low == 1 or (low > 1 and all(value == int(value) for value in values))):
            continue
        inside = [value for value in values if scale.low <= value <= scale.high]
        if len(values) - len(inside) > allowed:
            continue
        if scale.low == -1 and min(inside) >= 0:
            continue  # the values below zero are themselves the outliers: 0–1 was tried already
        return scale
    return None


def shown(scale: Scale) -> str:
    """ "0–5" """
    return f"{scale.low:g}–{scale.high:g}" if scale.low >= 0 else f"{scale.low:g} to {scale.high:g}"
