"""The shape in which a model trains: with adapters or without, and plain again afterwards. Only child processes import this module."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sentence_transformers import SentenceTransformer

from core.training.checkpoints import Checkpoint
from core.training.packed_run import PackedRun
from core.training.restoring import load_weights, parts_of
from core.training.spec import Spec
from core.training.watching import Watcher

if TYPE_CHECKING:
    from core.training.adapters import Adapters


class Shape:
    """Of one run; its folds take it one after the other. `notice` hears of adapters once."""

    def __init__(
        self, model: SentenceTransformer, spec: Spec, packed: PackedRun, notice: Callable[[str], None]
    ) -> None:
        self.model = model
        self.spec = spec
        self.packed = packed
        self.adapters: Adapters | None = None
        self._notice = notice

    @contextlib.contextmanager
    def training(self) -> Iterator[None]:
        """While steps are made; afterwards the model is plain and whole."""
        with self.packed.training():
            try:
                yield
            finally:
                if self.adapters is not None:
                    self.adapters.remove()

    def begin(self, watcher: Watcher, checkpoint: Checkpoint | None) -> None:
        """Within `training`: bring the model, which has its base weights, to where training begins or goes on."""
        if self.spec.lora:
            from core.training.adapters import Adapters

            told = self.adapters is not None or checkpoint is not None
            self.adapters = Adapters(self.model, self.spec.lora, self.spec.seed)
            watcher.whole = self.adapters.whole
            if checkpoint is not None:
                self.adapters.load(parts_of(checkpoint)["adapters"])
            if not told:
                self._notice(self.adapters.notice)
        elif checkpoint is not None:
            load_weights(self.model, checkpoint.folder)
