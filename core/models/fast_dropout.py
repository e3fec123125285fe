"""Dropout on the CPU with cheaper random numbers. Only child processes import this module.

torch draws one number of the Mersenne Twister for every element, in one thread: with half precision that is a fifth of a training
step. Sixteen bits are enough to decide, so one draw of 64 bits serves four elements. The share that is dropped is rounded to
1/65,536 and the rest is scaled by what was really kept, so the expectation stays exact. The numbers come from torch's own generator:
a seed, or a saved state of it, gives the same ones again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import MethodType

import torch
from torch.nn import functional

_VALUES = 1 << 16


def dropout(given: torch.Tensor, share: float) -> torch.Tensor:
    """`given` with about `share` (0 to 1) of its elements set to 0 and the others scaled up."""
    limit = round(share * _VALUES)
    count = given.numel()
    draws = torch.empty((count + 3) // 4, dtype=torch.int64).random_(-(2**63), None).view(torch.int16)
    kept = draws[:count].view(given.shape) >= limit - _VALUES // 2
    return given * kept.to(given.dtype).mul_(_VALUES / (_VALUES - limit))


def _forward(layer: torch.nn.Dropout, given: torch.Tensor) -> torch.Tensor:
    fits = given.device.type == "cpu" and given.is_floating_point() and 0 < round(layer.p * _VALUES) < _VALUES
    if layer.training and fits and given.numel():
        return dropout(given, layer.p)
    return functional.dropout(given, layer.p, layer.training)


@contextlib.contextmanager
def used(model: torch.nn.Module) -> Iterator[None]:
    """While this lasts the dropout layers of `model` draw in this way on the CPU."""
    layers = [
        part
        for part in model.modules()
        if type(part) is torch.nn.Dropout and not part.inplace and "forward" not in part.__dict__
    ]
    for layer in layers:
        layer.forward = MethodType(_forward, layer)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for layer in layers:
            layer.__dict__.pop("forward", None)
