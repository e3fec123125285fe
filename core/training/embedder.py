"""The model as evaluators see it: every distinct text is encoded once, and the person can stop in between.

Only child processes import this module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from core.models.packed_forward import PackedForward

CHUNK = 128  # texts between two looks at should_stop; about a second of long texts on a slow computer


class StopRequested(Exception):
    """The person asked to stop while an evaluation was on."""


class _NoCard:
    """Takes what evaluators would note for the library's own model card; ours is written from the events."""

    def set_evaluation_metrics(self, *arguments: Any, **named: Any) -> None:
        return


class Embedder:
    """Stands in for a `SentenceTransformer` inside evaluators; anything it does not define comes from the model.

    One embedder serves one state of the weights: make a new one after they change.
    """

    def __init__(
        self,
        model: SentenceTransformer,
        should_stop: Callable[[], bool],
        batch_size: int = 32,
        packed: PackedForward | None = None,
    ) -> None:
        self._model = model
        self._should_stop = should_stop
        self._batch_size = batch_size
        self._rows: dict[tuple[Any, ...], dict[str, np.ndarray]] = {}
        self._roles_matter = any((model.prompts or {}).values()) or any(
            type(part).__name__ == "Router" for part in model
        )
        # The packed forward knows the ids of texts it has seen, and always runs in float32.
        self._packed = packed if model.truncate_dim is None and not self._roles_matter else None
        self._length: int | None = None
        self.model_card_data = _NoCard()

    def shortened(self, length: int) -> Embedder:
        """The same model with embeddings cut to their first `length` numbers; nothing is encoded twice."""
        other = Embedder(self._model, self._should_stop, self._batch_size)
        other._rows, other._packed, other._length = self._rows, self._packed, length
        return other

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def encode(self, texts: Sequence[str], **options: Any) -> Any:
        return self._encode("", texts, **options)

    def encode_query(self, texts: Sequence[str], **options: Any) -> Any:
        return self._encode("_query", texts, **options)

    def encode_document(self, texts: Sequence[str], **options: Any) -> Any:
        return self._encode("_document", texts, **options)

    def _encode(
        self,
        role: str,
        texts: Sequence[str],
        *,
        prompt_name: str | None = None,
        prompt: str | None = None,
        convert_to_tensor: bool = False,
        batch_size: int = 0,
        show_progress_bar: bool | None = None,
        convert_to_numpy: bool = True,
        **options: Any,
    ) -> Any:
        if not self._roles_matter:
            role = ""
        given = {name: value for name, value in options.items() if value}
        rows = self._rows.setdefault((role, prompt_name, prompt, *sorted(given)), {})
        missing = [text for text in dict.fromkeys(texts) if text not in rows]
        # Neighbours of like length share a batch, so that little of it is padding.
        missing.sort(key=len)
        method = getattr(self._model, f"encode{role}")
        for start in range(0, len(missing), CHUNK):
            if self._should_stop():
                raise StopRequested
            part = missing[start : start + CHUNK]
            if self._packed is not None and not (prompt_name or prompt or given):
                vectors = self._packed.embed(part)
            else:
                vectors = method(
                    part,
                    prompt_name=prompt_name,
                    prompt=prompt,
                    batch_size=self._batch_size,
                    show_progress_bar=False,
                    convert_to_numpy=True,
                    **given,
                )
            rows.update(zip(part, vectors, strict=True))
        matrix = np.stack([rows[text] for text in texts]) if texts else np.zeros((0, 0), dtype=np.float32)
        matrix = matrix if self._length is None else np.ascontiguousarray(matrix[:, : self._length])
        return torch.from_numpy(matrix) if convert_to_tensor else matrix
