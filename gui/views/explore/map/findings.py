"""What the map found without being asked: outliers, groups without labels, texts whose neighbours changed most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gui.views.explore.map.points import Mapped
from gui.widgets.basic import brief

MOST = 300  # lines of a list
_LOST = 0.5  # share of its neighbours that a text has to lose
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Line:
    title: str
    detail: str
    places: Places  # of the points that it means


@dataclass(frozen=True)
class Finding:
    """A list to look through; `every` are the points of all its lines, also of those that are not listed."""

    key: str
    title: str
    empty: str
    lines: list[Line] = field(default_factory=list)
    every: Places = field(default_factory=lambda: np.zeros(0, np.int64))
    count: int = 0  # what the title counts: texts, or groups


def findings(texts: Sequence[str], mapped: Mapped) -> list[Finding]:
    """The lists of a map, as far as it is made."""
    arrays = mapped.arrays
    if "group" not in arrays:
        return []
    found = [_outliers(texts, mapped), _bare(mapped)]
    two = len(mapped.points) == 2 and "overlap" in arrays
    return [*found, _changed(texts, mapped)] if two else found


def _outliers(texts: Sequence[str], mapped: Mapped) -> Finding:
    apart = mapped.arrays["apart"]
    places = np.flatnonzero(mapped.arrays["outlier"])
    shown = _first(places, -apart[places])
    groups = mapped.facts.get("groups", [])
    names = mapped.arrays["group"]

    def detail(place: int) -> str:
        return f"far from “{brief(groups[int(names[place])]['name'], 40)}”" if groups else ""

    lines = [Line(texts[place], detail(place), np.array([place])) for place in shown.tolist()]
    empty = "No text lies far from the middle of its group."
    return Finding("outliers", "Outliers", empty, lines, places, len(places))


def _bare(mapped: Mapped) -> Finding:
    group = mapped.arrays["group"]
    groups = mapped.facts.get("groups", [])
    bare = [n for n, one in enumerate(groups) if one["size"] and not one["labelled"]]
    bare.sort(key=lambda number: -int(groups[number]["size"]))
    lines = [
        Line(str(groups[n]["name"]), _texts(int(groups[n]["size"])), np.flatnonzero(group == n))
        for n in bare[:MOST]
    ]
    every = np.flatnonzero(np.isin(group, bare))
    empty = "Every group has at least one text with a label."
    return Finding("bare", "Groups without labels", empty, lines, every, len(bare))


def _changed(texts: Sequence[str], mapped: Mapped) -> Finding:
    overlap, k = mapped.arrays["overlap"], mapped.facts.get("k", 10)
    places = np.flatnonzero(np.isfinite(overlap) & (overlap <= _LOST))
    shown = _first(places, overlap[places])
    lines = [
        Line(
            texts[place],
            f"{round((1 - float(overlap[place])) * k)} of {k} neighbours are new",
            np.array([place]),
        )
        for place in shown.tolist()
    ]
    empty = "Every text kept more than half of its neighbours."
    return Finding("changed", "New neighbours", empty, lines, places, len(places))


def _first(places: Places, values: NDArray[np.floating]) -> Places:
    """The places with the lowest values, as many as a list shows."""
    if len(places) > MOST:
        few = np.argpartition(values, MOST)[:MOST]
        places, values = places[few], values[few]
    return places[np.argsort(values, kind="stable")]


def _texts(count: int) -> str:
    return f"{count:,} text{'' if count == 1 else 's'}"
