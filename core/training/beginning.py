"""The beginning of a run: what it tells first, and what the base model reaches. Only child processes import this module."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sentence_transformers import SentenceTransformerTrainingArguments

from core.models import loading
from core.training.embedder import StopRequested
from core.training.evaluation import Evaluator, Measurement
from core.training.events import BaselineEvent, RecipeEvent
from core.training.guards import Guards
from core.training.recipe import settings_of
from core.training.watched import texts_of
from core.training.watching import Watcher

if TYPE_CHECKING:
    from core.training.trainer import Run


def announce(run: Run) -> None:
    """Tell what will run: settings, rows, steps, device and precision as they are, not as they were asked for."""
    run.emit(
        RecipeEvent(
            run=run.spec.run,
            settings=settings_of(run.spec),
            train_rows=len(run.rows),
            holdout_rows=len(run.holdout),
            total_steps=run.total_steps,
            total_epochs=float(run.spec.epochs),
            device=run.device,
            device_name=loading.device_title(run.device),
            precision=run.precision,
            probes=run.spec.probes,
            probe_queries=run.spec.probe_queries,
            probe_texts=len(texts_of(run.spec.probe_queries, run.spec.probe_sample)),
        )
    )


def warmup_notice(run: Run, arguments: SentenceTransformerTrainingArguments) -> str:
    """What to say where the warm-up is longer than the run; "" otherwise."""
    if run.spec.warmup_steps <= run.total_steps:
        return ""
    return (
        f"{run.spec.warmup_steps:,} warm-up steps are more than the {run.total_steps:,} steps of this run, so the rate "
        f"rises until the end and {int(arguments.warmup_steps):,} are used."
    )


def baseline(run: Run, evaluator: Evaluator | None, watcher: Watcher, guards: Guards) -> Measurement | None:
    """Measure the base model, and tell; None where nothing is measured or the person stops."""
    if run.crossing is not None:
        _look_at_base(run, guards, None, watcher)
        return run.crossing.baseline()
    if evaluator is None:
        _look_at_base(run, guards, None, watcher)
        run.emit(BaselineEvent("", "", None, 0, note="Nothing is held out, so nothing is measured."))
        return None
    began = time.perf_counter()
    try:
        found = evaluator.measure(run.model)
    except StopRequested:
        watcher.stopped = True
        return None
    _look_at_base(run, guards, found, watcher)
    watcher.looked(time.perf_counter() - began)
    tell_baseline(run, found)
    return found


def tell_baseline(run: Run, found: Measurement) -> None:
    run.emit(
        BaselineEvent(
            found.metric,
            found.title,
            found.value,
            found.rows,
            found.metrics,
            found.note,
            groups=found.groups,
        )
    )
    if found.value is None:
        run.notice(f"{found.note} The weights of the last step are kept.", "warning")


def _look_at_base(run: Run, guards: Guards, found: Measurement | None, watcher: Watcher) -> None:
    try:
        guards.base(run.model, found)
    except StopRequested:
        watcher.stopped = True
