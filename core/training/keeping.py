"""Keep the best weights while a run goes on, and put the finished model in its place. Only child processes import this."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

from core.atomic import explained

CHECKPOINTS, MODEL = "checkpoints", "model"


class Keeper:
    """Holds a copy of the best weights in memory and a loadable one under checkpoints/, so that a killed run has it too."""

    def __init__(self, model: SentenceTransformer, run_dir: Path) -> None:
        self.model = model
        self.run_dir = run_dir
        self.best_step: int | None = None
        self._best: dict[str, torch.Tensor] = {}

    def keep(self, step: int) -> str:
        """Remember the weights as they are now; returns the checkpoint's path relative to the run folder.

        Raises:
            DiskFull, FileProblem: the checkpoint could not be written; the one before is still there.
        """
        self._best = {
            name: value.detach().to("cpu", copy=True) for name, value in self.model.state_dict().items()
        }
        self.best_step = step
        folder = self.run_dir / CHECKPOINTS
        name = f"step-{step:06d}"
        save(self.model, folder / name)
        for other in folder.iterdir():
            if other.name != name:
                shutil.rmtree(other, ignore_errors=True)
        return f"{CHECKPOINTS}/{name}"

    def restore(self) -> None:
        """Put the best weights back into the model, if any were kept."""
        if self._best:
            self.model.load_state_dict(self._best)

    def finish(self) -> Path:
        """Write the model as it is now to model/ and drop the checkpoints, which it replaces."""
        target = self.run_dir / MODEL
        save(self.model, target)
        shutil.rmtree(self.run_dir / CHECKPOINTS, ignore_errors=True)
        return target


def save(model: SentenceTransformer, target: Path) -> None:
    """A folder that plain `SentenceTransformer(path)` loads: safetensors, no card. It appears whole or not at all.

    Raises:
        DiskFull, FileProblem: nothing is left behind.
    """
    temporary = target.with_name(f"{target.name}.tmp")
    with explained(target, "save the model to"):
        shutil.rmtree(temporary, ignore_errors=True)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                model.save_pretrained(str(temporary), create_model_card=False, safe_serialization=True)
            except Exception as error:  # safetensors words a full disk in its own type
                if _full(error):
                    raise OSError(errno.ENOSPC, "No space left on device") from error
                raise
            for path in temporary.rglob("*"):
                if path.is_file():
                    with path.open("rb+") as stream:
                        os.fsync(stream.fileno())
            shutil.rmtree(target, ignore_errors=True)
            temporary.rename(target)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise


def _full(error: Exception) -> bool:
    text = str(error)
    return "os error 28" in text or "No space left" in text or "StorageFull" in text
