"""A sentence-transformers model as one ONNX graph, from tokens to the embedding. Imports torch."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any

import torch

from core.errors import ModelProblem
from core.models import runtimes

TOKENS, EMBEDDING = "last_hidden_state", "sentence_embedding"
_ONE_FILE = 1_900_000_000  # bytes; a protobuf file cannot hold more than 2 GiB
_TRACED = ("a text of some words", "another")


class _Whole(torch.nn.Module):
    """All modules of the model in a row. The first output is what sentence-transformers takes up with its ONNX and OpenVINO backends."""

    def __init__(self, model: Any, names: list[str]) -> None:
        super().__init__()
        self.parts = torch.nn.ModuleList(list(model))
        self.names, self.width = names, model.truncate_dim

    def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features: dict[str, Any] = dict(zip(self.names, tensors, strict=True))
        tokens = None
        for part in self.parts:
            features = part(features)
            tokens = features["token_embeddings"] if tokens is None else tokens
        assert tokens is not None
        return tokens, features["sentence_embedding"][:, : self.width]


def write_onnx(model: Any, path: Path) -> None:
    """Write `model` to `path` in float32; batch and length stay open. Weights too large for one file lie in `<path>_data`.

    Raises:
        ModelProblem: the model's architecture cannot be expressed.
        OSError: the file cannot be written.
    """
    _check(model)
    runtimes.silence()
    features = model.preprocess(list(_TRACED))
    names = [name for name, value in features.items() if isinstance(value, torch.Tensor)]
    whole = _Whole(model, names).eval()
    large = sum(value.numel() * 4 for value in whole.state_dict().values()) > _ONE_FILE
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's own, about its own insides
            program = torch.onnx.export(
                whole,
                tuple(features[name].cpu() for name in names),
                input_names=names,
                output_names=[TOKENS, EMBEDDING],
                dynamic_shapes=(tuple({0: "batch", 1: "length"} for _ in names),),
                dynamo=True,
                verbose=False,
            )
    except OSError:
        raise
    except Exception as error:
        reason = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
        raise ModelProblem(
            f"This model's architecture cannot be exported: {reason.rstrip('.')}.",
            "Export it as safetensors instead.",
            details=f"{type(error).__name__}: {error}",
        ) from error
    assert program is not None
    program.save(str(path), external_data=large)
    if large:
        rename_weights(path)


def _check(model: Any) -> None:
    """
    Raises:
        ModelProblem: a kind of model that takes no tokens, or pools in a way that depends on more than the text.
    """
    first = type(model[0]).__name__
    if first != "Transformer":
        raise ModelProblem(
            f"A model that starts with {first} cannot be exported; only transformers can.",
            "Export it as safetensors instead.",
        )
    if model.default_prompt_name and any(getattr(part, "include_prompt", True) is False for part in model):
        raise ModelProblem(
            "This model leaves its prompt out of the pooling, which cannot be exported.",
            "Export it as safetensors instead.",
        )


def rename_weights(path: Path) -> None:
    """Give the file of weights beside `path` the name under which other programs look for it."""
    import onnx
    from onnx.external_data_helper import uses_external_data

    model = onnx.load(str(path), load_external_data=False)
    places = [
        entry
        for tensor in model.graph.initializer
        if uses_external_data(tensor)
        for entry in tensor.external_data
        if entry.key == "location"
    ]
    for old in {entry.value for entry in places}:
        (path.parent / old).rename(path.with_name(f"{path.name}_data"))
    for entry in places:
        entry.value = f"{path.name}_data"
    path.write_bytes(model.SerializeToString())


def write_int8(source: Path, target: Path) -> None:
    """Write the graph in `source` to `target` with its weights in 8 bits; activations are rounded as they come.

    A scale for each output keeps the error small, and the range of 7 bits keeps processors without VNNI from overflowing.
    """
    runtimes.onnxruntime()
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    large = source.with_name(f"{source.name}_data").exists()
    bare = source.with_name(f"bare-{source.name}")
    model = onnx.load(str(source), load_external_data=False)
    # it turns weights around and then stumbles over what their shape was
    weights = {tensor.name for tensor in model.graph.initializer}
    kept = [value for value in model.graph.value_info if value.name not in weights]
    del model.graph.value_info[:]
    model.graph.value_info.extend(kept)
    bare.write_bytes(model.SerializeToString())
    logging.getLogger().setLevel(logging.ERROR)  # it advises a step that changes nothing here
    try:
        quantize_dynamic(
            bare,
            target,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            use_external_data_format=large,
        )
    finally:
        bare.unlink()
    if large:
        rename_weights(target)
        target.with_name(f"{target.name}_data").chmod(source.stat().st_mode)
