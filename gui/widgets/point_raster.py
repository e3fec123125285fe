"""A million points as a picture, many times a second: what lies where is counted with NumPy, not painted one by one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Integers = NDArray[np.int64]
Picture = NDArray[np.uint32]  # (height, width), 0xAARRGGBB, premultiplied

MOST_CLASSES = 60
FADED = 64  # added to the class of a point that stands back
_LEVELS = 16  # of density
_ASKED = 40_000  # points that say how much there is to see
_FAINTEST = 0.62  # how opaque a single point is


@dataclass(frozen=True)
class View:
    """Which part of the map is on show: the point at the middle, and how many pixels one unit takes."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0

    def zoomed(self, factor: float, at_x: float, at_y: float) -> View:
        """Nearer or farther, with the point (`at_x`, `at_y`), in pixels from the middle, staying where it is."""
        scale = self.scale * factor
        return View(
            self.x + at_x / self.scale - at_x / scale,
            self.y - at_y / self.scale + at_y / scale,
            scale,
        )

    def moved(self, x: float, y: float) -> View:
        """Dragged by so many pixels."""
        return View(self.x - x / self.scale, self.y + y / self.scale, self.scale)


def fitting(points: Floats, width: int, height: int, margin: float = 0.06) -> View:
    """The view in which all of `points` (n, 2) can be seen, but for a thousandth that lies far outside."""
    points = points[:: max(1, len(points) // _ASKED)]
    finite = points[np.isfinite(points).all(axis=1)]
    if not len(finite):
        return View()
    share = 0.05 if len(finite) > 1000 else 0.0  # percent
    low, high = np.percentile(finite, [share, 100 - share], axis=0)
    spans = np.maximum(high - low, 1e-9)
    room = 1 - 2 * margin
    scale = float(min(width * room / spans[0], height * room / spans[1]))
    middle = (low + high) / 2
    return View(float(middle[0]), float(middle[1]), max(scale, 1e-9))


def pixels(points: Floats, view: View, width: int, height: int) -> tuple[Floats, Floats]:
    """Where `points` (n, 2) lie in a picture of that size: x to the right, y downwards, float32 (n,) each."""
    x = points[:, 0] * np.float32(view.scale)
    x += np.float32(width / 2 - view.x * view.scale)
    y = points[:, 1] * np.float32(-view.scale)
    y += np.float32(height / 2 + view.y * view.scale)
    return x, y


def radius_for(count: int, zoom: float = 1.0) -> int:
    """How large points are drawn, in pixels around their middle: few ones large, many ones small; larger when one looks closely."""
    base = 4 if count <= 1_500 else 3 if count <= 8_000 else 2 if count <= 60_000 else 1
    return min(5, base + (1 if zoom > 4 else 0) + (1 if zoom > 16 else 0))


def draw(
    points: Floats,
    classes: Bytes,
    view: View,
    width: int,
    height: int,
    colours: Picture,
    radius: int = 2,
) -> Picture:
    """The picture of `points` (n, 2) whose `classes` (n,) say their colour; points of a class plus `FADED` stand back and come first.

    `colours` has 0xRRGGBB for each class, those that stand back from `FADED` on. Where more points lie the picture is more opaque, and the class of the last
    point in the array is what one sees.
    """
    x, y = pixels(points, view, width, height)
    # Half a picture beyond the edge is far enough for every integer; NaN fails every comparison.
    inside = (x > -radius) & (x < width + radius) & (y > -radius) & (y < height + radius)
    if not inside.all():
        x, y, classes = x[inside], y[inside], classes[inside]
    margin = radius
    wide, high = width + 2 * margin, height + 2 * margin
    place = (y + margin).astype(np.int64)
    place *= wide
    place += (x + margin).astype(np.int64)
    counts = np.minimum(np.bincount(place, minlength=wide * high)[: wide * high], _LEVELS - 1)
    values = np.zeros(wide * high, np.uint16)
    values[place] = classes + 1
    front = (values > 0) & (values <= FADED)
    level = (counts.astype(np.uint16) << 8) | (front.astype(np.uint16) << 12)
    values |= np.where(values > 0, level, 0).astype(np.uint16)
    grown = _grown(values.reshape(high, wide), radius)[margin : margin + height, margin : margin + width]
    return _table(colours)[grown]


def _grown(values: NDArray[np.uint16], radius: int) -> NDArray[np.uint16]:
    """Every value spread over a disc; where discs meet, the denser and nearer one is seen."""
    found = values.copy()
    high, wide = values.shape
    for down in range(-radius, radius + 1):
        for right in range(-radius, radius + 1):
            if (down or right) and down * down + right * right <= (radius + 0.5) ** 2:
                to = found[max(down, 0) : high + min(down, 0), max(right, 0) : wide + min(right, 0)]
                source = values[max(-down, 0) : high + min(-down, 0), max(-right, 0) : wide + min(-right, 0)]
                np.maximum(to, source, out=to)
    return found


def _table(colours: Picture) -> Picture:
    """The colour of each value that `draw` writes: bits 0–7 the class plus one, 8–11 the density, 12 whether it stands in front."""
    values = np.arange(1 << 13, dtype=np.int64)
    classes = (values & 0xFF) - 1
    known = np.zeros(256, np.int64)
    known[: len(colours)] = colours
    colour = known[np.clip(classes, 0, 255)]
    density = np.log1p((values >> 8) & 0xF) / np.log(_LEVELS)
    alpha = np.where(classes >= FADED, 0.30 + 0.25 * density, _FAINTEST + (1 - _FAINTEST) * density)
    alpha[classes < 0] = 0.0
    parts = [((colour >> shift) & 0xFF) * alpha for shift in (16, 8, 0)]
    red, green, blue = (np.rint(part).astype(np.int64) for part in parts)
    whole = np.rint(255 * alpha).astype(np.int64)
    return ((whole << 24) | (red << 16) | (green << 8) | blue).astype(np.uint32)


def nearest(x: Floats, y: Floats, at_x: float, at_y: float, within: float) -> int:
    """The point nearest to a place, all in pixels; -1 when none is within reach."""
    close = np.flatnonzero((np.abs(x - at_x) <= within) & (np.abs(y - at_y) <= within))
    if not len(close):
        return -1
    distances = (x[close] - at_x) ** 2 + (y[close] - at_y) ** 2
    best = int(np.argmin(distances))
    return int(close[best]) if distances[best] <= within * within else -1
