"""Which rows of a dataset hold certain texts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from core.dataset.formats import DatasetInfo
from core.project.views import text_columns


class Held(NamedTuple):
    id: int
    score: float | None
    status: str
    flag: bool
    texts: tuple[str, ...]


def rows_with(
    connection: sqlite3.Connection, info: DatasetInfo, texts: Sequence[str], slots: Sequence[int]
) -> list[Held]:
    """The rows that have one of the texts, letter for letter, in one of the columns; one scan, in natural order."""
    names = text_columns(info)
    terms = " OR ".join(f"{names[slot]} IN (SELECT value FROM json_each(?1))" for slot in slots)
    sql = f"SELECT id, score, status, flag, {', '.join(names)} FROM examples WHERE dataset_id = ?2 AND ({terms}) ORDER BY id"
    rows = connection.execute(sql, (json.dumps(list(texts)), info.id))
    return [Held(row[0], row[1], row[2], bool(row[3]), row[4:]) for row in rows]
