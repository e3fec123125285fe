"""Histograms of similar and dissimilar pairs, the base model above the tuned one, each with its threshold."""

from __future__ import annotations

import numpy as np

from core.report.blocks import Figure
from core.report.chart_frame import Frame
from core.report.svg import Canvas, width_of
from core.similarity.cuts import Sides
from core.words import exactly, fraction

_WIDTH, _PANEL = 690.0, 118.0
_LEFT, _RIGHT = 40.0, 684.0


def histograms(sides: Sides, cuts: tuple[float, float], names: tuple[str, str]) -> Figure:
    """`cuts`: the thresholds that are drawn; not a number: none."""
    models = (sides.first, sides.second)
    told = []
    for name, side, cut in zip(names, models, cuts, strict=True):
        told.append(
            f"{name}: AUC {fraction(side.auc)}" + (f", threshold {exactly(cut)}" if cut == cut else "")
        )
    alt = "Scores of similar and dissimilar pairs. " + "; ".join(told) + "."
    height = 4 + 2 * _PANEL + 30
    canvas = Canvas(_WIDTH, height, alt)
    tallest = max(int(max(side.positives.max(initial=0), side.negatives.max(initial=0))) for side in models)
    edges = sides.edges
    frame = None
    for row, (name, side, cut) in enumerate(zip(names, models, cuts, strict=True)):
        top = 4 + row * _PANEL
        frame = Frame(
            canvas,
            (_LEFT, top + 18, _RIGHT, top + _PANEL - 6),
            (float(edges[0]), float(edges[-1])),
            (0.0, max(tallest, 1) * 1.08),
        )
        frame.grid("", 3)
        _bars(frame, edges, side.negatives, "negative")
        _bars(frame, edges, side.positives, "positive")
        canvas.line(frame.left, frame.bottom, frame.right, frame.bottom, "line_strong")
        if cut == cut:
            _threshold(frame, cut)
        right = (
            cut == cut and frame.x(cut) < (_LEFT + _RIGHT) / 2
        )  # the name stands where the threshold does not
        place, anchor = (_RIGHT, "end") if right else (_LEFT, "start")
        canvas.text(place, top + 11, name, "text", 11.5, anchor, bold=True)
    if frame is not None:
        frame.scale("similarity", 10)
    caption = "How many pairs score how high; the line is the threshold."
    return Figure(canvas.done(), alt, caption, _WIDTH, height)


def _bars(frame: Frame, edges: np.ndarray, counts: np.ndarray, colour: str) -> None:
    """Filled steps under a firm outline: two of them can lie over each other."""
    for place, many in enumerate(counts.tolist()):
        if many:
            left, right = frame.x(float(edges[place])), frame.x(float(edges[place + 1]))
            frame.canvas.rect(left, frame.y(many), right - left, frame.bottom - frame.y(many), colour, 0.28)
    outline: list[tuple[float, float]] = []
    for place, many in enumerate(counts.tolist()):
        outline += [
            (frame.x(float(edges[place])), frame.y(many)),
            (frame.x(float(edges[place + 1])), frame.y(many)),
        ]
    frame.canvas.curve(outline, colour, 1.2)


def _threshold(frame: Frame, cut: float) -> None:
    place = min(max(frame.x(cut), frame.left), frame.right)
    frame.canvas.line(place, frame.top - 12, place, frame.bottom, "text", 1.5)
    words = exactly(cut)
    left = place + 5 + width_of(words, 10.5) > frame.right
    frame.canvas.text(
        place + (-5 if left else 5), frame.top - 4, words, "text", 10.5, "end" if left else "start", bold=True
    )
