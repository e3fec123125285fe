"""What a run that goes on is handed over. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass

from core.training.checkpoints import Checkpoint
from core.training.events import Event


@dataclass(frozen=True)
class Resumption:
    """`events`: those of the log up to `checkpoint`, none without one. `notice`: where the run goes on, for its log."""

    checkpoint: Checkpoint | None = None
    events: tuple[Event, ...] = ()
    notice: str = ""
    level: str = "info"
