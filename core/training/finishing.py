"""The end of a run: what is kept, its figures, its card. Only child processes import this module."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentence_transformers import SentenceTransformerTrainingArguments

from core.errors import TrainingProblem
from core.training import ending
from core.training.card_facts_from_run import write_run_card
from core.training.evaluation import Evaluator, Measurement
from core.training.events import FinishedEvent
from core.training.guards import finite
from core.training.pausing import until_there_is_room
from core.training.settling import Kept, Settling
from core.training.watching import Watcher

if TYPE_CHECKING:
    from core.training.trainer import Run


def finish(
    run: Run,
    arguments: SentenceTransformerTrainingArguments,
    watcher: Watcher,
    settling: Settling,
    base: Measurement | None,
    evaluator: Evaluator | None,
) -> FinishedEvent:
    """Settle which weights are kept, put them and their card into the run's folder, and tell the end.

    Raises:
        TrainingProblem: there are no good weights to keep.
    """
    keeper = settling.keeper
    if watcher.broken_at and keeper.best_step is None and (watcher.broken_at == 1 or not finite(run.model)):
        raise TrainingProblem(
            f"The loss became infinite or undefined at step {watcher.broken_at:,}, and there are no good weights to keep.",
            "Use a smaller learning rate, or precision=fp32.",
        )
    last = run.kept_step if run.kept_step is not None else watcher.steps - bool(watcher.broken_at)
    kept = run.crossing.kept if run.crossing is not None else None
    kept = kept or settling.settle(watcher, base, evaluator, last)
    run.model.eval()
    for text, level in ending.notices(run.spec, watcher, base, kept):
        run.notice(text, level)
    target = until_there_is_room(keeper.finish, run.pause, run.emit, run.should_stop)
    finished = FinishedEvent(
        run=run.spec.run,
        model=str(target),
        metrics=_figures(run, watcher, base, kept),
        steps=watcher.steps,
        stopped=watcher.stopped,
        seconds=round(time.perf_counter() - run.began, 3),
    )
    _card(run, target, arguments, finished)
    run.emit(finished)
    return finished


def _figures(run: Run, watcher: Watcher, base: Measurement | None, kept: Kept) -> dict[str, Any]:
    searched = run.search.figures() if run.search is not None else {}
    if run.crossing is None:
        return ending.metrics(run.spec, watcher, base, kept, len(run.holdout)) | searched
    rows = base.rows if base is not None else 0
    return ending.metrics(run.spec, watcher, base, kept, rows) | run.crossing.figures() | searched


def _card(
    run: Run, target: Path, arguments: SentenceTransformerTrainingArguments, finished: FinishedEvent
) -> None:
    """Hours of training must not be lost to a text: without its card the model is still the model."""
    events = [*run.events, finished]
    try:
        write_run_card(target, run.spec, events, run.model, arguments.to_dict(), run.made.config)
    except Exception as error:  # noqa: BLE001
        run.notice(f"The model is saved, but its card could not be written: {error}", "warning")
