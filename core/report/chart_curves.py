"""Curves of a run: the loss of its steps, and the evaluation beside the base model's figure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.report.blocks import Figure
from core.report.chart_frame import Frame, bounds
from core.report.svg import Canvas
from core.words import number

_WIDTH, _HEIGHT = 336.0, 214.0
_BOX = (40.0, 30.0, 330.0, 178.0)
_MOST = 400  # points of a curve; more cannot be seen
_LEVELLED = 0.98  # loss values beyond this share of them set no scale: one wild step would flatten the rest

Floats = NDArray[np.float64]


def loss(steps: Floats, losses: Floats) -> Figure:
    """Every step faint, the running mean firm."""
    known = np.isfinite(losses)
    mean = smoothed(losses)
    alt = "Training loss by step: no finite value was recorded."
    if known.any():
        first, last = mean[known][0], mean[known][-1]
        alt = f"Training loss over {len(steps):,} steps: the running mean goes from {number(float(first), 4)} to {number(float(last), 4)}."
    canvas = Canvas(_WIDTH, _HEIGHT, alt)
    top = float(np.quantile(losses[known], _LEVELLED)) if known.any() else 1.0
    low = float(losses[known].min()) if known.any() else 0.0
    highest = max(top, float(np.nanmax(mean)) if known.any() else 1.0)
    frame = Frame(canvas, _BOX, (0.0, float(steps[-1]) if len(steps) else 1.0), bounds([low, highest]))
    frame.grid("Training loss")
    raw = np.clip(losses, None, bounds([low, highest])[1])
    canvas.curve(_points(frame, *thinned(steps, raw)), "accent", 1, 0.32)
    canvas.curve(_points(frame, *thinned(steps, mean)), "accent", 2)
    frame.scale("step")
    return Figure(canvas.done(), alt, "Faint: every step. Firm: the running mean.", _WIDTH, _HEIGHT)


def evaluation(
    title: str,
    points: Sequence[tuple[float, float]],
    base: float | None,
    kept: tuple[float, float] | None,
    way: str = "",
) -> Figure:
    """The hold-out metric after so many steps, the base model dotted, and a ring where the kept weights were measured."""
    values = [value for _, value in points]
    words = [f"{title} while training"]
    if base is not None:
        words.append(f"base model {number(base)}")
    if values:
        words.append(f"best {number(max(values))}, last {number(values[-1])}")
    if kept is not None:
        words.append(f"kept model {number(kept[1])}")
    alt = ", ".join(words) + "."
    canvas = Canvas(_WIDTH, _HEIGHT, alt)
    marks = [*values, *([base] if base is not None else []), *([kept[1]] if kept else [])]
    steps = [step for step, _ in points] + ([kept[0]] if kept else [])
    frame = Frame(canvas, _BOX, (0.0, max(steps, default=1.0)), bounds(marks, 0.12))
    frame.grid(title)
    if base is not None:
        canvas.line(frame.left, frame.y(base), frame.right, frame.y(base), "secondary", 1.4, "2 3")
        below = any(frame.y(base) - 16 < frame.y(value) < frame.y(base) for value in values[-1:])
        canvas.text(frame.right, frame.y(base) + (13 if below else -5), "base model", size=10, anchor="end")
    canvas.curve(((frame.x(step), frame.y(value)) for step, value in points), "positive", 2)
    if len(points) <= 40:
        for step, value in points:
            canvas.dot(frame.x(step), frame.y(value), 2.6, "positive")
    if kept is not None:
        canvas.dot(frame.x(kept[0]), frame.y(kept[1]), 5, "surface", "accent")
        canvas.dot(frame.x(kept[0]), frame.y(kept[1]), 2.2, "accent")
    frame.scale("step")
    caption = "Higher is better." + (f" The ring marks the kept model{way}." if kept is not None else "")
    return Figure(canvas.done(), alt, caption, _WIDTH, _HEIGHT)


def smoothed(values: Floats, weight: float = 0.9) -> Floats:
    """The exponential mean with its start corrected; gaps leave it as it is."""
    found = np.full(len(values), np.nan)
    total = share = 0.0
    for place, value in enumerate(values.tolist()):
        if value == value and abs(value) != float("inf"):
            total, share = weight * total + (1 - weight) * value, weight * share + (1 - weight)
        if share:
            found[place] = total / share
    return found


def thinned(x: Floats, y: Floats, most: int = _MOST) -> tuple[Floats, Floats]:
    """The least and the greatest value of each stretch, where there are more points than can be seen."""
    if len(x) <= most:
        return x, y
    places: list[int] = []
    for part in np.array_split(np.arange(len(x)), most // 2):
        known = part[np.isfinite(y[part])]
        if len(known):
            places += sorted({int(known[y[known].argmin()]), int(known[y[known].argmax()])})
    return x[places], y[places]


def _points(frame: Frame, x: Floats, y: Floats) -> list[tuple[float, float]]:
    return [(frame.x(one), frame.y(other)) for one, other in zip(x.tolist(), y.tolist(), strict=True)]
