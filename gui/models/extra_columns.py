"""Columns that are not stored with the examples: computed by a part of the window, read-only, sortable, kept current by it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from core.dataset.formats import DatasetInfo

PREFIX = "extra:"


@dataclass(frozen=True)
class ExtraCell:
    """What one cell shows. `tone` names a colour of the theme ("positive", "warning", "secondary" …), `bar` is 0–1."""

    text: str = ""
    tone: str = ""
    bar: float | None = None
    tip: str = ""


NOTHING = ExtraCell()


class ExtraColumn(QObject):
    """One such column. Emit `changed` with the ids whose values are new (an empty tuple: any), and the table paints them anew.

    `value` is asked in the window's thread for cells in sight and has to answer from memory. `sort_keys` may be asked in a worker
    for every row of a large table: it reads only what does not change under it (take a copy, or replace tables as a whole).
    """

    changed = Signal(object)  # tuple[int, ...]

    def __init__(
        self,
        key: str,
        title: str,
        *,
        tip: str = "",
        width: int = 96,
        largest_first: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.key = PREFIX + key
        self.title = title
        self.tip = tip
        self.width = width
        self.largest_first = largest_first  # what the first click on its head sorts by

    def fits(self, info: DatasetInfo) -> bool:
        """Whether datasets like this one can have the column."""
        return True

    def value(self, id: int) -> ExtraCell:
        """What the cell of the example shows; NOTHING where nothing is known yet."""
        raise NotImplementedError

    def sort_keys(self, ids: array[int]) -> Sequence[float] | np.ndarray:
        """One number per id; NaN where nothing is known, which comes last in both directions."""
        raise NotImplementedError


def sorted_by(ids: array[int], keys: Sequence[float] | np.ndarray, *, descending: bool) -> array[int]:
    """The ids by their keys. Equal ones keep their order, unknown ones (NaN) come last either way."""
    numbers = np.asarray(keys, dtype=np.float64)
    order = np.argsort(-numbers if descending else numbers, kind="stable")
    result: array[int] = array("q")
    result.frombytes(np.frombuffer(ids, dtype=np.int64)[order].tobytes())
    return result
