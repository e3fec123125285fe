"""The line from the base model's weights to the tuned ones. Only child processes import this module.

A point on it, base + f · (tuned - base), often does better than its end: with few rows the end has learned some of them by heart
(Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", arXiv 2109.01903). f may be above 1.
"""

from __future__ import annotations

import torch
from sentence_transformers import SentenceTransformer

FACTORS = (0.25, 0.5, 0.75, 1.25)  # besides 1, the tuned weights themselves
AUTO = "auto"
Weights = dict[str, torch.Tensor]


def copied(model: SentenceTransformer) -> Weights:
    """The weights as they are now, on the CPU."""
    return {name: value.detach().to("cpu", copy=True) for name, value in model.state_dict().items()}


def put(model: SentenceTransformer, base: Weights, tuned: Weights, factor: float) -> None:
    """Give `model` the weights at `factor`: 0 the base model's, 1 the tuned ones, exactly. One tensor at a time is held twice.

    An adapter's effect is a product of two matrices; its first is taken as tuned, so that the product is linear in the factor.
    """
    with torch.no_grad():
        for name, value in model.state_dict().items():
            before, after = base.get(name), tuned[name]
            if factor == 1 or before is None or not value.is_floating_point() or "lora_A" in name:
                value.copy_(after)
            elif factor == 0:
                value.copy_(before)
            else:
                value.copy_(torch.lerp(before.float(), after.float(), factor))
