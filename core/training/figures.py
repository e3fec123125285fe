"""Measurements as JSON: a run that goes on must judge by the same figures. Only child processes import this module."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import Any

import numpy as np

from core.training.evaluation import Measurement
from core.training.scores import RowScores


def record(found: Measurement | None) -> dict[str, Any] | None:
    if found is None:
        return None
    plain = {item.name: getattr(found, item.name) for item in fields(found)}
    rows = found.per_row
    plain["per_row"] = None if rows is None else {key: _array(value) for key, value in asdict(rows).items()}
    return plain


def lean_record(found: Measurement) -> dict[str, Any]:
    """Without what every measurement of a run has in common; for `completed`."""
    rows = found.per_row
    lean = None if rows is None else RowScores(rows.values)
    return {**(record(replace(found, per_row=lean)) or {}), "groups": []}


def completed(plain: dict[str, Any], other: Measurement | None) -> Measurement | None:
    """The measurement of a `lean_record`, with what it has in common with `other`, one of the same rows."""
    found = measurement(plain)
    if found is None or found.per_row is None or other is None or other.per_row is None:
        return found
    rows = replace(found.per_row, gold=other.per_row.gold, groups=other.per_row.groups)
    return replace(found, per_row=rows)


def measurement(plain: dict[str, Any] | None) -> Measurement | None:
    if plain is None:
        return None
    rows = plain["per_row"]
    per_row = None if rows is None else RowScores(**{key: _numbers(value) for key, value in rows.items()})
    return Measurement(**{**plain, "per_row": per_row})


def _array(values: np.ndarray | None) -> dict[str, Any] | None:
    return None if values is None else {"type": str(values.dtype), "values": values.tolist()}


def _numbers(plain: dict[str, Any] | None) -> Any:
    if plain is None:
        return None
    return np.array([np.nan if value is None else value for value in plain["values"]], dtype=plain["type"])
