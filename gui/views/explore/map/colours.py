"""What the colours of a map mean: each point's class, the classes' names and colours, for the theme of now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from gui.theme.tokens import Tokens
from gui.views.explore.map.points import Mapped, Named
from gui.widgets.point_raster import Bytes

# Paul Tol's muted and light schemes, ordered so that neighbours differ; told apart by colour-blind eyes as far as so many can be.
_HUES = {
    "light": (
        "#4477AA",
        "#CC6677",
        "#228833",
        "#B38600",
        "#AA4499",
        "#117733",
        "#DD7722",
        "#332288",
        "#44AA99",
        "#882255",
        "#7A7A1A",
        "#6699CC",
    ),
    "dark": (
        "#77AADD",
        "#EE8866",
        "#66CC88",
        "#EEDD88",
        "#EE99CC",
        "#44BB99",
        "#FFAA66",
        "#AA99EE",
        "#99DDFF",
        "#DD7799",
        "#BBCC33",
        "#88CCEE",
    ),
}
STEPS = 6  # of a scale
_EASE = 0.7  # so that a little more than nothing is seen
MODES = (
    ("label", "Label or category"),
    ("split", "Split"),
    ("dataset", "Dataset"),
    ("group", "Group"),
    ("bare", "Groups without labels"),
    ("moved", "How far it moved"),
    ("overlap", "Neighbours kept"),
    ("outlier", "Outliers"),
)


@dataclass(frozen=True)
class Colouring:
    """`classes` (n,) counts from 0; one name, colour and number of points for each class."""

    classes: Bytes
    names: tuple[str, ...]
    colours: tuple[str, ...]
    counts: tuple[int, ...]


NOTHING = Colouring(np.zeros(0, np.uint8), (), (), ())


def modes(mapped: Mapped, named: Mapping[str, Named]) -> list[tuple[str, str]]:
    """The ways to colour that say something about this map."""
    two = len(mapped.points) == 2
    found = []
    for key, title in MODES:
        if key in ("label", "split", "dataset"):
            shown = key in named and len(named[key].names) > (0 if key == "label" else 1)
        else:
            shown = "group" in mapped.arrays and (two or key not in ("moved", "overlap"))
            shown = shown and (key != "overlap" or key in mapped.arrays)
        if shown:
            found.append((key, title))
    return found


def colouring(key: str, mapped: Mapped, named: Mapping[str, Named], tokens: Tokens) -> Colouring:
    """The classes of one of `modes`; all points alike where it is none of them."""
    count = mapped.points.shape[1]
    grey = tokens.secondary
    if key in named:
        return _named(named[key], tokens)
    if key == "group" and "group" in mapped.arrays:
        groups = mapped.facts.get("groups", [])
        return _made(mapped.arrays["group"], [group["name"] for group in groups], hues(tokens, len(groups)))
    if key == "bare" and "group" in mapped.arrays:
        labelled = np.array([group["labelled"] for group in mapped.facts.get("groups", [])])
        bare = (labelled == 0)[mapped.arrays["group"]]
        return _made(bare, ["group has labels", "group has none"], [grey, tokens.negative])
    if key == "outlier" and "outlier" in mapped.arrays:
        return _made(
            mapped.arrays["outlier"], ["like its group", "far from its group"], [grey, tokens.negative]
        )
    if key in ("moved", "overlap") and key in mapped.arrays:
        return _scaled(mapped.arrays[key], key, tokens)
    return _made(np.zeros(count, np.int64), ["texts"], [tokens.accent])


def hues(tokens: Tokens, count: int) -> list[str]:
    """So many colours; after a dozen they come again, darker or lighter."""
    base = _HUES[tokens.name]
    found = []
    for place in range(count):
        colour, again = QColor(base[place % len(base)]), place // len(base)
        share = min(0.15 * again, 0.5)
        found.append(_mixed(colour, QColor(tokens.text), share).name())
    return found


def _named(named: Named, tokens: Tokens) -> Colouring:
    fixed = {
        "anchor": tokens.anchor,
        "positive": tokens.positive,
        "negative": tokens.negative,
        "train": tokens.accent,
    }
    given = hues(tokens, len(named.names))
    colours = [
        fixed.get(name, colour) if len(named.names) < 7 else colour
        for name, colour in zip(named.names, given, strict=True)
    ]
    codes = np.where(named.codes < 0, len(named.names), named.codes)
    return _made(codes, [*named.names, "none"], [*colours, tokens.secondary])


def _scaled(values: NDArray[np.float32], key: str, tokens: Tokens) -> Colouring:
    """Steps from pale to full colour: the more remarkable a text, the fuller."""
    known = np.isfinite(values)
    low, high = QColor(tokens.line_strong), QColor(tokens.negative if key == "overlap" else tokens.accent)
    colours = [_mixed(low, high, (step / (STEPS - 1)) ** _EASE).name() for step in range(STEPS)]
    if key == "overlap":
        edges = np.linspace(0, 1, STEPS + 1)
        steps = np.clip(((1 - np.nan_to_num(values)) * STEPS).astype(np.int64), 0, STEPS - 1)
        names = [f"{1 - b:.0%}–{1 - a:.0%} kept" for a, b in pairwise(edges)]
    else:
        edges = (
            np.quantile(values[known], np.linspace(0, 1, STEPS + 1)) if known.any() else np.zeros(STEPS + 1)
        )
        steps = np.clip(np.searchsorted(edges[1:-1], values, side="right"), 0, STEPS - 1)
        names = [f"{a:.3f}–{b:.3f}" for a, b in pairwise(edges)]
    codes = np.where(known, steps, STEPS)
    return _made(codes, [*names, "not asked"], [*colours, tokens.track])


def _made(codes: NDArray[np.integer] | NDArray[np.bool_], names: list[str], colours: list[str]) -> Colouring:
    """Classes without points are kept where they are steps of a scale, but nobody needs an empty last one."""
    counts = np.bincount(np.asarray(codes, np.int64), minlength=len(names))
    while len(names) > 1 and not counts[len(names) - 1]:
        names, colours = names[:-1], colours[:-1]
    shown = tuple(int(count) for count in counts[: len(names)])
    return Colouring(np.asarray(codes).astype(np.uint8), tuple(names), tuple(colours), shown)


def _mixed(low: QColor, high: QColor, share: float) -> QColor:
    parts = [
        round(a + (b - a) * share)
        for a, b in zip(low.getRgb()[:3], high.getRgb()[:3], strict=True)  # type: ignore[index]
    ]
    return QColor(*parts)
