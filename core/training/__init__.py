"""Training: recipe, losses, the run itself and its history. Importing this does not import torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.training.events import Event, FinishedEvent
    from core.training.pausing import Pause
    from core.training.resumption import Resumption
    from core.training.spec import Spec


def train(
    spec: Spec,
    on_event: Callable[[Event], None],
    should_stop: Callable[[], bool],
    *,
    pause: Pause | None = None,
    resumption: Resumption | None = None,
) -> FinishedEvent:
    """Run `spec` over the files of its folder: events go to `on_event` as they happen, the model to `run_dir`/model.

    The events are, in order: recipe, notices, baseline, then a step for every step with evaluations and checkpoints between,
    and finished last, which is also returned. `should_stop` is asked after every step and within evaluations; once it says
    True the run keeps the best measured weights, or the last ones where none were measured, and finishes. It may raise
    `core.errors.Cancelled` instead, to throw the run away. While `pause` is asked for, the run waits between two steps; with
    one it also waits for room on a full disk. With a `resumption` it goes on from there and tells only what is new
    (`core.training.job.resume_run` prepares one).

    Raises:
        AnchorLabError: no model could be made; no finished event is emitted then.
    """
    from core.training import trainer

    return trainer.run(spec, on_event, should_stop, pause, resumption)
