"""What the search of the preset Thorough tries: learning rate and loss around the recipe's own. No torch.

Epochs need no trials of their own: every trial is looked at on its way. The batch size stays, because memory and the number of
negatives hang on it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.dataset.formats import Format
from core.training.losses import BY_NAME
from core.training.spec import Spec

WIDTH = 5.0  # the rate goes from a fifth of the recipe's to five times it
HIGHEST_RATE = 5e-4
Settings = dict[str, Any]  # learning_rate, loss, loss_parameters

_LOSSES: dict[Format, tuple[tuple[str, Settings], ...]] = {
    Format.SCORED: (("CosineSimilarityLoss", {}), ("CoSENTLoss", {}), ("AnglELoss", {})),
    Format.PAIRS: (("MultipleNegativesRankingLoss", {}),),
    Format.TRIPLETS: (
        ("MultipleNegativesRankingLoss", {}),
        ("TripletLoss", {"distance_metric": "COSINE", "triplet_margin": 0.3}),
    ),
}


def settings_of(spec: Spec) -> Settings:
    """The searched settings as the spec has them."""
    return {
        "learning_rate": spec.learning_rate,
        "loss": spec.loss,
        "loss_parameters": dict(spec.loss_parameters),
    }


def with_settings(spec: Spec, settings: Settings) -> Spec:
    return replace(
        spec,
        learning_rate=float(settings["learning_rate"]),
        loss=str(settings["loss"]),
        loss_parameters=dict(settings["loss_parameters"]),
    )


def losses(own: Settings, format: Format, *, dot: bool) -> list[str]:
    """The losses to try, the recipe's own first. A model that is compared by dot product keeps the loss that was fitted to it."""
    others = () if dot else _LOSSES.get(format, ())
    return list(dict.fromkeys((str(own["loss"]), *(name for name, _ in others if name in BY_NAME))))


def rates(own: Settings) -> tuple[float, float]:
    rate = float(own["learning_rate"])
    return rate / WIDTH, max(rate, min(rate * WIDTH, HIGHEST_RATE))


def chosen(own: Settings, format: Format, rate: float, loss: str) -> Settings:
    """Settings with this rate and loss; the recipe's own loss keeps its parameters."""
    parameters = own["loss_parameters"] if loss == own["loss"] else dict(_LOSSES[format])[loss]
    return {"learning_rate": rate, "loss": loss, "loss_parameters": dict(parameters)}


def words(settings: Settings) -> str:
    return f"{BY_NAME[str(settings['loss'])].title}, rate {settings['learning_rate']:.2g}"
