"""Train without dropout. Only child processes import this module.

Dropout zeroes random parts of a network in every pass, which protects long trainings from learning by heart. A tuning of a few
hundred steps is not one of them, and a step in which each distinct text is embedded once draws one mask where the plain forward
would draw one for every repetition, so the noise does not average out (docs/recipes.md has the figures). Without it a run is also
the same on every computer that rounds alike, whatever divides its batches.
"""

from __future__ import annotations

import torch

OFF = "off"


def settle(model: torch.nn.Module, choice: str) -> float:
    """Turn every dropout of `model` off if `choice` says so; its configuration, and with it the saved model, stays. Returns the largest share left."""
    if choice == OFF:
        for part in model.modules():
            for name in _shares(part):
                setattr(part, name, 0.0)
    return max((getattr(part, name) for part in model.modules() for name in _shares(part)), default=0.0)


def _shares(part: torch.nn.Module) -> list[str]:
    """The attributes of a module that hold a share to drop: `p` of the layers, and numbers that a functional dropout reads."""
    names = [name for name, value in vars(part).items() if "dropout" in name and isinstance(value, float)]
    if isinstance(part, torch.nn.modules.dropout._DropoutNd):
        names.append("p")
    return names
