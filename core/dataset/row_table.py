"""The rows of a dataset as columns of numbers: what validation needs of them, in a few dozen bytes a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

SPLIT_CODES = {"": 0, "train": 1, "eval": 2, "test": 3}


@dataclass
class RowTable:
    """One entry a row, ascending by id. `texts`, `words` and `exact` are hashes (n, slots) of the texts in three forms."""

    ids: Integers
    bits: NDArray[np.uint16]
    split: NDArray[np.uint8]
    score: NDArray[np.float64]
    texts: Integers
    words: Integers
    exact: Integers

    @classmethod
    def empty(cls, slots: int, scored: bool) -> RowTable:
        return cls.of([], slots, scored)

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, int, float, list[int]]], slots: int, scored: bool) -> RowTable:
        """`rows`: (id, bits, split code, score, hashes of the forms one after the other). Forms that only scored pairs need take
        no room otherwise."""
        count, forms = len(rows), 3 if scored else 1
        hashes = np.array([row[4] for row in rows], dtype=np.int64).reshape(count, forms, slots)
        none = np.empty((count, 0), dtype=np.int64)
        return cls(
            np.array([row[0] for row in rows], dtype=np.int64),
            np.array([row[1] for row in rows], dtype=np.uint16),
            np.array([row[2] for row in rows], dtype=np.uint8),
            np.array([row[3] for row in rows], dtype=np.float64),
            np.ascontiguousarray(hashes[:, 0]),
            np.ascontiguousarray(hashes[:, 1]) if scored else none,
            np.ascontiguousarray(hashes[:, 2]) if scored else none,
        )

    def __len__(self) -> int:
        return len(self.ids)

    def without(self, ids: Integers) -> RowTable:
        return self._taken(~np.isin(self.ids, ids)) if len(ids) and len(self.ids) else self

    def joined(self, others: Sequence[RowTable]) -> RowTable:
        """This table and the others, ascending by id again."""
        parts = [part for part in (self, *others) if len(part)]
        if not parts:
            return self
        made = parts[0]
        if len(parts) > 1:
            made = RowTable(
                *(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(self))
            )
        if (made.ids[1:] > made.ids[:-1]).all():
            return made
        return made._taken(np.argsort(made.ids, kind="stable"))

    def _taken(self, which: NDArray[np.bool_] | Integers) -> RowTable:
        return RowTable(*(getattr(self, field.name)[which] for field in fields(self)))
