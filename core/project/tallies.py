"""The row counts kept with each dataset, adjusted inside the transaction that changes them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from core.dataset.formats import DatasetInfo
from core.project.views import condition

_COUNTED = ("unlabelled", "flagged", "train", "eval", "test", "accepted", "rejected", "skipped")

_SUMS = ", ".join(f"{name} = {name} + ?" for name in ("rows", *_COUNTED))


def count(
    connection: sqlite3.Connection, info: DatasetInfo, source: str, parameters: Sequence[Any]
) -> list[int]:
    """[rows, then one number for each filter of `_COUNTED`] of the dataset's rows in `source`, the FROM … WHERE … of a query."""
    sums = ", ".join(f"coalesce(sum({condition(info, name)}), 0)" for name in _COUNTED)
    # "+" keeps SQLite from walking the whole dataset by its index when `source` names a few rows
    sql = f"SELECT count(*), {sums} FROM {source} AND +dataset_id = ?"
    return list(connection.execute(sql, (*parameters, info.id)).fetchone())


def adjust(connection: sqlite3.Connection, dataset_id: int, difference: Sequence[int]) -> None:
    """Add a difference of two counts to the dataset's."""
    if any(difference):
        connection.execute(
            f"UPDATE datasets SET {_SUMS} WHERE id = ?",
            (*difference, dataset_id),
        )
