"""GISTEmbed as a function of embeddings: the guide, which never changes, embeds each text of a run once. Child processes only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from core.models.packed_forward import PackedForward
from core.models.tokens import Unpackable
from core.training import build_loss

_WHOLE = 1 << 30  # rows of the batch whose similarities are computed at once


class GuidedLoss(torch.nn.Module):
    """Solatorio 2024 (arXiv 2402.16829), in the library's own words: `CachedGISTEmbedLoss.calculate_loss` is GISTEmbed on
    embeddings, for any number of negatives.

    `parameters`: of that loss, as `build_loss.build` takes them.
    """

    of_embeddings = True
    reads_texts = True  # `compute_loss_from_embeddings` wants the texts, too

    def __init__(
        self, model: SentenceTransformer, guide: SentenceTransformer, parameters: dict[str, Any]
    ) -> None:
        super().__init__()
        self.model = model
        rule = build_loss.build(
            "CachedGISTEmbedLoss", {"mini_batch_size": _WHOLE, **parameters}, model, guide
        )
        # In a tuple, where torch does not look for weights to train or modules to put into training mode.
        self._rule = (rule, guide)
        self._known: dict[str, torch.Tensor] = {}
        self._forward: PackedForward | None = None
        try:
            self._forward = PackedForward(guide)
        except Unpackable:
            pass  # then the guide embeds in its own way

    def compute_loss_from_embeddings(
        self, embeddings: list[torch.Tensor], labels: torch.Tensor | None, texts: Sequence[Sequence[str]]
    ) -> torch.Tensor:
        """`texts`: those of every column, in the order of its embeddings."""
        self._learn(dict.fromkeys(text for column in texts for text in column))
        found = [torch.stack([self._known[text] for text in column]) for column in texts]
        device = embeddings[0].device
        rule: Any = self._rule[0]
        loss: torch.Tensor = rule.calculate_loss(
            [[column] for column in embeddings], [[column.to(device)] for column in found]
        )
        return loss

    def _learn(self, texts: dict[str, None]) -> None:
        missing = [text for text in texts if text not in self._known]
        if not missing:
            return
        if self._forward is not None:
            vectors = self._forward.embed(missing)
        else:
            vectors = self._rule[1].encode(missing, show_progress_bar=False, convert_to_numpy=True)
        self._known.update(zip(missing, torch.from_numpy(np.asarray(vectors)), strict=True))
