"""Train only the rows of the token embedding that a run can touch. Only child processes import this module.

A vocabulary has tens of thousands of rows; the texts of a run use a few thousand. All other rows get no gradient, so AdamW moves
them by weight decay alone (Loshchilov and Hutter 2019, algorithm 2, with both moments at 0). Here the optimiser gets a table of
the used rows and the rest is decayed at once when somebody looks: the same weights, without reading the whole table in every step.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

WORTH_IT = 0.7  # of the rows at most may be in use


class Vocabulary:
    """Puts a table of the rows `used` in place of the model's token embedding until `remove`."""

    def __init__(self, module: torch.nn.Embedding, used: np.ndarray) -> None:
        self.module = module
        self.full = module.weight
        rows = torch.from_numpy(used).to(self.full.device)
        with torch.no_grad():
            self.compact = torch.nn.Parameter(self.full[rows].clone())
        self._rows = rows
        self._others = torch.ones(len(self.full), dtype=torch.bool, device=self.full.device)
        self._others[rows] = False
        self._place = torch.full((len(self.full),), -1, dtype=torch.int64, device=self.full.device)
        self._place[rows] = torch.arange(len(rows), device=self.full.device)
        self._padding = module.padding_idx
        self._decay = 1.0
        self._hook: Any = None
        self._swap_in()

    def _swap_in(self) -> None:
        self.module.weight = self.compact
        if self._padding is not None:
            self.module.padding_idx = int(self._place[self._padding])
        self._hook = self.module.register_forward_pre_hook(
            lambda module, given: (self._place[given[0]], *given[1:])
        )

    def _swap_out(self) -> None:
        self._hook.remove()
        self._hook = None
        self.module.weight = self.full
        self.module.padding_idx = self._padding
        with torch.no_grad():
            if self._decay != 1.0:
                self.full[self._others] = self.full[self._others] * self._decay
                self._decay = 1.0
            self.full[self._rows] = self.compact

    def decayed(self, optimizer: torch.optim.Optimizer) -> None:
        """To be called right before the optimiser's step: notes by how much it will decay this table."""
        for group in optimizer.param_groups:
            if any(weight is self.compact for weight in group["params"]):
                self._decay *= 1.0 - float(group["lr"]) * float(group["weight_decay"])

    @contextlib.contextmanager
    def whole(self) -> Iterator[None]:
        """The model with all its rows, as they are now, for measuring and saving."""
        if self._hook is None:
            yield
            return
        self._swap_out()
        try:
            yield
        finally:
            self._swap_in()

    def remove(self) -> None:
        """Give the model its whole table back, trained."""
        if self._hook is not None:
            self._swap_out()


def shrink(model: Any, used: np.ndarray) -> Vocabulary | None:
    """Shrink the token embedding of a SentenceTransformer to the rows `used` (which include the padding), where that is sound."""
    transformer = model.transformers_model
    module = transformer.get_input_embeddings() if transformer is not None else None
    if module is None or type(module) is not torch.nn.Embedding or not module.weight.requires_grad:
        return None
    if module.sparse or module.max_norm is not None or module.scale_grad_by_freq:
        return None
    holders = sum(weight is module.weight for part in model.modules() for weight in part._parameters.values())
    padded = module.padding_idx is None or module.padding_idx in used
    if (
        holders != 1
        or not padded
        or used[-1] >= len(module.weight)
        or len(used) > WORTH_IT * len(module.weight)
    ):
        return None
    return Vocabulary(module, used)
