"""Build a loss of the table on a model. Only child processes import this module."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from sentence_transformers import SentenceTransformer, util
from sentence_transformers.sentence_transformer import losses as library

from core.errors import TrainingProblem
from core.training.losses import BY_NAME

_DISTANCES = {
    "TripletLoss": library.TripletDistanceMetric,
    "OnlineContrastiveLoss": library.SiameseDistanceMetric,
    "ContrastiveLoss": library.SiameseDistanceMetric,
    "BatchAllTripletLoss": library.BatchHardTripletLossDistanceFunction,
    "BatchHardTripletLoss": library.BatchHardTripletLossDistanceFunction,
    "BatchSemiHardTripletLoss": library.BatchHardTripletLossDistanceFunction,
    "BatchHardSoftMarginTripletLoss": library.BatchHardTripletLossDistanceFunction,
}


def build(
    name: str,
    parameters: dict[str, Any],
    model: SentenceTransformer,
    guide: SentenceTransformer | None = None,
) -> torch.nn.Module:
    """The loss called `name` with `parameters` (setting keys or constructor names → plain values of the table).

    `guide` is the model that a guided loss asks. Parameters that the installed sentence-transformers does not have are left out while they stand at their default.

    Raises:
        TrainingProblem: an unknown loss or parameter, or one that the installed version lacks.
    """
    entry = BY_NAME.get(name)
    if entry is None:
        raise TrainingProblem(f"There is no loss called {name}.", f"Use one of {', '.join(BY_NAME)}.")
    kind = getattr(library, name)
    accepted = set(inspect.signature(kind.__init__).parameters)
    arguments: dict[str, Any] = {}
    for key, value in parameters.items():
        parameter = entry.parameter(key)
        if parameter is None:
            raise TrainingProblem(
                f"{name} has no parameter called {key}.",
                f"It has {', '.join(item.key for item in entry.parameters)}.",
            )
        if parameter.name in accepted:
            arguments[parameter.name] = _object(name, parameter.name, value)
        elif value != parameter.default:
            raise TrainingProblem(
                f"The installed sentence-transformers has no {parameter.name} in {name}.",
                "Leave it at its default, or update sentence-transformers.",
            )
    if guide is not None:
        arguments["guide"] = guide
    return kind(model=model, **arguments)


def _object(loss: str, argument: str, value: Any) -> Any:
    """The constructor's object for a value of the table."""
    if argument in ("loss_fct", "cos_score_transformation"):
        return getattr(torch.nn, value)()
    if argument == "similarity_fct":
        return getattr(util, value)
    if argument == "distance_metric":
        return getattr(_DISTANCES[loss], value)
    if argument == "mini_batch_num_tokens":
        return value or None
    if argument == "directions":
        return tuple(value.split(","))
    if argument == "hardness_mode":
        return None if value == "none" else value
    return value
