"""Two maps of the same texts beside each other: the base model's and the tuned model's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.report.blocks import Figure
from core.report.svg import Canvas

_WIDTH, _SIDE, _TALL, _GAP = 690.0, 338.0, 284.0, 14.0
_MARGIN = 12.0
_CLASSES = 6
OTHERS = "line_strong"

Floats = NDArray[np.float32]


def maps(pictures: Floats, classes: NDArray[np.int64], names: tuple[str, str], alt: str) -> Figure:
    """`pictures` (2, n, 2), on one scale; `classes` (n,): 0 … 5 have a colour each, −1 none. The larger classes lie below."""
    height = _TALL + 22
    canvas = Canvas(_WIDTH, height, alt)
    every = pictures.reshape(-1, 2)
    middle = (every.min(axis=0) + every.max(axis=0)) / 2
    half = np.maximum((every.max(axis=0) - every.min(axis=0)) / 2, 1e-9)
    scale = float(min((_SIDE / 2 - _MARGIN) / half[0], (_TALL / 2 - _MARGIN) / half[1]))  # the same both ways
    size = float(np.clip(70 / max(pictures.shape[1], 1) ** 0.5, 2.2, 6.5))
    for number, name in enumerate(names):
        left = number * (_SIDE + _GAP)
        canvas.text(left, 12, name, "text", 11.5, bold=True)
        canvas.rect(left, 22, _SIDE, _TALL, "line", round=6)
        canvas.rect(left + 0.8, 22.8, _SIDE - 1.6, _TALL - 1.6, "raised", round=5.4)
        placed = (pictures[number] - middle) * scale
        x, y = left + _SIDE / 2 + placed[:, 0], 22 + _TALL / 2 - placed[:, 1]
        for kind in range(-1, _CLASSES):
            rows = np.flatnonzero(classes == kind)
            points = list(zip(x[rows].tolist(), y[rows].tolist(), strict=True))
            canvas.dots(points, OTHERS if kind < 0 else hue(kind), size, 0.7 if kind < 0 else 0.8)
    return Figure(canvas.done(), alt, "", _WIDTH, height)


def hue(kind: int) -> str:
    return f"hue{kind + 1}"
