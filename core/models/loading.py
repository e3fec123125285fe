"""Loading a base or tuned model: offline, safetensors only, on the device that fits. Torch is imported inside."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ModelProblem
from core.models import catalogue

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

RANDOM_SEED = 20_260_101


def load(
    base_model: str, *, device: str = "auto", allow_download: bool = False, trust_remote_code: bool = False
) -> SentenceTransformer:
    """The model called `base_model` (see `catalogue.resolve`), in float32, on `device`.

    "random" gives the embedded model's architecture and tokenizer with random weights, the same ones every time.

    Raises:
        ModelProblem: no such model, or its files cannot be read.
    """
    place = (
        catalogue.embedded_path()
        if base_model == catalogue.RANDOM
        else catalogue.resolve(base_model, allow_download)
    )
    online = not isinstance(place, Path)
    _network(online)
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()

    options: dict[str, Any] = {"use_safetensors": True, "dtype": torch.float32}
    try:
        model = SentenceTransformer(
            str(place),
            device=pick_device(device),
            local_files_only=not online,
            trust_remote_code=trust_remote_code,
            model_kwargs=options,
        )
    except ModelProblem:
        raise
    except Exception as error:
        raise ModelProblem(
            f"The model {place} cannot be loaded: {_first_line(error)}",
            "Check that the folder is complete." if not online else "Check the name and the connection.",
            details=f"{type(error).__name__}: {error}",
        ) from error
    if base_model == catalogue.RANDOM:
        _randomise(model)
    return model


def _network(allowed: bool) -> None:
    """Hub access for this process, off unless a download was asked for. The Hub client reads the variable only on import."""
    os.environ["HF_HUB_OFFLINE"] = "0" if allowed else "1"
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    if "huggingface_hub" in sys.modules:
        from huggingface_hub import constants

        constants.HF_HUB_OFFLINE = not allowed


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    text = lines[0].strip() if lines else type(error).__name__
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _randomise(model: SentenceTransformer) -> None:
    """Draw every weight anew as the architecture's own initialisation does, from a fixed seed, leaving other draws alone."""
    import torch

    transformer = model.transformers_model
    if transformer is None:
        raise ModelProblem(
            "The embedded model has no transformer to draw weights for.", "Reinstall the base model."
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(RANDOM_SEED)
        spread = float(getattr(transformer.config, "initializer_range", 0.02))
        with torch.no_grad():
            for name, weight in transformer.named_parameters():
                if name.endswith("bias"):
                    weight.zero_()
                elif "LayerNorm" in name or "layer_norm" in name:
                    weight.fill_(1.0)
                else:
                    weight.copy_(torch.empty(weight.shape).normal_(0.0, spread))


def pick_device(name: str = "auto") -> str:
    """The torch device to use: "auto" takes CUDA, then Apple's MPS, then the CPU.

    Raises:
        ModelProblem: a device was asked for by name and is not there.
    """
    import torch

    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if name == "auto":
        return "cuda:0" if cuda else "mps" if mps else "cpu"
    present = name == "cpu" or (name.startswith("cuda") and cuda) or (name == "mps" and mps)
    if not present:
        raise ModelProblem(f"This computer has no device called {name}.", "Use auto or cpu.")
    return "cuda:0" if name == "cuda" else name


def device_title(device: str) -> str:
    """What people read, e.g. "CPU · 2 threads" or the GPU's name."""
    import torch

    if device.startswith("cuda"):
        return str(torch.cuda.get_device_name(torch.device(device)))
    if device == "mps":
        return "Apple GPU"
    threads = torch.get_num_threads()
    return f"CPU · {threads} thread{'s' if threads != 1 else ''}"
