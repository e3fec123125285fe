"""Sets of ids as ranges: a million rows that lie together are two numbers."""

from __future__ import annotations

from collections.abc import Iterable

Ranges = tuple[tuple[int, int], ...]  # (first, last), both included, ascending, not touching


def to_ranges(ids: Iterable[int]) -> Ranges:
    """The ids, in any order and with repetitions, as ranges."""
    found: list[tuple[int, int]] = []
    first = last = None
    for id in sorted(ids):
        if last is not None and id <= last + 1:
            last = id
            continue
        if first is not None and last is not None:
            found.append((first, last))
        first = last = id
    if first is not None and last is not None:
        found.append((first, last))
    return tuple(found)
