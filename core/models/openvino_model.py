"""The ONNX graph as an OpenVINO model. Its reader is used, not its converter: that one reports to its maker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from core.models import runtimes

_SMALLEST = 1024  # weights; compressing fewer gains nothing
_WEIGHTS = {"MatMul": 1, "Gather": 0}  # which input holds them


def write_openvino(source: Path, target: Path, *, int8: bool) -> None:
    """Write the ONNX file `source` to `target` (.xml, its weights beside it in .bin), in float32 or with weights in 8 bits.

    Raises:
        OSError: the files cannot be written.
    """
    openvino = runtimes.openvino()
    model = openvino.Core().read_model(str(source))
    if int8:
        _compress(model)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        openvino.save_model(model, str(target), compress_to_fp16=False)
    except RuntimeError as error:
        raise OSError(str(error)) from error


def _compress(model: Any) -> None:
    """Replace each large matrix by 8-bit integers times one scale for every row or column that is read as a whole."""
    from openvino import opset13

    for node in model.get_ordered_ops():
        slot = _WEIGHTS.get(node.get_type_name())
        if slot is None:
            continue
        constant = node.input_value(slot).get_node()
        if constant.get_type_name() != "Constant":
            continue
        weights = constant.data
        if weights.ndim != 2 or weights.dtype != np.float32 or weights.size < _SMALLEST:
            continue
        by_row = node.get_type_name() == "Gather" or node.get_attributes()["transpose_b"]
        largest = np.abs(weights).max(axis=1 if by_row else 0, keepdims=True)
        scale = np.where(largest > 0, largest / 127, 1).astype(np.float32)
        rounded = np.round(weights / scale).astype(np.int8)
        whole = opset13.multiply(opset13.convert(opset13.constant(rounded), "f32"), opset13.constant(scale))
        node.input(slot).replace_source_output(whole.output(0))
