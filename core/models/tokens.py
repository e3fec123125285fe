"""Texts as token ids: each distinct text goes through the tokenizer once. Only child processes import this module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

Ids = np.ndarray  # int32, shape (fields, tokens): what the tokenizer gives for one text, without padding

_PIECE = 1024  # texts in one call of the tokenizer


class Unpackable(Exception):
    """The model's input cannot be taken apart into single texts; the message says why, in words for the log."""


class Tokens:
    """The token ids of texts, as the model's own `preprocess` gives them: truncated, with special tokens and prompt.

    Args:
        model: a SentenceTransformer.
        prompt: put before every text by `preprocess`.

    Raises:
        Unpackable: on construction, `preprocess` gives something else than ids, mask and types per token.
    """

    def __init__(self, model: Any, prompt: str | None = None) -> None:
        self._model = model
        self._prompt = prompt
        self._known: dict[str, Ids] = {}
        tried = self._preprocess(["a", "a b c d"])
        self._fields = [name for name in ("input_ids", "token_type_ids") if name in tried]
        self.extras = {
            name: value
            for name, value in tried.items()
            if name not in ("input_ids", "token_type_ids", "attention_mask")
        }
        self._masked = "attention_mask" in tried
        shape = tuple(getattr(tried.get("input_ids"), "shape", ()))
        if not self._masked or len(shape) != 2 or shape[0] != 2:
            raise Unpackable("its input is not one row of tokens for each text")
        if set(self.extras) - {"modality", "prompt_length"} or self.extras.get("modality", "text") != "text":
            raise Unpackable("its input has more than token ids")
        tokenizer = model.tokenizer
        self.padding = int(tokenizer.pad_token_id or 0)
        self._paddings = [self.padding, int(getattr(tokenizer, "pad_token_type_id", 0) or 0)]
        self._left = tokenizer.padding_side == "left"

    def _preprocess(self, texts: list[str]) -> dict[str, Any]:
        if self._prompt:
            return dict(self._model.preprocess(texts, prompt=self._prompt))
        return dict(self._model.preprocess(texts))

    def of(self, texts: Sequence[str]) -> list[Ids]:
        """The ids of each text; new ones are tokenised and remembered."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        missing.sort(key=len)  # like lengths together: the tokenizer pads each call to its longest
        for start in range(0, len(missing), _PIECE):
            piece = missing[start : start + _PIECE]
            features = self._preprocess(piece)
            mask = features["attention_mask"].numpy().astype(bool)
            fields = [features[name].numpy().astype(np.int32) for name in self._fields]
            for row, text in enumerate(piece):
                real = mask[row]
                self._known[text] = np.stack([field[row][real] for field in fields])
        return [self._known[text] for text in texts]

    def forget(self) -> None:
        """Let go of all ids, where more texts come than the memory should hold."""
        self._known.clear()

    def vocabulary(self, texts: Sequence[str]) -> np.ndarray:
        """Every token id of these texts and the padding, int64, ascending."""
        seen = [ids[0] for ids in self.of(texts)]
        return np.unique(np.concatenate([*seen, np.asarray([self.padding], dtype=np.int32)])).astype(np.int64)

    def line(self, rows: Sequence[Ids]) -> dict[str, Any]:
        """The ids of these texts one after the other, each of shape (1, all tokens), on the CPU and without a mask."""
        full = np.concatenate(rows, axis=1).astype(np.int64)
        fields: dict[str, Any] = {
            name: torch.from_numpy(full[field : field + 1]) for field, name in enumerate(self._fields)
        }
        return {**fields, **self.extras}

    def features(self, rows: Sequence[Ids], device: torch.device | str) -> dict[str, Any]:
        """What the model's `forward` takes for these texts, padded to the longest of them."""
        longest = max(max(ids.shape[1] for ids in rows), 1)
        full = np.empty((len(self._fields), len(rows), longest), dtype=np.int64)
        for field, padding in enumerate(self._paddings[: len(self._fields)]):
            full[field] = padding
        mask = np.zeros((len(rows), longest), dtype=np.int64)
        for row, ids in enumerate(rows):
            count = ids.shape[1]
            place = slice(longest - count, longest) if self._left else slice(0, count)
            full[:, row, place] = ids
            mask[row, place] = 1
        features: dict[str, Any] = {
            name: torch.from_numpy(full[field]).to(device) for field, name in enumerate(self._fields)
        }
        return {**features, "attention_mask": torch.from_numpy(mask).to(device), **self.extras}
