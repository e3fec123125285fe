"""Measurements as JSON: a run that goes on must judge by the same figures. Only child processes import this module."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import numpy as np

from core.training.evaluation import Measurement
from core.training.row_scores import RowScores


def record(found: Measurement | None) -> dict[str, Any] | None:
    if found is None:
        return None
    plain = {item.name: getattr(found, item.name) for item in fields(found)}
    rows = found.per_row
    plain["per_row"] = None if rows is None else {key: _array(value) for key, value in asdict(rows).items()}
    return plain


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
