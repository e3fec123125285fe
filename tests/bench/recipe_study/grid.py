"""Which recipes are compared: the stock script's defaults, and the settings among which the automatic recipe chooses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from core.dataset.formats import Format
from core.training.losses import BY_NAME
from tests.bench.recipe_study.trajectory import Setup

_MNRL = "MultipleNegativesRankingLoss"
_COSINE = (("distance_metric", "COSINE"), ("triplet_margin", 0.3))
_BOTH = (("directions", "query_to_doc,doc_to_query"), ("partition_mode", "per_direction"))
# Losses with the rates that are tried for them; the first of each stands for its format where one thing is changed at a time.
LOSSES: dict[Format, tuple[tuple[str, tuple[tuple[str, Any], ...], tuple[float, ...]], ...]] = {
    Format.SCORED: (
        ("CosineSimilarityLoss", (), (2e-5, 5e-5, 1e-4, 2e-4)),
        ("CoSENTLoss", (), (5e-5, 1e-4)),
        ("AnglELoss", (), (5e-5,)),
    ),
    Format.TRIPLETS: (
        ("TripletLoss", _COSINE, (2e-5, 5e-5, 1e-4)),
        (_MNRL, (), (2e-5, 5e-5, 1e-4)),
    ),
    Format.PAIRS: (
        (_MNRL, (), (2e-5, 5e-5, 1e-4)),
        (_MNRL, _BOTH, (2e-5, 5e-5, 1e-4)),
        (_MNRL, (("scale", 50.0),), (5e-5,)),
    ),
}
MANY = (
    300  # labels from which only the two main losses at the usual rates are compared: each run takes a minute
)
MANY_RATES = {"words": (5e-5, 1e-4)}
YES_OR_NO = (("OnlineContrastiveLoss", (), (1e-4,)),)  # where scores are 0 or 1


def stock(format: Format) -> Setup:
    """What a script does that sets nothing: the trainer's default loss, or the usual one where that cannot be; all labels."""
    loss = "CoSENTLoss" if format is Format.SCORED else _MNRL
    return Setup(loss, 5e-5, 8, 3, 0.0, 0.0, plain_sampler=True, precision="fp32", dropout="model")


def passes(task: str, size: int) -> int:
    """Fewer where there is more to see in each, and where texts are long."""
    if task in ("tags", "quotes"):
        return 10 if size < 100 else 5 if size <= 300 else 3
    return 10 if size <= 300 else 4


def grid(task: str, format: Format, size: int) -> Iterator[Setup]:
    """Losses by rates at one batch size, then one change at a time."""
    offered = LOSSES[format] + (YES_OR_NO if task == "words" else ())
    losses = [loss for loss in offered if loss[0] in BY_NAME]
    batch, epochs = 16 if 100 <= size <= MANY else 8, passes(task, size)
    if task == "quotes":  # they measure next to nothing: the base model finds almost every quote
        yield Setup(_MNRL, 2e-5, batch, epochs)
        return
    if size > MANY:
        losses, rates_of_all = losses[:2], MANY_RATES.get(task, (2e-5, 5e-5))
        losses = [(name, parameters, rates_of_all) for name, parameters, _ in losses]
    for name, parameters, rates in losses:
        for rate in rates:
            yield Setup(name, rate, batch, epochs, parameters=parameters)
    if size > MANY:
        return
    name, parameters, _ = losses[0]
    middle = Setup(name, 5e-5, batch, epochs, parameters=parameters)
    yield replace(middle, dropout="model")
    yield replace(middle, warmup=0.0)
    yield replace(middle, batch_size=batch * 2)
    yield replace(middle, batch_size=batch // 2)


def dropout(task: str, format: Format, size: int) -> Iterator[Setup]:
    """The same run without dropout and with the model's own."""
    setup = candidate(task, format, size)
    yield setup
    yield replace(setup, dropout="model")


def candidate(task: str, format: Format, size: int) -> Setup:
    """A run that goes rather too far, so that where to stop on it can be studied."""
    name, parameters, _ = LOSSES[format][0]
    if format is Format.PAIRS:
        parameters = _BOTH
    batch = 16 if 100 <= size < 500 else 8
    return Setup(name, 1e-4 if size < 500 else 5e-5, batch, passes(task, size), parameters=parameters)
