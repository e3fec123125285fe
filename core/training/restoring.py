"""Bring a run back to a checkpoint: the trainer's hooks, without any pickle. Only child processes import this module."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer

from core.training import nested
from core.training.checkpoints import Checkpoint
from core.training.saving import STATE_TENSORS, WEIGHTS


def load_weights(model: SentenceTransformer, folder: Path) -> None:
    model.load_state_dict(load_file(str(folder / WEIGHTS)))


def parts_of(checkpoint: Checkpoint) -> dict[str, Any]:
    """What `core.training.saving.parts` gave."""
    tensors = load_file(str(checkpoint.folder / STATE_TENSORS))
    return {name: nested.join(part, tensors) for name, part in checkpoint.state["parts"].items()}


class ResumableTrainer(SentenceTransformerTrainer):
    """The stock trainer finds its place in the epoch by itself; what it would read from pickles comes from `checkpoint`."""

    checkpoint: Checkpoint | None = None

    def _load_from_checkpoint(self, checkpoint_path: str, *unused: Any) -> None:
        """The weights are in the model already: they must be before anything is built on them."""

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        parts = self._parts(checkpoint)
        if parts:
            assert self.optimizer is not None and self.lr_scheduler is not None
            self.optimizer.load_state_dict(parts["optimizer"])
            self.lr_scheduler.load_state_dict(parts["scheduler"])

    def _load_scaler(self, checkpoint: str | None) -> None:
        parts = self._parts(checkpoint)
        scaler = getattr(self.accelerator, "scaler", None)
        if parts and scaler is not None and parts["scaler"] is not None:
            scaler.load_state_dict(parts["scaler"])

    def _load_rng_state(self, checkpoint: str | None) -> None:
        parts = self._parts(checkpoint)
        if parts:
            set_random_state(parts["random"])

    def _parts(self, asked: str | None) -> dict[str, Any]:
        if asked is None or self.checkpoint is None:
            return {}
        return parts_of(self.checkpoint)


def set_random_state(state: dict[str, Any]) -> None:
    """Undo `core.training.saving.random_state`. Generators of devices that are not there are passed over."""
    random.setstate(state["python"])
    np.random.set_state(tuple(state["numpy"]))
    torch.set_rng_state(state["torch"])
    if "cuda" in state and torch.cuda.is_available() and len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state["cuda"])
    if "mps" in state and torch.backends.mps.is_available():
        torch.mps.set_rng_state(state["mps"])
