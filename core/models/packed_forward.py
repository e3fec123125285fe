"""Run a model over distinct texts: one after the other where it allows that, else in a few chunks of like lengths.

Training and `encode` share it. Only child processes import this module. See `core.models.flat_forward` for the first way and
`core.models.packing` for how chunks are cut.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from core.models import fast_attention, fast_linear
from core.models.flat_forward import FlatForward
from core.models.packing import cut
from core.models.tokens import Ids, Tokens, Unpackable

# Every text goes through these by itself: what else is in its chunk changes nothing.
_SEPARATE = {"Transformer", "Pooling", "Dense", "Normalize", "Dropout", "LayerNorm"}
DEFAULT_OVERHEAD = 32.0  # tokens; about what two cores of a server measure with a model of 22 million weights
_SMALL, _LARGE = (1, 4), (8, 16)  # rows × tokens of the two passes that are timed
MOST_TOKENS = 32_768  # places of one chunk, so that a lot of texts does not fill the memory


def refusal(model: Any) -> str:
    """Why this model cannot run in chunks, in words for the log; "" when it can."""
    other = [type(part).__name__ for part in model if type(part).__name__ not in _SEPARATE]
    if other:
        return f"its part {other[0]} may treat the texts of a batch together"
    if type(model[0]).__name__ != "Transformer":
        return f"it begins with {type(model[0]).__name__}, not with a transformer"
    rotary = any(getattr(model.config, name, None) for name in ("rope_parameters", "rope_theta"))
    if getattr(model.tokenizer, "padding_side", "right") == "left" and not rotary:
        return "padding on the left moves the positions of its tokens"
    return ""


class PackedForward:
    """A model and the ids of its texts.

    Args:
        model: a SentenceTransformer.
        prompt: put before every text.
        overhead: of a chunk, in tokens; see `measure`.
        flat: let texts lie one after the other where the model allows it.

    Raises:
        Unpackable: the model does not fit; the message says why.
    """

    def __init__(
        self, model: Any, prompt: str | None = None, overhead: float = DEFAULT_OVERHEAD, flat: bool = True
    ) -> None:
        reason = refusal(model)
        if reason:
            raise Unpackable(reason)
        self.model = model
        self.overhead = overhead
        self.tokens = Tokens(model, prompt)
        self.flat = FlatForward.of(model, self.tokens) if flat else None

    def __call__(self, texts: Sequence[str]) -> torch.Tensor:
        """The embeddings of `texts`, of shape (n, d), in float32 if the model computes in less, with gradients where they are on. Texts should be distinct.

        It runs the model's own code, without what a trainer may have put around it (see `training`).
        """
        rows = self.tokens.of(texts)
        if self.flat is not None and len(rows):
            return self.flat(rows, MOST_TOKENS)
        with fast_attention.used():
            return self._in_chunks(rows)

    def _in_chunks(self, rows: Sequence[Ids]) -> torch.Tensor:
        chunks = cut([ids.shape[1] for ids in rows], self.overhead, MOST_TOKENS)
        forward = type(self.model).forward
        device = self.model.device
        parts = []
        for chunk in chunks:
            features = self.tokens.features([rows[position] for position in chunk], device)
            vectors = forward(self.model, features)["sentence_embedding"]
            parts.append(vectors.float() if vectors.element_size() < 4 else vectors)
        places = torch.empty(len(rows), dtype=torch.int64)
        places[[position for chunk in chunks for position in chunk]] = torch.arange(len(rows))
        return torch.cat(parts).index_select(0, places.to(device))

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """The embeddings of `texts` for use, float32 on the CPU, shape (n, d): no dropout, no gradients. The model is left in eval mode."""
        self.model.eval()
        with torch.inference_mode(), fast_linear.used(self.model):
            return self(texts).cpu().numpy()

    def measure(self, precision: str = "fp32", backward: bool = True) -> float:
        """Set `overhead` from two short passes on the model's device and return it: a power of two from 8 to 256.

        A pass of n tokens is taken to last a + b·n; the overhead is a / b. Rounding to a power of two keeps it the same from
        one start to the next, and with it the division of every batch. Draws and gradients are left as they were.
        """
        took = []
        was_training = self.model.training
        gradients = [(weight, weight.grad) for weight in self.model.parameters()]
        self.model.train(backward)
        with torch.random.fork_rng(devices=_devices(self.model.device)):
            for shape in (_SMALL, _LARGE):
                took.append(min(self._pass(shape, precision, backward) for _ in range(4)))
        self.model.train(was_training)
        for weight, gradient in gradients:
            weight.grad = gradient
        small, large = _SMALL[0] * _SMALL[1], _LARGE[0] * _LARGE[1]
        per_token = max((took[1] - took[0]) / (large - small), 1e-9)
        tokens = max(took[0] / per_token - small, 1.0)
        self.overhead = float(min(256, max(8, 2 ** round(math.log2(tokens)))))
        return self.overhead

    def _pass(self, shape: tuple[int, int], precision: str, backward: bool) -> float:
        (known, *_) = self.tokens.of(["a"])
        rows = [known[:, [0] * shape[1]]] * shape[0]
        device = self.model.device
        features = self.tokens.features(rows, device)
        _wait(device)
        began = time.perf_counter()
        with torch.set_grad_enabled(backward), autocast(device, precision):
            result = type(self.model).forward(self.model, features)["sentence_embedding"]
            if backward:
                result.float().sum().backward()
        _wait(device)
        return time.perf_counter() - began


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """Half precision for the model's operations where `precision` (fp32, bf16, fp16) says so."""
    kind = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(precision)
    return torch.autocast(device.type, kind or torch.bfloat16, enabled=kind is not None)


def _devices(device: torch.device) -> list[torch.device]:
    return [device] if device.type == "cuda" else []


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
