"""Steps that survive: a batch too big for the memory is worked through in parts, a loss that is no number moves no weight.

Only child processes import this module.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch

from core.errors import TrainingProblem
from core.training import agreement, parts, processes
from core.training.events import NoticeEvent
from core.training.guards import NotFinite
from core.training.restoring import ResumableTrainer

RETRIES = 3  # halvings of a batch in one run; what does not fit into an eighth hardly fits at all
_FULL = (
    "not enough memory",
    "defaultcpuallocator",
    "out of memory",
    "can't allocate memory",
    "cannot allocate memory",
)


def out_of_memory(error: BaseException) -> bool:
    """Whether an error of the library means that memory ran out: on a CPU it is a plain RuntimeError."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _FULL)


class GuardedTrainer(ResumableTrainer):
    """`part_size`: texts of a column that are worked through at once; 0: all of the batch."""

    part_size = 0
    notice: Callable[[NoticeEvent], None] = staticmethod(lambda event: None)
    _halvings = 0

    def training_step(
        self, model: torch.nn.Module, inputs: dict[str, Any], *args: Any, **kwargs: Any
    ) -> torch.Tensor:
        """
        Raises:
            TrainingProblem: the memory is too small even for an eighth of the batch.
            NotFinite: the weights are still those of the step before.
        """
        while True:
            problem = ""
            try:
                if self.part_size:
                    loss = self._in_parts(model, dict(inputs))
                else:
                    loss = super().training_step(model, dict(inputs), *args, **kwargs)
            except (RuntimeError, MemoryError) as error:
                if not out_of_memory(error) or processes.count() > 1:
                    raise
                problem = str(error) or type(error).__name__
            if not problem:
                break
            # Only here, where the failed attempt's tensors are gone with its traceback.
            self._halve(inputs, problem)
        loss = agreement.mean(loss)
        if not math.isfinite(float(loss)):
            raise NotFinite
        return loss

    def _get_grad_norm(self, model: torch.nn.Module, grad_norm: Any = None) -> float:
        """The trainer asks for it right before the optimiser's step. Raises: NotFinite."""
        norm = float(super()._get_grad_norm(model, grad_norm=grad_norm))
        # With fp16 a gradient now and then overflows; the scaler leaves such a step out by itself.
        if not math.isfinite(norm) and getattr(self.accelerator, "scaler", None) is None:
            raise NotFinite
        return norm

    def rows_of(self, inputs: dict[str, Any]) -> int:
        """How many texts of a column a batch of the collator has at once."""
        return parts.rows_of(inputs)

    def work(self, model: torch.nn.Module, inputs: dict[str, Any]) -> parts.Work:
        """The batch as a function of embeddings, for a loss with `compute_loss_from_embeddings`."""
        columns, labels = self.collect_features(inputs)
        return parts.Work(
            [parts.rows_of(column) for column in columns],
            lambda column, begin, end: model(parts.part(columns[column], begin, end))["sentence_embedding"],
            lambda found: self._sum(self.loss.compute_loss_from_embeddings(found, labels)),
            self.model.device,
        )

    def _halve(self, inputs: dict[str, Any], problem: str) -> None:
        rows = self.rows_of(inputs)
        size = self.part_size or min(rows, getattr(self.loss, "mini_batch_size", rows))
        if self._halvings >= RETRIES or size <= 1:
            raise TrainingProblem(
                f"The memory of the {self.args.device} is too small for batches of {rows}, even in parts of {size}.",
                "Use a smaller batch size.",
                details=problem,
            )
        self._halvings += 1
        self.part_size = math.ceil(size / 2)
        self.model.zero_grad(set_to_none=True)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        same = self._exact()
        end = (
            "the result stays the same, a step takes longer."
            if same
            else "this loss then compares texts only within a part, as if the batches were smaller."
        )
        self.notice(
            NoticeEvent(
                f"The memory of the {self.args.device} was too small for {size} rows at once, so batches are worked through "
                f"in parts of {self.part_size}: {end}",
                "info" if same else "warning",
            )
        )

    def _exact(self) -> bool:
        return hasattr(self.loss, "compute_loss_from_embeddings") or hasattr(self.loss, "mini_batch_size")

    def _in_parts(self, model: torch.nn.Module, inputs: dict[str, Any]) -> torch.Tensor:
        model.train()
        inputs = self._prepare_inputs(inputs)
        if hasattr(self.loss, "mini_batch_size"):  # a loss that caches gradients itself
            self.loss.mini_batch_size = min(self.loss.mini_batch_size, self.part_size)
            loss = self.compute_loss(model, inputs)
            self.accelerator.backward(loss)
            return loss.detach()
        if hasattr(self.loss, "compute_loss_from_embeddings"):
            return parts.cached(self.work(model, inputs), self.accelerator.backward, self.part_size)
        return self._accumulated(model, inputs)

    def _accumulated(self, model: torch.nn.Module, inputs: dict[str, Any]) -> torch.Tensor:
        """The mean of the parts' losses, each weighed by its rows."""
        rows = parts.rows_of(inputs)
        total = torch.zeros((), device=self.args.device)
        for begin, end in parts.cuts(rows, self.part_size):
            cut = {
                key: value[begin:end] if isinstance(value, torch.Tensor) and len(value) == rows else value
                for key, value in inputs.items()
            }
            loss = self.compute_loss(model, cut) * ((end - begin) / rows)
            self.accelerator.backward(loss)
            total += loss.detach()
        return total

    @staticmethod
    def _sum(loss: Any) -> torch.Tensor:
        return torch.stack(list(loss.values())).sum() if isinstance(loss, dict) else loss
