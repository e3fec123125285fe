"""What a run says at its end. Only child processes import this module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.training import verdict
from core.training.evaluation import Measurement
from core.training.spec import Spec
from core.training.watching import Watcher


def notices(watcher: Watcher, base: Measurement | None) -> Iterator[tuple[str, str]]:
    """(text, level) of what the person should know about the kept weights."""
    if watcher.stopped and not watcher.steps:
        yield "Stopped before the first step: the kept model is the base model.", "warning"
    elif watcher.stopped and watcher.best is None:
        yield (
            f"Stopped after step {watcher.steps:,} before anything was measured; its weights are kept.",
            "info",
        )
    before, after = base.value if base else None, watcher.best.value if watcher.best else None
    if before is not None and after is not None and after <= before:
        yield "No checkpoint was better than the base model on the hold-out.", "warning"


def metrics(
    spec: Spec, watcher: Watcher, base: Measurement | None, kept_step: int, holdout_rows: int
) -> dict[str, Any]:
    """The figures of the finished event, see `core.training.events.FinishedEvent`."""
    best = watcher.best
    judged = _judge(spec, watcher, base, holdout_rows)
    return {
        "metric": base.metric if base else "",
        "title": base.title if base else "",
        "name": spec.evaluation_name,
        "base": base.value if base else None,
        "tuned": best.value if best else None,
        "rows": holdout_rows,
        "best_step": kept_step,
        "final_loss": watcher.final_loss,
        "verdict": judged.sentence,
        "verdict_word": judged.word,
        "interval": list(judged.interval) if judged.interval else None,
        "training_seconds": round(watcher.training_seconds, 3),
        "evaluation_seconds": round(watcher.evaluation_seconds, 3),
        "base_metrics": base.metrics if base else {},
        "tuned_metrics": best.metrics if best else {},
    }


def _judge(spec: Spec, watcher: Watcher, base: Measurement | None, holdout_rows: int) -> verdict.Verdict:
    if base is None:
        if holdout_rows:
            return _stopped_before("the base model")
        return verdict.judge("", 0, None, None)
    if watcher.best is None:
        if base.value is not None:
            return _stopped_before("the tuned model")
        return verdict.judge(base.title, base.rows, None, None)
    best = watcher.best
    return verdict.judge(base.title, base.rows, base.value, best.value, base.per_row, best.per_row, spec.seed)


def _stopped_before(what: str) -> verdict.Verdict:
    return verdict.Verdict(
        "unmeasured", f"The run ended before {what} was measured, so nothing can be compared."
    )
