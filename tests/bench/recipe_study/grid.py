"""Which recipes are compared: the stock script's defaults, and the settings among which the automatic recipe chooses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from core.dataset.formats import Format
from core.training.losses import BY_NAME
from tests.bench.recipe_study.trajectory import Setup

RATES = (2e-5, 5e-5, 1e-4)
_COSINE = (("distance_metric", "COSINE"), ("triplet_margin", 0.3))
_BOTH = (("directions", "query_to_doc,doc_to_query"), ("partition_mode", "per_direction"))
LOSSES: dict[Format, tuple[tuple[str, tuple[tuple[str, Any], ...]], ...]] = {
    Format.SCORED: (("CosineSimilarityLoss", ()), ("CoSENTLoss", ()), ("AnglELoss", ())),
    Format.TRIPLETS: (("TripletLoss", _COSINE), ("MultipleNegativesRankingLoss", ())),
    Format.PAIRS: (("MultipleNegativesRankingLoss", ()), ("MultipleNegativesRankingLoss", _BOTH)),
}
YES_OR_NO = (("OnlineContrastiveLoss", ()),)  # where scores are 0 or 1
LONG = {"tags": 5, "quotes": 3}  # most passes where texts are long


def stock(format: Format) -> Setup:
    """What a script does that sets nothing: the trainer's default loss, or the usual one where that cannot be; all labels."""
    loss = "CoSENTLoss" if format is Format.SCORED else "MultipleNegativesRankingLoss"
    return Setup(loss, 5e-5, 8, 3, 0.0, 0.0, plain_sampler=True, precision="fp32")


def grid(task: str, format: Format, size: int) -> Iterator[Setup]:
    """Losses by rates at one batch size, then one change at a time."""
    offered = LOSSES[format] + (YES_OR_NO if task == "words" else ())
    losses = tuple(loss for loss in offered if loss[0] in BY_NAME)
    batch = 8 if size < 100 else 16
    epochs = min(10 if size <= 300 else 5, LONG.get(task, 10), 3 if task == "tags" and size > 300 else 10)
    if task == "quotes":
        losses = losses[:1]
    rates = RATES if task != "quotes" else RATES[:2]
    if size > 300 and task in ("sts", "tags"):
        rates = rates[:2]
    for name, parameters in losses:
        for rate in rates:
            yield Setup(name, rate, batch, epochs, parameters=parameters)
    if task == "quotes":
        return
    name, parameters = losses[0]
    middle = Setup(name, 5e-5, batch, epochs, parameters=parameters)
    yield replace(middle, warmup=0.0)
    yield replace(middle, batch_size=batch * 2)
    yield replace(middle, batch_size=batch // 2)
    if format is Format.PAIRS:
        yield replace(middle, parameters=(("scale", 50.0),))
