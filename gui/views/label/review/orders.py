"""The orders that a model gives: the rows it is least sure of, the rows whose label it contradicts most."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from gui.models.model_scores import ModelScores

Keys = Callable[["array[int]"], "np.ndarray"]  # a number per row, the largest first

OFF = "needs the scores of the model"
_NUMBERS = {"uncertain": "uncertainty", "disagreeing": "disagreement"}


def model_keys(scores: ModelScores, order: str) -> Keys | None:
    """The numbers that make the order; None for an order that needs none, or while there are none."""
    table = scores.table
    if order not in _NUMBERS or table is None:
        return None
    return lambda ids: table.values(_NUMBERS[order], ids)


def reason_against(scores: ModelScores, order: str) -> str:
    """Why the order cannot be had now; "" where it can."""
    if order not in _NUMBERS or scores.table is not None:
        return ""
    match scores.state:
        case "scoring":
            return "the model is scoring the rows"
        case "failed":
            return "the model could not score the rows"
        case _:
            return OFF
