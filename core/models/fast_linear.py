"""Matrix products of float32 layers on the CPU through oneDNN, where it is faster. Only child processes import this module.

torch hands float32 products to MKL, which on processors of other makers than Intel leaves their AVX-512 unused; oneDNN, which torch
carries for other uses, does not (twice the speed on an AMD EPYC of 2024). Both compute in full float32 and differ in rounding only.
"""

from __future__ import annotations

import contextlib
import functools
import statistics
import time
from collections.abc import Callable, Iterator
from types import MethodType
from typing import Any

import torch
from torch.nn import functional

GAIN = 1.2  # oneDNN must be so many times as fast
_SHAPE = (128, 384, 1536)  # rows, inputs and outputs of the product that is timed: a layer of a small model


def _product(given: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """given (…, k) times weight (n, k) transposed, plus bias (n)."""
    result: torch.Tensor = torch.ops.mkldnn._linear_pointwise(given, weight, bias, "none", [], "")
    return result


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, given: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None
    ) -> torch.Tensor:
        ctx.save_for_backward(given, weight)
        return _product(given, weight, bias)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        given, weight = ctx.saved_tensors
        gradient = gradients[0].reshape(-1, weight.shape[0])
        to_given = to_weight = to_bias = None
        if ctx.needs_input_grad[0]:
            to_given = _product(gradient, weight.t()).view(given.shape)
        if ctx.needs_input_grad[1]:
            to_weight = _product(gradient.t(), given.reshape(-1, weight.shape[1]).t())
        if ctx.needs_input_grad[2]:
            to_bias = gradient.sum(0)
        return to_given, to_weight, to_bias


def _forward(layer: torch.nn.Linear, given: torch.Tensor) -> torch.Tensor:
    plain = given.dtype != torch.float32 or torch.is_autocast_enabled("cpu") or given.numel() == 0
    if plain:
        return functional.linear(given, layer.weight, layer.bias)
    if not torch.is_grad_enabled():
        return _product(given, layer.weight, layer.bias)
    result: torch.Tensor = _Linear.apply(given, layer.weight, layer.bias)
    return result


@contextlib.contextmanager
def used(model: torch.nn.Module) -> Iterator[bool]:
    """While this lasts the plain float32 layers of a model on the CPU use the faster of the two. Yields whether that is oneDNN."""
    layers = [
        part
        for part in model.modules()
        if type(part) is torch.nn.Linear
        and part.weight.device.type == "cpu"
        and part.weight.dtype == torch.float32
        and "forward" not in part.__dict__
    ]
    if not layers or gain(torch.get_num_threads()) < GAIN:
        yield False
        return
    for layer in layers:
        layer.forward = MethodType(_forward, layer)  # type: ignore[method-assign]
    try:
        yield True
    finally:
        for layer in layers:
            layer.__dict__.pop("forward", None)


@functools.cache
def gain(threads: int) -> float:
    """How many times as fast oneDNN is on this CPU with so many threads; 0 where it is missing or wrong. A few milliseconds, once."""
    try:
        rows, inputs, outputs = _SHAPE
        with torch.random.fork_rng(devices=[]), torch.inference_mode():
            torch.manual_seed(0)
            given, weight = torch.randn(rows, inputs), torch.randn(outputs, inputs)
            expected, found = functional.linear(given, weight), _product(given, weight)
            if not torch.allclose(expected, found, rtol=1e-4, atol=1e-3):
                return 0.0
            plain = _seconds(lambda: functional.linear(given, weight))
            return plain / max(_seconds(lambda: _product(given, weight)), 1e-9)
    except (RuntimeError, AttributeError):  # another build of torch
        return 0.0


def _seconds(work: Callable[[], torch.Tensor]) -> float:
    times = []
    for _ in range(7):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)
