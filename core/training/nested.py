"""Nested state (of optimisers, schedulers, random generators) as plain JSON and a flat table of tensors, and back.

The parts of `torch.save` without its pickle. Only child processes import this module.
"""

from __future__ import annotations

from typing import Any

import torch

_TENSOR, _PAIRS, _TUPLE = "$tensor", "$pairs", "$tuple"


def split(value: Any, name: str, tensors: dict[str, torch.Tensor]) -> Any:
    """`value` as JSON can carry it; its tensors go into `tensors`, on the CPU, under names that begin with `name`.

    Raises:
        TypeError: something that is neither a plain value, a list, a tuple, a dict nor a tensor.
    """
    if isinstance(value, torch.Tensor):
        tensors[name] = value.detach().to("cpu").contiguous()
        return {_TENSOR: name}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        parts = [split(item, f"{name}.{number}", tensors) for number, item in enumerate(value)]
        return {_TUPLE: parts} if isinstance(value, tuple) else parts
    if isinstance(value, dict):
        return {_PAIRS: [[key, split(item, f"{name}.{key}", tensors)] for key, item in value.items()]}
    raise TypeError(f"{name} holds a {type(value).__name__}, which a checkpoint cannot carry.")


def join(value: Any, tensors: dict[str, torch.Tensor]) -> Any:
    """What `split` was given."""
    if isinstance(value, list):
        return [join(item, tensors) for item in value]
    if isinstance(value, dict):
        if _TENSOR in value:
            return tensors[value[_TENSOR]]
        if _TUPLE in value:
            return tuple(join(item, tensors) for item in value[_TUPLE])
        return {key: join(item, tensors) for key, item in value[_PAIRS]}
    return value
