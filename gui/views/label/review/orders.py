"""The orders that a model gives, through the table's columns of model scores, and why one cannot be had."""

from __future__ import annotations

from core.dataset.formats import DatasetInfo
from gui.models.example_table import ExampleTable
from gui.models.extra_columns import ExtraColumn

_COLUMNS = {"uncertain": "extra:model", "disagreeing": "extra:disagreement"}
_LOOKED_AT = 200  # rows that are asked whether anything is known


def model_column(rows: ExampleTable, order: str) -> ExtraColumn | None:
    """The column whose numbers make the order; None for an order that needs none, or while there is none."""
    return rows.extra(_COLUMNS[order]) if order in _COLUMNS else None


def reason_against(rows: ExampleTable, info: DatasetInfo | None, order: str) -> str:
    """Why the order cannot be had now; "" where it can."""
    if order not in _COLUMNS:
        return ""
    column = model_column(rows, order)
    if column is None or info is None or not column.fits(info):
        return "needs the scores of a model"
    first = rows.ids[:_LOOKED_AT]
    if first and all(number != number for number in column.sort_keys(first)):
        return "the model has not scored these rows yet"
    return ""
