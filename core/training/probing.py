"""Tell the similarities of a few chosen pairs while a run goes on. Only child processes import this module."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import torch
from sentence_transformers import SentenceTransformer

from core.models.packed_forward import PackedForward
from core.training.embedder import Embedder, StopRequested
from core.training.events import Event, ProbesEvent

SHARE = 0.05  # of the training time at most goes into looking at the probes between evaluations


class Probes:
    """`pairs` of texts. Looks are told with every measurement of the hold-out, and in between as often as `SHARE` allows."""

    def __init__(
        self,
        pairs: Sequence[Sequence[str]],
        model: SentenceTransformer,
        emit: Callable[[Event], None],
        should_stop: Callable[[], bool],
        packed: PackedForward | None = None,
    ) -> None:
        self.pairs = pairs
        self.model = model
        self.emit = emit
        self.should_stop = should_stop
        self.packed = packed
        self._told = -1
        self._cost = 0.0
        self._last = time.perf_counter()

    def due(self) -> bool:
        return bool(self.pairs) and (time.perf_counter() - self._last) * SHARE >= self._cost

    def tell(self, step: int) -> None:
        """The similarities after `step` steps, by the model's own measure; once per step. The model keeps its mode."""
        if not self.pairs or step == self._told:
            return
        began = time.perf_counter()
        training = self.model.training
        embedder = Embedder(self.model, self.should_stop, packed=self.packed)
        try:
            first, second = (
                torch.as_tensor(embedder.encode([pair[side] for pair in self.pairs])) for side in (0, 1)
            )
        except StopRequested:
            return
        finally:
            self.model.train(training)
        scores = embedder.similarity_pairwise(first, second)
        self.emit(ProbesEvent(step, [round(float(score), 6) for score in scores]))
        self._told, self._last = step, time.perf_counter()
        self._cost = self._last - began
