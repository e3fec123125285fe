"""Keep the best weights while a run goes on, and put the finished model in its place. Only child processes import this."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

from core import atomic
from core.training import checkpoints

MODEL = "model"


class Keeper:
    """Holds a copy of the best weights in memory and a loadable one under checkpoints/, so that a killed run has it too."""

    def __init__(self, model: SentenceTransformer, run_dir: Path) -> None:
        self.model = model
        self.run_dir = run_dir
        self.best_step: int | None = None
        self.name = ""  # the folder of the best weights under checkpoints/, "" while it could not be written
        self.sums: checkpoints.Sums = {}
        self._best: dict[str, torch.Tensor] = {}

    def keep(self, step: int) -> str:
        """Remember the weights as they are now; returns the checkpoint's path relative to the run folder.

        Raises:
            DiskFull, FileProblem: the checkpoint could not be written; the one before is still there.
        """
        self._best = _copy(self.model)
        self.best_step, self.name, self.sums = step, "", {}
        self._write(step)
        checkpoints.prune(self.run_dir, self.name)
        return f"{checkpoints.CHECKPOINTS}/{self.name}"

    def ensure_written(self) -> None:
        """Write the best weights if the disk refused them when they were found.

        Raises:
            DiskFull, FileProblem
        """
        if self.best_step is None or self.name:
            return
        now = _copy(self.model)
        self.model.load_state_dict(self._best)
        try:
            self._write(self.best_step)
        finally:
            self.model.load_state_dict(now)

    def _write(self, step: int) -> None:
        name = checkpoints.best_name(step)
        folder = self.run_dir / checkpoints.CHECKPOINTS / name
        save(self.model, folder)
        self.sums = checkpoints.sums(folder)
        self.name = name

    def resume(self, step: int | None, trust_remote_code: bool = False) -> None:
        """Take up the best weights of a checkpoint, found at `step`; None: nothing had been measured yet."""
        if step is None:
            return
        name = checkpoints.best_name(step)
        folder = self.run_dir / checkpoints.CHECKPOINTS / name
        best = SentenceTransformer(
            str(folder), device="cpu", local_files_only=True, trust_remote_code=trust_remote_code
        )
        self._best = _copy(best)
        self.best_step, self.name, self.sums = step, name, checkpoints.sums(folder)

    def restore(self) -> None:
        """Put the best weights back into the model, if any were kept."""
        if self._best:
            self.model.load_state_dict(self._best)

    def finish(self) -> Path:
        """Write the model as it is now to model/."""
        target = self.run_dir / MODEL
        save(self.model, target)
        return target


def _copy(model: SentenceTransformer) -> dict[str, torch.Tensor]:
    return {name: value.detach().to("cpu", copy=True) for name, value in model.state_dict().items()}


def save(model: SentenceTransformer, target: Path) -> None:
    """A folder that plain `SentenceTransformer(path)` loads: safetensors, no card. It appears whole or not at all.

    Raises:
        DiskFull, FileProblem: nothing is left behind.
    """
    temporary = target.with_name(f"{target.name}{checkpoints.TEMPORARY}")
    with atomic.explained(target, "save the model to"):
        shutil.rmtree(temporary, ignore_errors=True)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with full():
                model.save_pretrained(str(temporary), create_model_card=False, safe_serialization=True)
            for path in temporary.rglob("*"):
                if path.is_file():
                    with path.open("rb+") as stream:
                        os.fsync(stream.fileno())
            shutil.rmtree(target, ignore_errors=True)
            atomic.put(temporary, target)
            atomic.sync(target.parent)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise


@contextmanager
def full() -> Iterator[None]:
    """Turn the library's own word for a full disk into the system's error."""
    try:
        yield
    except Exception as error:
        text = str(error)
        if "os error 28" in text or "No space left" in text or "StorageFull" in text:
            raise OSError(errno.ENOSPC, "No space left on device") from error
        raise
