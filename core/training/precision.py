"""Which floating-point format really runs, and a word where it is not the one asked for. Only child processes import this."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Iterator

import torch

BF16_GAIN = 1.3  # on a CPU bf16 must be so many times as fast to be worth its rounding
_TF32_SINCE = 8  # NVIDIA's number for the first generation with it
_SHAPE = (256, 384, 1536)  # rows, inputs and outputs of the product that is timed: a layer of a small model


def settle(asked: str, device: str) -> tuple[str, str]:
    """(fp32, tf32, bf16 or fp16; a notice or ""). "auto" takes half precision on a CUDA card, and bf16 on a CPU that is faster with it."""
    if asked == "tf32":
        if device.startswith("cuda") and torch.cuda.get_device_capability(device)[0] >= _TF32_SINCE:
            return asked, ""
        return "fp32", "TF32 needs an NVIDIA graphics card of 2020 or later, so the run uses fp32."
    if device.startswith("cuda"):
        able = torch.cuda.is_bf16_supported(including_emulation=False)
        if asked == "auto":
            return ("bf16" if able else "fp16"), ""
        if asked == "bf16" and not able:
            return "fp16", "This graphics card has no bf16, so the run uses fp16."
        return asked, ""
    if asked == "fp16":
        return "fp32", "fp16 needs a CUDA graphics card, so the run uses fp32."
    if asked == "bf16" and device != "cpu":
        return "fp32", "bf16 needs a CUDA graphics card or a CPU, so the run uses fp32."
    if asked == "auto" and device == "cpu":
        return ("bf16" if cpu_gain() >= BF16_GAIN else "fp32"), ""
    return ("bf16" if asked == "bf16" else "fp32"), ""


@contextlib.contextmanager
def used(precision: str) -> Iterator[None]:
    """While this lasts float32 products of a graphics card are rounded to TF32 if `precision` is tf32, and are full ones otherwise.

    The library's own switch remembers what it was asked before and does nothing the third time.
    """
    products = torch.backends.cuda.matmul
    before = products.fp32_precision
    products.fp32_precision = "tf32" if precision == "tf32" else "ieee"
    try:
        yield
    finally:
        products.fp32_precision = before


def cpu_gain() -> float:
    """How many times as fast this CPU multiplies matrices in bf16 as in float32: above 1 with AVX-512 bf16 or AMX, far below without.

    Takes a few milliseconds.
    """
    rows, inputs, outputs = _SHAPE
    times = []
    for kind in (torch.float32, torch.bfloat16):
        given, weights = torch.ones(rows, inputs, dtype=kind), torch.ones(inputs, outputs, dtype=kind)
        times.append(statistics.median(_seconds(given, weights) for _ in range(5)))
    return times[0] / max(times[1], 1e-9)


def _seconds(given: torch.Tensor, weights: torch.Tensor) -> float:
    began = time.perf_counter()
    torch.mm(given, weights)
    return time.perf_counter() - began
