"""The cross-validation of one run: what it does before the first step and after the last. Only child processes import this module.

The run itself trains on all rows first, so that its curve is there at once; then the folds are trained, and what they say decides
which of the run's weights are kept.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from core.training import beginning, blending, crossed, fold_files, fold_scores, folds
from core.training.embedder import StopRequested
from core.training.evaluation import Measurement
from core.training.events import BaselineEvent
from core.training.fold_files import FoldPlan
from core.training.settling import Kept
from core.training.watching import Watcher

if TYPE_CHECKING:
    from core.training.trainer import Run

MOST_MEMORY = (
    1 << 30
)  # bytes for weights of earlier points of the run; with a larger model they are trained again


def plan_of(run: Run) -> FoldPlan | None:
    """Which row is in which fold; None where the rows hang together too much to cut them."""
    known = fold_files.read_plan(run.folder, len(run.rows))
    if known is not None:
        return known
    rows = fold_files.examples(run.rows, run.spec.format)
    for text in fold_files.plan(run.folder, rows, run.spec.format, run.spec.folds, run.spec.seed):
        run.notice(text)
    return fold_files.read_plan(run.folder, len(run.rows))


class Crossing:
    """`baseline` before the run's first step, `validate` after its last. `kept` is None where nothing was chosen."""

    def __init__(self, run: Run, watcher: Watcher) -> None:
        self.run = run
        self.watcher = watcher
        self.done: crossed.Crossed | None = None
        self.kept: Kept | None = None
        self.plan = plan_of(run)
        self._base = blending.copied(run.model)  # the model is still the base model
        self._passed: dict[int, blending.Weights] = {}
        size = sum(value.numel() * value.element_size() for value in self._base.values())
        self._points = [step for step, _ in fold_scores.points(run.spec.epochs, run.total_steps)]
        self._remember = size * len(self._points) <= MOST_MEMORY
        watcher.after_step = self._after_step
        if self.plan is not None:
            watcher.remaining.more_steps = run.total_steps * (self.plan.count - 1)

    @functools.cached_property
    def _work(self) -> folds.Folder:
        run = self.run
        return folds.Folder(
            run.spec,
            run.model,
            run.loss,
            run.device,
            run.precision,
            run.fold_trainer,
            run.shape.training,
            fold_scores.FoldScorer(run.spec.format, run.rows, run.should_stop, run.packed.forward),
            run.emit,
            run.should_stop,
            run.pause,
            base=self._base,
        )

    def baseline(self) -> Measurement | None:
        """Measure the base model on all rows and tell it."""
        run = self.run
        if self.plan is None:
            run.emit(
                BaselineEvent("", "", None, 0, note="There are too few groups of rows to measure anything.")
            )
            return None
        try:
            scores = folds.base_scores(self._work, self.plan)
        except StopRequested:
            self.watcher.stopped = True
            return None
        metric = fold_scores.metric(run.spec.format, run.model)
        rows = [run.rows[row] for row in folds.units_of(self._work, self.plan)]
        found = crossed.base_measurement(run.spec, metric, rows, scores)
        beginning.tell_baseline(run, found)
        return found

    def _after_step(self, step: int) -> None:
        if self._remember and step in self._points[:-1]:
            with self.watcher.whole():
                self._passed[step] = blending.copied(self.run.model)

    def validate(self, base: Measurement | None) -> None:
        """Train the folds, choose, and put the model where the choice says; the model is the trained one before."""
        run, plan = self.run, self.plan
        if plan is None or base is None or base.per_row is None or base.value is None:
            return
        tuned = self._passed[run.total_steps] = blending.copied(run.model)
        blending.put(run.model, self._base, self._base, 1)
        try:
            found = folds.cross_validate(self._work, plan, run.total_steps, base.per_row.values)
            self.done = crossed.Crossed(run.spec, base, found, run.search.trials if run.search else ())
            step = self.done.step
            passed = self._base if step == 0 else self._passed.get(step) or self._again(step)
        except StopRequested:
            self.done, self.watcher.stopped = None, True
            blending.put(run.model, tuned, tuned, 1)
            return
        self.watcher.stopped = found.count < plan.count
        blending.put(run.model, self._base, passed, self.done.factor)
        self.kept = self.done.kept()
        run.emit(self.done.event())
        run.notice(self.done.words())

    def _again(self, step: int) -> blending.Weights:
        """The run's weights after `step`, which are not remembered: trained once more, the same seed gives the same."""
        return folds.weights_at(self._work, self.run.rows, step)

    def figures(self) -> dict[str, Any]:
        return self.done.figures() if self.done is not None else {}
