"""Batches of texts with categories: of every category in a batch two texts at least. Torch-free.

The counts are those of sentence-transformers' GroupByLabelBatchSampler, which draws the texts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from core.dataset.normalise import normalise

LEAST_BATCH = 4  # two categories with two texts each
ENOUGH = 0.95  # of the rows in every epoch: others each time, so nobody needs to hear of it


def numbered(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Categories as whole numbers, by their names' order; spelling that differs in capitals and spaces is one name."""
    names = sorted({normalise(row[1]) for row in rows})
    number = {name: place for place, name in enumerate(names)}
    return [(row[0], number[normalise(row[1])]) for row in rows]


def problem(batch_size: int) -> str:
    """Why batches of this size cannot be made; ""."""
    if batch_size < LEAST_BATCH or batch_size % 2:
        return (
            f"batches of texts with categories hold pairs, so their size is an even number from {LEAST_BATCH}"
        )
    return ""


def used(labels: Sequence[int]) -> int:
    """How many rows an epoch has: categories take turns with two texts each, until only one of them has any left."""
    pairs = sorted((count // 2 for count in Counter(labels).values() if count > 1), reverse=True)
    most = pairs[1] if len(pairs) > 1 else 0
    return 2 * sum(min(count, most) for count in pairs)


def steps(rows: int, batch_size: int) -> int:
    """The batches of an epoch of `used` rows: a rest of fewer than two pairs makes none."""
    return max(1, rows // batch_size + (rows % batch_size >= LEAST_BATCH))


def notice(rows: int, used: int) -> str:
    if used >= ENOUGH * rows:
        return ""
    return (
        f"An epoch uses {used:,} of the {rows:,} rows, others each time: categories take turns with two texts each, as long as "
        "two of them have any left."
    )
