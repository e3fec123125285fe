"""Cut texts of different lengths into chunks that waste little padding.

A chunk is one pass of the model over some texts, padded to the longest of them. It costs a fixed overhead (starting every
operation, reading every weight, writing every gradient) and one unit for each token and each padding place.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def cut(lengths: Sequence[int], overhead: float, limit: int = 0) -> list[list[int]]:
    """The positions of `lengths` in chunks of the smallest cost, sum of (overhead + rows × longest), longest chunk first.

    Exact: a best division never separates equal lengths, so dynamic programming over the distinct lengths finds it.

    Args:
        lengths: tokens of each text.
        overhead: what a chunk costs besides its places, in tokens.
        limit: at most so many places in one chunk, as long as it has more than one text; 0 = no limit.
    """
    if not lengths:
        return []
    sizes = np.asarray(lengths, dtype=np.int64)
    order = np.argsort(sizes, kind="stable")
    distinct, counts = np.unique(sizes, return_counts=True)
    ends = np.concatenate(([0], np.cumsum(counts)))
    best = np.zeros(len(distinct) + 1)
    before = np.zeros(len(distinct) + 1, dtype=np.int64)
    for last in range(1, len(distinct) + 1):
        costs = best[:last] + overhead + (ends[last] - ends[:last]) * distinct[last - 1]
        before[last] = int(np.argmin(costs))
        best[last] = costs[before[last]]
    chunks: list[list[int]] = []
    last = len(distinct)
    while last:
        first = int(before[last])
        rows = order[ends[first] : ends[last]].tolist()
        chunks += _within(rows, int(distinct[last - 1]), limit)
        last = first
    return chunks


def _within(rows: list[int], longest: int, limit: int) -> list[list[int]]:
    """`rows` (shortest first) in pieces of at most `limit` places, longest piece first."""
    most = max(1, limit // max(longest, 1)) if limit else len(rows)
    return [rows[max(0, end - most) : end] for end in range(len(rows), 0, -most)]


def cost(lengths: Sequence[int], chunks: Sequence[Sequence[int]], overhead: float) -> float:
    """What `cut` minimises, in tokens."""
    return sum(overhead + len(chunk) * max(lengths[position] for position in chunk) for chunk in chunks)
