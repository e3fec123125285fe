"""What a person types into a cell, and what the project stores for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from core.dataset.formats import STATUSES, Column, DatasetInfo, Role, Scale
from core.errors import DataProblem

SPLITS = ("", "train", "eval", "test")


def columns_by_key(info: DatasetInfo) -> dict[str, Column]:
    return {column.key: column for column in info.columns}


def stored(
    info: DatasetInfo, columns: Mapping[str, Column], number: int, key: str, value: Any
) -> tuple[tuple[str, Any], ...]:
    """The stored columns and their values for the cell `key` of row `number`; `columns` are the dataset's, by key.

    Raises:
        DataProblem: no such column, or a value that does not fit, naming the row.
    """
    column = columns.get(key)
    if column is not None:
        if column.role is Role.SCORE:
            score, raw = parse_score(value, info.scale, f"Row {number}")
            return (("score", score), ("raw_score", raw))
        return ((f"t{column.slot}", _text(number, key, value)),)
    if key == "split":
        if value not in SPLITS:
            raise DataProblem(
                f"Row {number}: “{value}” is no split.", "Use train, eval, test, or leave it empty."
            )
        return ((key, value),)
    if key == "status":
        if value not in STATUSES:
            raise DataProblem(
                f"Row {number}: “{value}” is no status.",
                "Use accepted, rejected, skipped, or leave it empty.",
            )
        return ((key, value),)
    if key == "flag":
        if not isinstance(value, (bool, int)):
            raise DataProblem(f"Row {number}: a flag is on or off, not “{value}”.", "Set or clear the flag.")
        return ((key, int(bool(value))),)
    if key == "note":
        return ((key, _text(number, key, value)),)
    known = ", ".join([*columns, "split", "flag", "note", "status"])
    raise DataProblem(f"Dataset “{info.name}” has no column “{key}”.", f"Its columns are {known}.")


def _text(number: int, key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise DataProblem(f"Row {number}: the cell {key} takes text, not {value!r}.", "Give the text itself.")
    return value


def parse_score(value: str | float | None, scale: Scale, where: str) -> tuple[float | None, str]:
    """(score in 0–1 or None for unlabelled, the raw text to keep). A comma may separate the decimals.

    Raises:
        DataProblem: not a number, or outside the scale; `where` ("Row 214") starts the sentence.
    """
    raw = (
        value.strip()
        if isinstance(value, str)
        else ""
        if value is None
        else repr(float(value)).removesuffix(".0")
    )
    if not raw:
        return None, ""
    low, high = sorted((scale.low, scale.high))
    hint = f"Use a number from {low:g} to {high:g}, or leave the cell empty."
    text = raw.replace(",", ".") if raw.count(",") == 1 and "." not in raw else raw
    try:
        number = math.nan if "_" in text else float(text)  # float() takes 1_000, people do not mean it
    except ValueError:
        number = math.nan
    if math.isnan(number):
        raise DataProblem(f"{where}: the score “{raw[:40]}” is not a number.", hint)
    if not scale.holds(number):
        raise DataProblem(f"{where}: the score {raw[:40]} is outside the scale of {low:g} to {high:g}.", hint)
    return scale.to_unit(number), raw
