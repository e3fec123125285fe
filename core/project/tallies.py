"""The row counts kept with each dataset, adjusted inside the transaction that changes them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from core.dataset.formats import DatasetInfo
from core.project.views import condition

_COUNTED = ("unlabelled", "flagged", "train", "eval", "test")


def count(
    connection: sqlite3.Connection, info: DatasetInfo, source: str, parameters: Sequence[Any]
) -> list[int]:
    """[rows, unlabelled, flagged, train, eval, test] of the dataset's rows in `source`, the FROM … WHERE … of a query."""
    sums = ", ".join(f"coalesce(sum({condition(info, name)}), 0)" for name in _COUNTED)
    # "+" keeps SQLite from walking the whole dataset by its index when `source` names a few rows
    sql = f"SELECT count(*), {sums} FROM {source} AND +dataset_id = ?"
    return list(connection.execute(sql, (*parameters, info.id)).fetchone())


def adjust(connection: sqlite3.Connection, dataset_id: int, difference: Sequence[int]) -> None:
    """Add a difference of two counts to the dataset's."""
    if any(difference):
        connection.execute(
            """UPDATE datasets SET rows = rows + ?, unlabelled = unlabelled + ?, flagged = flagged + ?,
               train = train + ?, eval = eval + ?, test = test + ? WHERE id = ?""",
            (*difference, dataset_id),
        )
