"""How texts moved, as arrows that can be told apart: of a few texts each one, of many what went from one part of the map to another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gui.widgets.point_raster import Floats

SINGLE = 120  # arrows of single texts
FLOWS = 24  # arrows of many texts
_PARTS = 14  # of the map along each side
_LEAST_MOVE = 0.02  # of the map's width: shorter is no movement
_LEAST_SHARE = 0.02  # of the largest flow


@dataclass(frozen=True)
class Arrows:
    """From `starts` (n, 2) to `ends` (n, 2); `counts` (n,) texts each, the most first. `texts` says how many moved."""

    starts: Floats
    ends: Floats
    counts: NDArray[np.int64]
    texts: int = 0

    @property
    def single(self) -> bool:
        return not len(self.counts) or int(self.counts.max()) == 1


_NONE = np.zeros((0, 2), np.float32)
NOTHING = Arrows(_NONE, _NONE, np.zeros(0, np.int64))


def arrows(before: Floats, after: Floats, among: NDArray[np.bool_] | None = None) -> Arrows:
    """Of the texts `among` (n,), or of all. Those that moved farthest, or where more than `SINGLE` did, the largest flows."""
    if not len(before):
        return NOTHING
    gone = after - before
    far = np.hypot(gone[:, 0], gone[:, 1])
    far = np.where(np.isfinite(far), far, 0.0)
    low, high = _ends(before)
    wide = float((high - low).max())
    moved = np.flatnonzero(
        (far > _LEAST_MOVE * wide) if among is None else (far > _LEAST_MOVE * wide) & among
    )
    if not len(moved):
        return NOTHING
    if len(moved) <= SINGLE:
        order = moved[np.argsort(-far[moved], kind="stable")]
        return Arrows(before[order], after[order], np.ones(len(order), np.int64), len(moved))
    return _flows(before[moved], after[moved])


def _flows(before: Floats, after: Floats) -> Arrows:
    (low, high), (other_low, other_high) = _ends(before), _ends(after)
    low = np.minimum(low, other_low)
    span = np.maximum(np.maximum(high, other_high) - low, 1e-9)

    def part(places: Floats) -> NDArray[np.int64]:
        cells = np.minimum(((places - low) / span * _PARTS).astype(np.int64), _PARTS - 1)
        found: NDArray[np.int64] = cells[:, 0] * _PARTS + cells[:, 1]
        return found

    key = part(before) * _PARTS * _PARTS + part(after)
    _, flow, counts = np.unique(key, return_inverse=True, return_counts=True)
    starts, ends = (_means(places, flow, counts) for places in (before, after))
    order = np.argsort(-counts, kind="stable")[:FLOWS]
    order = order[counts[order] >= max(1, round(_LEAST_SHARE * counts[order[0]]))]
    return Arrows(starts[order], ends[order], counts[order], len(before))


def _ends(places: Floats) -> tuple[Floats, Floats]:
    """The lowest and the highest finite value along each axis; NumPy is many times as fast with one axis after the other as with both."""
    columns = [places[:, axis][np.isfinite(places[:, axis])] for axis in range(2)]
    if not all(map(len, columns)):
        return np.zeros(2, np.float32), np.zeros(2, np.float32)
    return (
        np.array([column.min() for column in columns], np.float32),
        np.array([column.max() for column in columns], np.float32),
    )


def _means(places: Floats, flow: NDArray[np.int64], counts: NDArray[np.int64]) -> Floats:
    sums = [np.bincount(flow, places[:, axis], len(counts)) / counts for axis in range(2)]
    return np.stack(sums, axis=1).astype(np.float32)


def told(shown: Arrows) -> str:
    """The arrows in words, for the line under the maps."""
    if not shown.texts:
        return "No text moved by more than 2% of the map's width. "
    if shown.single:
        return f"Arrows: {shown.texts:,} text{'' if shown.texts == 1 else 's'} that moved by more than 2% of the map's width. "
    return f"Arrows: where most of the {shown.texts:,} texts went that moved by more than 2% of the map's width; thicker is more. "
