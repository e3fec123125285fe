"""What became of the rows of each part, as one bar a part."""

from __future__ import annotations

from collections.abc import Sequence

from core.report.blocks import Figure
from core.report.svg import Canvas, width_of
from core.similarity.before_after import Tally
from core.words import percent

_WIDTH, _ROW = 690.0, 34.0
_LEFT, _RIGHT = 92.0, 690.0

# In the order of the bar, with the colour and how strong it is.
KINDS = (
    ("still_right", "Still right", "positive", 0.3),
    ("fixed", "Fixed", "positive", 1.0),
    ("broken", "Broken", "negative", 1.0),
    ("still_wrong", "Still wrong", "negative", 0.3),
)


def bars(tallies: Sequence[tuple[str, Tally]]) -> Figure:
    told = []
    height = _ROW * len(tallies) + 24
    for title, found in tallies:
        parts = ", ".join(f"{getattr(found, key):,} {words.lower()}" for key, words, *_ in KINDS)
        told.append(f"{title}, {found.count:,} rows: {parts}")
    alt = "What became of the rows. " + "; ".join(told) + "."
    canvas = Canvas(_WIDTH, height, alt)
    _legend(canvas)
    for row, (title, found) in enumerate(tallies):
        top = 24 + row * _ROW
        canvas.text(0, top + 17, title, "text", 11.5, bold=True)
        _bar(canvas, top + 4, found)
    return Figure(canvas.done(), alt, "", _WIDTH, height)


def _legend(canvas: Canvas) -> None:
    x = _LEFT
    for _, words, colour, strong in KINDS:
        canvas.rect(x, 3, 10, 10, colour, strong, 2)
        canvas.text(x + 15, 12, words, size=10.5)
        x += 15 + width_of(words, 10.5) + 22


def _bar(canvas: Canvas, top: float, found: Tally) -> None:
    x, wide = _LEFT, _RIGHT - _LEFT
    for key, _, colour, strong in KINDS:
        many = getattr(found, key)
        if not many:
            continue
        part = wide * many / found.count
        canvas.rect(x, top, max(part - 1, 1), 19, colour, strong, 2)
        words = f"{many:,}" if part < 74 else f"{many:,} · {percent(many / found.count)}"
        if width_of(words, 10.5) + 8 < part:
            canvas.text(x + 6, top + 13.5, words, "surface" if strong == 1 else "text", 10.5)
        x += part
