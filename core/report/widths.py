"""How columns of texts share their room: a long text gets more of it than a short one beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.report.blocks import Cell, Head

_EVEN = 0.3  # of the room is shared evenly, whatever the texts


def shared(heads: Sequence[Head], rows: Sequence[Sequence[Cell]]) -> tuple[Head, ...]:
    """The heads with the weights of the columns that hold texts of the data changed, their sum as it was."""
    texts = [place for place in range(len(heads)) if rows and all(row[place].data for row in rows)]
    if len(texts) < 2:
        return tuple(heads)
    room = sum(heads[place].weight for place in texts)
    lengths = {place: sum(len(row[place].text) for row in rows) ** 0.5 + 1 for place in texts}
    total = sum(lengths.values())
    return tuple(
        replace(head, weight=room * (_EVEN / len(texts) + (1 - _EVEN) * lengths[place] / total))
        if place in lengths
        else head
        for place, head in enumerate(heads)
    )
