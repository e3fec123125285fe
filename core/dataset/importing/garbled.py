"""Garbled letters in the first rows of a file: what a person is shown before deciding about their repair."""

from __future__ import annotations

from collections.abc import Sequence

from core.dataset.importing.results import Repair
from core.dataset.mojibake import repaired

_SHOWN = 5


def repairs_of(sample: Sequence[Sequence[str]]) -> tuple[tuple[Repair, ...], int]:
    """A few texts with garbled letters, and how many rows have some."""
    found: dict[str, Repair] = {}
    rows = 0
    for row in sample:
        changed = [cell for cell in row if not cell.isascii() and repaired(cell) != cell]
        rows += bool(changed)
        for cell in changed:
            if len(found) < _SHOWN:
                found.setdefault(cell, Repair(cell, repaired(cell)))
    return tuple(found.values()), rows


def note_of(sample: Sequence[Sequence[str]]) -> list[str]:
    """That there are such letters and nothing was done about them."""
    rows = repairs_of(sample)[1]
    if not rows:
        return []
    return [
        f"{rows:,} of the first {len(sample):,} rows hold garbled letters (â€™ instead of ’, Ã© instead of é), kept as they are."
    ]
