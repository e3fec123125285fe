"""One user action while it is being carried out: its transaction, and what it has touched so far."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.dataset.formats import DatasetInfo
from core.project.queries import dataset_info

MAX_IDS = 10_000


@dataclass(frozen=True)
class Change:
    """What an edit, undo or redo changed, and who asked for it, so that each view can refresh what it must and ignore its echo."""

    kinds: frozenset[
        str
    ]  # of "cells", "rows", "datasets", "texts", "meta", "probes", "verdicts"; empty: nothing was different
    dataset_ids: frozenset[int]
    ids: tuple[
        int, ...
    ]  # the examples concerned; empty with more than MAX_IDS: any of the datasets' examples
    label: str
    origin: str = ""


class Step:
    """Edits write through `connection` (in a transaction) and report here what they touch."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._kinds: set[str] = set()
        self._dataset_ids: set[int] = set()
        self._ids: dict[int, None] = {}
        self._many = False

    def touch(self, kind: str, dataset_ids: Iterable[int] = (), ids: Sequence[int] = ()) -> None:
        self._kinds.add(kind)
        self._dataset_ids.update(dataset_ids)
        self._many = self._many or len(self._ids) + len(ids) > MAX_IDS
        if not self._many:
            self._ids.update(dict.fromkeys(ids))

    def change(self, label: str, origin: str) -> Change:
        ids = () if self._many else tuple(self._ids)
        return Change(frozenset(self._kinds), frozenset(self._dataset_ids), ids, label, origin)

    def next(self, counter: str, count: int = 1) -> int:
        """The first of `count` consecutive numbers that were never given before."""
        first = (
            self.connection.execute("SELECT value FROM counters WHERE name = ?", (counter,)).fetchone()[0] + 1
        )
        self.connection.execute("UPDATE counters SET value = ? WHERE name = ?", (first + count - 1, counter))
        return int(first)

    def dataset(self, dataset_id: int) -> DatasetInfo:
        """Raises: DataProblem when the dataset is gone."""
        return dataset_info(self.connection, dataset_id)
