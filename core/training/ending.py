"""What a run says at its end. Only child processes import this module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.training import blending, verdict
from core.training.evaluation import Measurement
from core.training.settling import Kept
from core.training.spec import Spec
from core.training.watching import Watcher


def notices(spec: Spec, watcher: Watcher, base: Measurement | None, kept: Kept) -> Iterator[tuple[str, str]]:
    """(text, level) of what the person should know about the kept weights."""
    if watcher.stopped and not watcher.steps:
        yield "Stopped before the first step: the kept model is the base model.", "warning"
        return
    if watcher.stopped and watcher.best is None:
        yield (
            f"Stopped after step {watcher.steps:,} before anything was measured; its weights are kept.",
            "info",
        )
    before, best = base.value if base else None, watcher.best.value if watcher.best else None
    if kept.kind == "base":
        yield (
            "Nothing that was trained was better than the base model on held-out rows, so the base model is kept. More labels, "
            "another loss or another learning rate may help.",
            "warning",
        )
    elif before is not None and best is not None and best <= before and kept.factor == 1:
        yield "No checkpoint was better than the base model on the hold-out.", "warning"
    if kept.factor not in (0.0, 1.0):
        there = kept.measurement.value if kept.measurement else None
        end = dict(kept.line).get(1.0)
        figures = "" if there is None or end is None else f": {there:.4g} there, {end:.4g} at its end"
        why = (
            ". The hold-out cannot tell these two apart, and such a point usually does better on other data"
            if spec.blend == blending.AUTO and there is not None and end is not None and there < end
            else ""
        )
        yield (
            f"The kept weights lie at {kept.factor:g} of the way from the base model to step {kept.step:,}{figures}{why}.",
            "info",
        )


def metrics(
    spec: Spec, watcher: Watcher, base: Measurement | None, kept: Kept, holdout_rows: int
) -> dict[str, Any]:
    """The figures of the finished event, see `core.training.events.FinishedEvent`."""
    found = kept.measurement
    judged = _judge(spec, watcher, base, kept, holdout_rows)
    return {
        "metric": base.metric if base else "",
        "title": base.title if base else "",
        "name": spec.evaluation_name,
        "base": base.value if base else None,
        "tuned": found.value if found else None,
        "rows": holdout_rows,
        "best_step": kept.step,
        "kept": kept.kind,
        "blend": kept.factor,
        "line": [list(point) for point in kept.line],
        "final_loss": watcher.final_loss,
        "verdict": judged.sentence,
        "verdict_word": judged.word,
        "interval": list(judged.interval) if judged.interval else None,
        "training_seconds": round(watcher.training_seconds, 3),
        "evaluation_seconds": round(watcher.evaluation_seconds, 3),
        "base_metrics": base.metrics if base else {},
        "tuned_metrics": found.metrics if found else {},
        "groups": _groups(base, found),
    }


def _groups(base: Measurement | None, tuned: Measurement | None) -> list[dict[str, Any]]:
    """Parts of the hold-out, base and tuned side by side."""
    if base is None or tuned is None:
        return []
    after = {group["name"]: group["value"] for group in tuned.groups}
    return [
        {
            "name": group["name"],
            "title": group["title"],
            "rows": group["rows"],
            "base": group["value"],
            "tuned": after.get(group["name"]),
        }
        for group in base.groups
    ]


def _judge(
    spec: Spec, watcher: Watcher, base: Measurement | None, kept: Kept, holdout_rows: int
) -> verdict.Verdict:
    if base is None:
        if holdout_rows:
            return _stopped_before("the base model")
        return verdict.judge("", 0, None, None)
    found = kept.measurement
    if kept.kind == "base" and watcher.steps and base.value is not None:
        best = max((item.value for item in watcher.measured.values() if item.value is not None), default=None)
        return verdict.nothing_beat(base.title, base.rows, base.value, best)
    if found is None or (kept.kind == "base" and not watcher.steps):
        if base.value is not None:
            return _stopped_before("the tuned model")
        return verdict.judge(base.title, base.rows, None, None)
    return verdict.judge(base.title, base.rows, base.value, found.value, base.per_row, kept.judged, spec.seed)


def _stopped_before(what: str) -> verdict.Verdict:
    return verdict.Verdict(
        "unmeasured", f"The run ended before {what} was measured, so nothing can be compared."
    )
