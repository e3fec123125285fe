"""What an export would write, before it does: how many rows, which are left out and why, what the format cannot hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from core.dataset.exporting.columns import missing
from core.dataset.exporting.workbook import MAX_CELL, too_long
from core.dataset.formats import DatasetInfo, Example
from core.errors import Cancelled

# What pandas, and with it the CSV reader of `datasets`, takes for a missing value.
PANDAS_MISSING = frozenset(
    {"#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}
)  # fmt: skip
_NAMED = 5
_EVERY = 1024


@dataclass
class Survey:
    rows: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    splits: dict[str, int] = field(default_factory=dict)  # split -> rows that are written
    sample: list[Example] = field(default_factory=list)  # the first rows that are written
    too_long: int = 0  # rows with a text over 32,767 characters
    too_long_rows: list[int] = field(default_factory=list)  # the numbers of the first of them
    like_missing: int = 0  # rows with a text such as "NA"
    rejected: int = 0  # rows that are written although they were rejected
    with_metadata: int = 0  # rows with a split, status, flag or note


def survey(
    info: DatasetInfo,
    rows: Iterable[Example],
    training: bool,
    sample: int = 12,
    should_stop: Callable[[], bool] | None = None,
) -> Survey:
    """Raises: Cancelled"""
    found = Survey()
    reason_of = missing(info, training)
    half = MAX_CELL // 2
    for seen, row in enumerate(rows):
        if seen % _EVERY == 0 and should_stop is not None and should_stop():
            raise Cancelled
        if reason := reason_of(row):
            found.left_out[reason] = found.left_out.get(reason, 0) + 1
            continue
        found.rows += 1
        found.splits[row.split] = found.splits.get(row.split, 0) + 1
        if len(found.sample) < sample:
            found.sample.append(row)
        if any(len(text) > half and too_long(text) for text in row.texts):
            found.too_long += 1
            if len(found.too_long_rows) < _NAMED:
                found.too_long_rows.append(row.number)
        if not PANDAS_MISSING.isdisjoint(row.texts):
            found.like_missing += 1
        found.rejected += row.status == "rejected"
        if row.split or row.status or row.flag or row.note:
            found.with_metadata += 1
    return found
