"""Write checkpoints while a run goes on: by time and at every evaluation. Only child processes import this module."""

from __future__ import annotations

import dataclasses
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import Trainer, TrainerState
from transformers.trainer import TRAINER_STATE_NAME

from core import atomic
from core.errors import AnchorLabError
from core.training import checkpoints, nested, runs
from core.training.events import CheckpointEvent, Event, NoticeEvent
from core.training.keeping import Keeper, full

WEIGHTS, STATE_TENSORS = "weights.safetensors", "optimizer.safetensors"
# Short epochs would otherwise spend more time on checkpoints than on steps: one at an evaluation is left out until this many
# times the seconds that the last one took have passed.
SPARE = 20.0


class Saver:
    """`figures` gives what the run itself wants back, `counted` how many events the run has told so far."""

    def __init__(
        self,
        run_dir: Path,
        seconds: float,
        keeper: Keeper,
        emit: Callable[[Event], None],
        counted: Callable[[], int],
        figures: Callable[[], dict[str, Any]],
    ) -> None:
        self.run_dir = run_dir
        self.seconds = seconds
        self.keeper = keeper
        self.emit = emit
        self.counted = counted
        self.figures = figures
        self.trainer: Trainer | None = None
        self._step = -1
        self._cost = 0.0
        self._last = time.monotonic()
        self._told = False

    def due(self, evaluated: bool) -> bool:
        """Whether to write one now, between two steps."""
        passed = time.monotonic() - self._last
        if evaluated and passed >= SPARE * self._cost:
            return True
        return self.seconds > 0 and passed >= self.seconds

    def save(self, state: TrainerState) -> None:
        """Write a checkpoint of the weights and everything else as they are after `state.global_step`, once per step.

        A disk that is full or refuses takes nothing but the checkpoint: the ones before stay, and the person is told once.
        """
        step = state.global_step
        if self.trainer is None or step == self._step:
            return
        began = time.monotonic()
        try:
            path = self._write(state, step)
        except Exception as error:  # noqa: BLE001 - whatever keeps a checkpoint from being written must not end the run
            self.failed(error)
        else:
            self._step = step
            self.emit(CheckpointEvent(step, path, "resume"))
        self._last = time.monotonic()
        self._cost = self._last - began

    def last(self, state: TrainerState) -> None:
        """Write one after the last step, for a run that has more to do, and let go of the trainer."""
        self.save(state)
        self.trainer = None

    def failed(self, error: Exception) -> None:
        """Tell once that no checkpoint could be written."""
        if not self._told:
            self._told = True
            words = str(error) if isinstance(error, AnchorLabError) else f"{type(error).__name__}: {error}"
            self.emit(
                NoticeEvent(
                    f"No checkpoint was written. {words} Training goes on; if it is interrupted, what came after the "
                    "last checkpoint is lost.",
                    "warning",
                )
            )

    def _write(self, state: TrainerState, step: int) -> str:
        self.keeper.ensure_written()
        name = checkpoints.resume_name(step)
        folder = self.run_dir / checkpoints.CHECKPOINTS
        target, temporary = folder / name, folder / f"{name}{checkpoints.TEMPORARY}"
        with atomic.explained(target), full():
            # What the log says up to here must be on the disk before the checkpoint that counts on it.
            if (self.run_dir / runs.EVENTS).exists():
                atomic.sync(self.run_dir / runs.EVENTS)
            shutil.rmtree(temporary, ignore_errors=True)
            try:
                folder.mkdir(exist_ok=True)  # not the run's own, which does not come back when it was deleted
                temporary.mkdir()
                self._write_files(temporary, state)
                for path in temporary.iterdir():
                    atomic.sync(path)
                atomic.sync(temporary)
                if target.exists():
                    checkpoints.remove(target)
                atomic.put(temporary, target)
                atomic.sync(folder)
            except BaseException:
                shutil.rmtree(temporary, ignore_errors=True)
                raise
        checkpoints.prune(self.run_dir, self.keeper.name)
        return f"{checkpoints.CHECKPOINTS}/{name}"

    def _write_files(self, folder: Path, state: TrainerState) -> None:
        trainer = self.trainer
        assert trainer is not None
        weights = {name: value.detach().contiguous() for name, value in trainer.model.state_dict().items()}
        save_file(_apart(weights), folder / WEIGHTS)
        tensors: dict[str, torch.Tensor] = {}
        plain = {name: nested.split(part, name, tensors) for name, part in parts(trainer).items()}
        save_file(_apart(tensors), folder / STATE_TENSORS)
        dataclasses.replace(state, log_history=[], stateful_callbacks={}).save_to_json(
            str(folder / TRAINER_STATE_NAME)
        )
        record = {
            "step": state.global_step,
            "events": self.counted(),
            "parts": plain,
            "figures": self.figures(),
            "best_step": self.keeper.best_step,
        }
        checkpoints.write_state(folder, record, self.keeper.name, self.keeper.sums)


def parts(trainer: Trainer) -> dict[str, Any]:
    """Everything besides the weights that the next steps depend on."""
    assert trainer.optimizer is not None and trainer.lr_scheduler is not None
    scaler = getattr(trainer.accelerator, "scaler", None)
    adapters = getattr(trainer, "adapters", None)
    return {
        **({"adapters": adapters.state()} if adapters is not None else {}),
        "optimizer": trainer.optimizer.state_dict(),
        "scheduler": trainer.lr_scheduler.state_dict(),
        "scaler": scaler.state_dict() if scaler is not None else None,
        "random": random_state(),
    }


def random_state() -> dict[str, Any]:
    """The random generators that training draws from."""
    drawn: Any = np.random.get_state()
    kind, keys, *rest = drawn
    found: dict[str, Any] = {
        "python": random.getstate(),
        "numpy": [kind, keys.tolist(), *rest],
        "torch": torch.get_rng_state(),
    }
    if torch.cuda.is_available():
        found["cuda"] = torch.cuda.get_rng_state_all()
    if torch.backends.mps.is_available():
        found["mps"] = torch.mps.get_rng_state()
    return found


def _apart(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Tensors that share memory (tied weights) are written out each: a file of them knows no sharing."""
    seen: set[int] = set()
    apart: dict[str, torch.Tensor] = {}
    for name, tensor in tensors.items():
        place = tensor.untyped_storage().data_ptr()
        apart[name] = tensor.clone() if place in seen else tensor
        seen.add(place)
    return apart
