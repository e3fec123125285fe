"""Scores as text: what is shown, what may be typed, and why something may not."""

from __future__ import annotations

from core.dataset.formats import Example, Scale
from core.dataset.scores import parse_score
from gui.widgets.score import number


def decimals(scale: Scale) -> int:
    """How many decimals every score of the scale is shown with, so that a column of them lines up."""
    span = abs(scale.high - scale.low)
    return 2 if span <= 10 else 1 if span <= 100 else 0


def shown(score: float | None, scale: Scale) -> str:
    """The 0–1 `score` on the dataset's scale, with fixed decimals; an en dash when unlabelled."""
    return number(None if score is None else scale.from_unit(score), decimals(scale))


def plain(value: float) -> str:
    """A number in the fewest digits: 1, 0.5, 3.75."""
    return f"{value:.6g}"


def raw(example: Example, scale: Scale) -> str:
    """The score as it was typed or imported; "" when unlabelled."""
    if example.score is None:
        return ""
    return example.raw_score or plain(scale.from_unit(example.score))


def span(scale: Scale) -> str:
    return f"{plain(scale.low)} to {plain(scale.high)}".replace("-", "−")


def problem(text: str, scale: Scale) -> str:
    """Why `text` cannot be a score on this scale; "" when it can. Empty means unlabelled, a decimal comma is fine."""
    text = text.strip()
    if not text:
        return ""
    value = parse_score(text)
    if value is None:
        return f"“{_short(text)}” is not a number."
    low, high = sorted((scale.low, scale.high))
    if not low <= value <= high:
        return f"{_short(text)} is outside {span(scale)}."
    return ""


def steps(scale: Scale) -> tuple[float, ...]:
    """The scores worth a button: every whole step of a short scale, else both ends and the middle."""
    width = scale.high - scale.low
    if width in (3, 4, 5, 6) and scale.low == int(scale.low):
        return tuple(scale.low + n for n in range(int(width) + 1))
    return (scale.low, (scale.low + scale.high) / 2, scale.high)


def step_title(value: float) -> str:
    return "½" if value == 0.5 else plain(value).replace("-", "−")


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:23] + "…"
