"""Tell how a few chosen pairs and queries fare while a run goes on. Only child processes import this module."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from sentence_transformers import SentenceTransformer

from core.models.packed_forward import PackedForward
from core.training.embedder import Embedder, StopRequested
from core.training.events import Event, ProbesEvent
from core.training.watched import hits_of, texts_of

SHARE = 0.05  # of the training time at most goes into looking at the probes between evaluations


class Queries:
    """Queries whose named texts are ranked among a few texts. They cost more than pairs, so they are looked at by their own budget."""

    def __init__(self, queries: Sequence[dict[str, Any]] = (), sample: Sequence[str] = ()) -> None:
        self.queries = [query for query in queries if isinstance(query.get("text"), str)]
        self.texts = texts_of(self.queries, sample)
        self._cost = 0.0
        self._last = time.perf_counter()

    def due(self) -> bool:
        return bool(self.queries) and (time.perf_counter() - self._last) * SHARE >= self._cost

    def ranks(self, embedder: Embedder) -> list[list[int]]:
        """The query itself is none of its hits.

        Raises: StopRequested
        """
        began = time.perf_counter()
        texts = torch.as_tensor(embedder.encode(self.texts))
        questions = torch.as_tensor(embedder.encode([query["text"] for query in self.queries]))
        scores = embedder.similarity(questions, texts)
        places = {text: place for place, text in enumerate(self.texts)}
        found = []
        for query, row in zip(self.queries, scores, strict=True):
            if query["text"] in places:
                row[places[query["text"]]] = -torch.inf
            found.append([1 + int((row > row[places[text]]).sum()) for text in hits_of(query)])
        self._last = time.perf_counter()
        self._cost = self._last - began
        return found


class Probes:
    """`pairs` of texts. Looks are told with every measurement of the hold-out, and in between as often as `SHARE` allows."""

    def __init__(
        self,
        pairs: Sequence[Sequence[str]],
        model: SentenceTransformer,
        emit: Callable[[Event], None],
        should_stop: Callable[[], bool],
        packed: PackedForward | None = None,
        queries: Queries | None = None,
    ) -> None:
        self.pairs = pairs
        self.model = model
        self.emit = emit
        self.should_stop = should_stop
        self.packed = packed
        self.queries = queries or Queries()
        self._told = -1
        self._cost = 0.0
        self._last = time.perf_counter()

    @property
    def ranked(self) -> bool:
        """Whether there are queries among them."""
        return bool(self.queries.queries)

    def due(self) -> bool:
        pairs = bool(self.pairs) and (time.perf_counter() - self._last) * SHARE >= self._cost
        return pairs or self.queries.due()

    def tell(self, step: int, *, last: bool = False) -> None:
        """The similarities after `step` steps, by the model's own measure, and where the queries' budget allows or it is the `last` look
        their ranks; once per step. The model keeps its mode."""
        ranked = self.queries.due() or (last and self.ranked)
        if step == self._told or not (self.pairs or ranked):
            return
        began = time.perf_counter()
        training = self.model.training
        embedder = Embedder(self.model, self.should_stop, packed=self.packed)
        try:
            scores = self._scores(embedder)
            self._cost = time.perf_counter() - began
            ranks = self.queries.ranks(embedder) if ranked else []
        except StopRequested:
            return
        finally:
            self.model.train(training)
        self.emit(ProbesEvent(step, scores, ranks))
        self._told, self._last = step, time.perf_counter()

    def _scores(self, embedder: Embedder) -> list[float]:
        if not self.pairs:
            return []
        first, second = (
            torch.as_tensor(embedder.encode([pair[side] for pair in self.pairs])) for side in (0, 1)
        )
        return [round(float(score), 6) for score in embedder.similarity_pairwise(first, second)]
