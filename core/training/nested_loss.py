"""A loss on embeddings of several lengths, as a function of embeddings. Only child processes import this module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn.functional import normalize


class NestedLoss(torch.nn.Module):
    """What the library's MatryoshkaLoss computes: the sum of `inner` over `lengths`, each on embeddings cut and brought to length 1.

    `inner` has `compute_loss_from_embeddings`.
    """

    of_embeddings = True

    def __init__(self, inner: torch.nn.Module, lengths: Sequence[int]) -> None:
        super().__init__()
        self.inner = inner
        self.lengths = tuple(lengths)
        self.reads_texts = bool(getattr(inner, "reads_texts", False))

    def compute_loss_from_embeddings(
        self, embeddings: list[torch.Tensor], labels: torch.Tensor | None, *more: Any
    ) -> torch.Tensor:
        inner: Any = self.inner
        losses = [
            inner.compute_loss_from_embeddings(
                [normalize(column[..., :length], p=2, dim=-1) for column in embeddings], labels, *more
            )
            for length in self.lengths
        ]
        return torch.stack(losses).sum()
