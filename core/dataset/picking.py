"""Choosing whole groups of rows until a hold-out is large enough."""

from __future__ import annotations

import random
from collections.abc import Sequence

_TRIES = 16
_WORK = 400_000  # positions looked at over all tries: a million rows get one try, and need no luck


def pick(
    groups: Sequence[int],
    pinned: Sequence[bool],
    classes: Sequence[bool | None],
    target: float,
    tolerance: float,
    seed: int,
) -> set[int]:
    """Positions to hold out: whole groups, about `target` positions and never more than `target + tolerance`.

    `groups[i]` is the group of position i; a group with a pinned position is never chosen. Where `classes` has both True and
    False, several shuffles compete and the one wins that has both on both sides and the most similar mix. Empty when not
    even the smallest free group fits.
    """
    members: dict[int, list[int]] = {}
    for position, group in enumerate(groups):
        members.setdefault(group, []).append(position)
    limit = max(target + tolerance, 1.0)
    free = [m for m in members.values() if len(m) <= limit and not any(pinned[i] for i in m)]
    if len(members) < 2 or not free:
        return set()
    labels = [c for c in classes if c is not None]
    mixed = len(set(labels)) == 2
    overall = sum(labels) / len(labels) if labels else 0.0
    best: tuple[tuple[bool, float, float], set[int]] | None = None
    for attempt in range(max(1, min(_TRIES, _WORK // len(groups))) if mixed else 1):
        order = list(free)
        random.Random(f"{seed}/{attempt}").shuffle(order)
        if mixed:
            order = _both_classes_first(order, classes)
        chosen = _fill(order, target, limit, len(groups))
        rank = (*_mix(chosen, classes, overall), abs(len(chosen) - target))
        if best is None or rank < best[0]:
            best = (rank, chosen)
    return best[1] if best else set()


def _both_classes_first(order: list[list[int]], classes: Sequence[bool | None]) -> list[list[int]]:
    """Move the first group with a True and the first with a False to the front, so that neither is left out by size."""
    lead: list[int] = []
    for wanted in (True, False):
        if not any(classes[i] is wanted for place in lead for i in order[place]):
            place = next((p for p, m in enumerate(order) if any(classes[i] is wanted for i in m)), None)
            if place is not None:
                lead.append(place)
    return [order[p] for p in lead] + [m for p, m in enumerate(order) if p not in lead]


def _fill(order: list[list[int]], target: float, limit: float, total: int) -> set[int]:
    chosen: set[int] = set()
    for group in order:
        size = len(chosen) + len(group)
        if size <= limit and size < total and (not chosen or abs(size - target) <= abs(len(chosen) - target)):
            chosen.update(group)
        if len(chosen) >= target:
            break
    return chosen


def _mix(chosen: set[int], classes: Sequence[bool | None], overall: float) -> tuple[bool, float]:
    """(a class is missing on a side, difference of the share of True): smaller is better."""
    inside = [classes[i] for i in chosen if classes[i] is not None]
    outside = [c for i, c in enumerate(classes) if c is not None and i not in chosen]
    missing = len(set(inside)) < 2 or len(set(outside)) < 2
    return missing, abs(sum(map(bool, inside)) / len(inside) - overall) if inside else 1.0
