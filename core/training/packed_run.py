"""Everything that makes one run faster than the plain script: what fits, what it costs, what is put back. Child processes only."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

from core.models import fast_attention, fast_dropout, fast_linear, packing_overhead
from core.models.packed_forward import PackedForward
from core.models.tokens import Unpackable
from core.training import memory
from core.training.packed import PackedLoss
from core.training.runs import SPEC
from core.training.spec import Spec
from core.training.vocabulary import Vocabulary, shrink


class PackedRun:
    """The packed forward of one run. `forward` is None where model or run do not fit; `notice` is told so, once."""

    def __init__(
        self, model: SentenceTransformer, spec: Spec, precision: str, notice: Callable[[str], None]
    ) -> None:
        self.model = model
        self.spec = spec
        self.precision = precision
        self.forward: PackedForward | None = None
        self.vocabulary: Vocabulary | None = None
        self._notice = notice
        self._while_training = contextlib.ExitStack()
        self._refusal = ""
        self._told = False
        if not spec.packed:
            return
        try:
            if torch.distributed.is_available() and torch.distributed.is_initialized():
                raise Unpackable("several processes share the training")
            self.forward = PackedForward(model)
        except Unpackable as reason:
            self._refusal = str(reason)

    @contextlib.contextmanager
    def faster(self) -> Iterator[None]:
        """For the whole run: faster products of matrices and faster attention."""
        if not self.spec.packed:
            yield
            return
        with fast_linear.used(self.model), fast_attention.used():
            yield

    @contextlib.contextmanager
    def training(self) -> Iterator[None]:
        """While steps are made; afterwards the model has its whole table of tokens."""
        with self._while_training, memory.kept():
            try:
                yield
            finally:
                if self.vocabulary is not None:
                    self.vocabulary.remove()

    def loss(self, loss: torch.nn.Module, columns: Mapping[str, Sequence[str]]) -> PackedLoss | None:
        """Prepare `loss` for the run's texts by column; None: the stock forward. The weights must be those that training begins with."""
        packed = None
        if self.forward is not None:
            try:
                packed = PackedLoss(self.forward, loss, self.precision)
            except Unpackable as reason:
                self._refusal = str(reason)
        if self._refusal and not self._told:
            self._told = True
            self._notice(
                f"This run embeds every text of a batch by itself, which is slower: {self._refusal}."
            )
        if packed is None:
            return None
        self._while_training.enter_context(fast_dropout.used(self.model))
        used = packed.prepare(list(columns.values()))
        if used is not None and self.model.device.type == "cpu":
            self.vocabulary = shrink(self.model, used)
        self._settle(packed.forward)
        return packed

    def _settle(self, forward: PackedForward) -> None:
        """Settle what a chunk costs, and note it in the spec: a repetition of this run, or what goes on after an interruption, then
        divides its batches, and with them the dropout it draws, in the same way. Texts one after the other need no division."""
        if forward.flat is not None:
            return
        if self.spec.packing_overhead:
            forward.overhead = self.spec.packing_overhead
            return
        overhead = packing_overhead.settle(forward, self.precision)
        noted = replace(self.spec, packing_overhead=int(overhead))
        if (Path(noted.run_dir) / SPEC).exists():
            noted.save()
        self.spec = noted
