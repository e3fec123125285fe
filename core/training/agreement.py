"""One run in several processes, started by `torchrun` or `accelerate launch`. Only child processes import this module.

The process of rank 0 owns the run: its folder, its log, measuring, saving. The others only share the steps: they learn from rank 0
which run it is, train in lockstep with it, and end. What one must not do alone is agreed upon in every step: whether to stop, and
whether the loss is a number. A process that dies breaks the next agreement, and the launcher ends the rest.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState
from transformers import TrainingArguments as Arguments

from core.training import processes
from core.training.spec import Spec


def begin() -> None:
    """Meet the other processes. Does nothing where there is one."""
    if processes.count() > 1 and not torch.distributed.is_initialized():
        torch.distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")


def end() -> None:
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def tell(message: dict[str, Any] | None) -> None:
    """Rank 0: which run the others shall join; None: there is none to join. As JSON bytes, no pickle."""
    text = json.dumps(message).encode()
    torch.distributed.broadcast(torch.tensor([len(text)], device=_device()), 0)
    torch.distributed.broadcast(torch.tensor(list(text), dtype=torch.uint8, device=_device()), 0)


def hear() -> dict[str, Any] | None:
    """The others: what rank 0 tells."""
    size = torch.zeros(1, dtype=torch.int64, device=_device())
    torch.distributed.broadcast(size, 0)
    text = torch.empty(int(size), dtype=torch.uint8, device=_device())
    torch.distributed.broadcast(text, 0)
    found: dict[str, Any] | None = json.loads(bytes(text.tolist()))
    return found


def mean(loss: torch.Tensor) -> torch.Tensor:
    """The mean of a step's loss over the processes."""
    if processes.count() == 1 or not torch.distributed.is_initialized():
        return loss
    total = loss.detach().clone().float()
    torch.distributed.all_reduce(total)
    return total / processes.count()


class Agreement(TrainerCallback):
    """After every step and epoch all do what rank 0 has decided."""

    def on_log(
        self, args: Arguments, state: TrainerState, control: TrainerControl, logs: Any = None, **kwargs: Any
    ) -> None:
        if logs and "loss" in logs:
            self._agree(control)

    def on_epoch_end(
        self, args: Arguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self._agree(control)

    def _agree(self, control: TrainerControl) -> None:
        stop = torch.tensor([int(control.should_training_stop)], device=_device())
        torch.distributed.broadcast(stop, 0)
        control.should_training_stop = bool(stop.item())


@contextmanager
def leading() -> Iterator[None]:
    """Around a run of rank 0: if it ends before the others were told of it, they are sent home."""
    if processes.count() == 1:
        yield
        return
    begin()
    global _told
    _told = False
    try:
        yield
    finally:
        if not _told:
            tell(None)
        end()


_told = False


def invite(spec: Spec, precision: str) -> None:
    """Rank 0, right before its first step: the others join."""
    global _told
    if processes.count() > 1 and not _told:
        _told = True
        tell({"run_dir": spec.run_dir, "precision": precision})


def _device() -> torch.device:
    if torch.distributed.get_backend() == "nccl":
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    return torch.device("cpu")
