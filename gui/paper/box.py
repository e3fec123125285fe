"""What is put onto paper: boxes of a known height, in groups that stay together, and sheets of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtGui import QPainter

# Millimetres at 96 dots an inch, the unit of everything here.
MM = 96 / 25.4
WIDTH, HEIGHT = 210 * MM, 297 * MM
LEFT, TOP, BOTTOM = 16 * MM, 15 * MM, 19 * MM
INNER = WIDTH - 2 * LEFT
ROOM = HEIGHT - TOP - BOTTOM

_SPLIT = 0.4  # of a sheet: a taller group may be parted rather than leave so much of it empty
_BEGINNING = 4  # boxes: a title, a head and two rows

Draw = Callable[[QPainter, float], object]  # paints at this height


@dataclass(frozen=True)
class Box:
    height: float
    draw: Draw


@dataclass(frozen=True)
class Group:
    """Boxes that stay on one sheet where they fit. `again`: what stands above the rest where they do not. `before`: the space above, not
    at the top of a sheet. `with_next`: nothing without what follows, as a heading."""

    boxes: tuple[Box, ...]
    before: float = 0.0
    again: Box | None = None
    with_next: bool = False

    @property
    def height(self) -> float:
        return sum(box.height for box in self.boxes)


@dataclass
class Sheet:
    placed: list[tuple[float, Box]] = field(default_factory=list)
    used: float = 0.0

    def put(self, box: Box, before: float = 0.0) -> None:
        top = self.used + (before if self.placed else 0.0)
        self.placed.append((top, box))
        self.used = top + box.height


def sheets(groups: Sequence[Group], room: float = ROOM) -> list[Sheet]:
    """The groups on as few sheets as they need, in their order."""
    found = [Sheet()]
    for number, group in enumerate(groups):
        needed = group.before + _together(groups, number, room)
        if found[-1].placed and found[-1].used + needed > room:
            found.append(Sheet())
        for place, box in enumerate(group.boxes):
            before = group.before if not place else 0.0
            if found[-1].placed and found[-1].used + before + box.height > room:
                found.append(Sheet())
                if group.again is not None and place:
                    found[-1].put(group.again)
            found[-1].put(box, before)
    return found


def _together(groups: Sequence[Group], number: int, room: float) -> float:
    """How much must stand on one sheet: the group, or the beginning of a tall one, and what it must not stand without."""
    group = groups[number]
    if len(group.boxes) > 1 and group.height > room * _SPLIT:
        return sum(box.height for box in group.boxes[:_BEGINNING])
    if not group.with_next or number + 1 == len(groups):
        return group.height
    return group.height + groups[number + 1].before + _together(groups, number + 1, room)
