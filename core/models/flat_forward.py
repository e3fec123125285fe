"""A model over texts that lie one after the other, without padding. Only child processes import this module.

All that a transformer does to a token by itself (its linear layers, their normalisation, the way back through them) is done once for
all texts, as one product of matrices with as many rows as there are real tokens; only attention and pooling see each text apart.
Where the texts are short this saves reading every weight, and writing every gradient, once per chunk.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from core.models import fast_attention
from core.models.layout import Group, Layout, layouts
from core.models.tokens import Ids, Tokens

# Kinds of transformers whose tokens meet in attention only, and the position of a text's first token; None: after the padding's number.
_FIRST_POSITION = {"bert": 0, "roberta": None, "xlm-roberta": None, "camembert": None}
_AGREEMENT = 1e-4  # between the embeddings of both ways, as a share of their length


def first_position(model: Any) -> int:
    """Where the positions of a text begin; -1 for a model whose texts cannot lie one after the other."""
    config = getattr(model.transformers_model, "config", None)
    kind = getattr(config, "model_type", "")
    plain = (
        kind in _FIRST_POSITION
        and model.device.type == "cpu"
        and model.tokenizer.padding_side == "right"
        and getattr(config, "_attn_implementation", "") == "sdpa"
        and getattr(config, "position_embedding_type", None) in (None, "absolute")
        and not getattr(config, "is_decoder", False)
        and not any(getattr(part, "gradient_checkpointing", False) for part in model.modules())
    )
    if not plain:
        return -1
    first = _FIRST_POSITION[kind]
    padding = getattr(config, "pad_token_id", None)
    if first is None:
        return -1 if padding is None else int(padding) + 1
    return first


class FlatForward:
    """Embeds ids that `tokens` has made. `of` says whether a model can be run so."""

    def __init__(self, model: Any, tokens: Tokens, first: int) -> None:
        self.model = model
        self.tokens = tokens
        self.first = first

    @classmethod
    def of(cls, model: Any, tokens: Tokens) -> FlatForward | None:
        """None unless the model is of a known kind and gives a few texts the same embeddings in this way as in its own."""
        first = first_position(model)
        if first < 0:
            return None
        flat = cls(model, tokens, first)
        rows = tokens.of(["a", "two words", "one more text, longer than those"])
        was_training = model.training
        model.eval()
        try:
            with torch.inference_mode():
                found = flat(rows, 1 << 15)
                features = tokens.features(rows, model.device)
                expected = type(model).forward(model, features)["sentence_embedding"]
        except (fast_attention.Unfit, RuntimeError, TypeError, KeyError, IndexError):
            return None  # another build of the library: the model's own way remains
        finally:
            model.train(was_training)
        largest = expected.norm(dim=1, keepdim=True).clamp_min(1e-12)
        return flat if bool(((found - expected).abs() <= _AGREEMENT * largest).all()) else None

    def __call__(self, rows: Sequence[Ids], most: int) -> torch.Tensor:
        """The embeddings of texts, shape (n, d), in their order; `most` places side by side in one pass."""
        passes = layouts([ids.shape[1] for ids in rows], most)
        vectors = torch.cat([part for layout in passes for part in self._pass(rows, layout)])
        order = torch.tensor([position for layout in passes for position in layout.order])
        places = torch.empty_like(order)
        places[order] = torch.arange(len(order))
        return vectors.index_select(0, places)

    def _pass(self, rows: Sequence[Ids], layout: Layout) -> list[torch.Tensor]:
        """The embeddings of each group of the layout."""
        ids = [rows[position] for position in layout.order]
        features = self.tokens.line(ids)
        positions = np.concatenate([np.arange(self.first, self.first + one.shape[1]) for one in ids])
        features["position_ids"] = torch.from_numpy(positions)[None, :]
        with fast_attention.used(layout):
            line = self.model[0](features)["token_embeddings"][0]
        return [self._embedding(group, line) for group in layout.groups]

    def _embedding(self, group: Group, line: torch.Tensor) -> torch.Tensor:
        shape = (group.texts, group.longest)
        mask = torch.ones(shape, dtype=torch.int64) if group.mask is None else group.mask.view(shape).long()
        features = {
            **self.tokens.extras,
            "token_embeddings": group.spread(line).view(*shape, -1),
            "attention_mask": mask,
        }
        for part in list(self.model)[1:]:
            features = part(features)
        vectors: torch.Tensor = features["sentence_embedding"]
        return vectors.float() if vectors.element_size() < 4 else vectors
