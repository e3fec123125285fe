"""Would more labels help? Train on shares of the rows and score the same rows each time. Only child processes import this module.

The rows that measure are the recipe's own: its hold-out, or every row by folds that left it out. Each share is trained with the
recipe for so many rows, to the end, and measured where the recipe's rule for few rows would put the weights on the line from the
base model: nothing is chosen by the rows that measure. See `core.training.curve_job` for how it starts.
"""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import Cancelled, DataProblem
from core.training import blending, curve_fit, fold_scores, folds, precision, run_loss
from core.training.choice import usual
from core.training.curve_record import Record
from core.training.curve_shares import Training
from core.training.embedder import StopRequested
from core.training.evaluation import Evaluator
from core.training.events import Event, LearningCurveEvent, ProgressEvent
from core.training.pausing import Pause
from core.training.scores import RowScores
from core.training.spec import Spec
from core.training.trainer import Run

PHASE = "Learning curve"
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Work:
    """Everything a curve is made of. `held[fold]`: positions among `rows` that measure; with a `holdout` that one measures.

    specs: the settings of each share.
    """

    rows: list[Row]
    holdout: list[Row]
    held: list[list[int]]
    trainings: list[Training]
    specs: Mapping[float, Spec]
    seed: int
    folder: Path


class _Yardstick:
    """Scores the rows of a fold, or the hold-out, under the model as it is."""

    def __init__(self, run: Run, work: Work, should_stop: Callable[[], bool]) -> None:
        self.run = run
        self.scorer = fold_scores.FoldScorer(run.spec.format, work.rows, should_stop, run.packed.forward)
        self._evaluator = (
            Evaluator(run.spec.format, work.holdout, should_stop, "", run.packed.forward, run.made.lengths)
            if work.holdout
            else None
        )
        self._units = [] if work.holdout else [self.scorer.units(held) for held in work.held]
        self.title, self.base = self._begin()

    def _begin(self) -> tuple[str, RowScores]:
        """
        Raises:
            DataProblem: these rows cannot measure anything.
        """
        if self._evaluator is not None:
            found = self._evaluator.measure(self.run.model)
            title, scores, note = found.title, found.per_row, found.note
        else:
            every = sorted(unit for units in self._units for unit in units)
            title, note = fold_scores.title(self.run.spec.format), ""
            scores = RowScores(
                self.scorer.values(self.run.model, every), self.scorer.gold(every), self.scorer.groups(every)
            )
        if scores is None or not math.isfinite(scores.metric()):
            raise DataProblem(
                f"The rows cannot be measured. {note}".strip(), "Label more rows, of different kinds."
            )
        return title, scores

    def values(self, fold: int) -> list[float]:
        if self._evaluator is None:
            found: list[float] = self.scorer.values(self.run.model, self._units[fold]).tolist()
            return found
        scores = self._evaluator.measure(self.run.model).per_row
        return [] if scores is None else scores.values.tolist()

    def whole(self, parts: Sequence[Sequence[float]]) -> RowScores | None:
        """The scores of all rows from those of each fold; None where they do not fit or a training broke."""
        values = np.empty(len(self.base.values))
        if self._evaluator is None:
            place = {
                unit: n for n, unit in enumerate(sorted(unit for units in self._units for unit in units))
            }
            for units, part in zip(self._units, parts, strict=True):
                if len(part) != len(units):
                    return None
                values[[place[unit] for unit in units]] = part
        elif len(parts[0]) != len(values):
            return None
        else:
            values[:] = parts[0]
        return RowScores(values, self.base.gold, self.base.groups) if np.isfinite(values).all() else None


class Curve:
    """`go` trains what `record` does not hold yet and returns the result; every training is on disk as soon as it ends."""

    def __init__(
        self,
        work: Work,
        record: Record,
        on_event: Callable[[Event], None],
        should_stop: Callable[[], bool],
        pause: Pause | None = None,
    ) -> None:
        self.work = work
        self.record = record
        self.should_stop = should_stop
        self.pause = pause
        self._emit = on_event
        self._sizes = [len(item.rows) * float(work.specs[item.share].epochs) for item in work.trainings]
        self._before = 0.0  # the size of what was known
        self._done = 0.0
        self._began = time.monotonic()
        self._earlier = record.seconds
        self._waited = self._paused()

    def go(self) -> LearningCurveEvent:
        """
        Raises:
            Cancelled: it was stopped; what is trained stays.
            AnchorLabError
        """
        spec = self.work.specs[max(self.work.specs)]
        run = Run(spec, self._hear, self.should_stop, self.pause)
        run.rows, run.holdout = self.work.rows, self.work.holdout
        self._tell("Loading the base model")
        run.load()
        run.made = run_loss.make(spec, run.model)
        try:
            with precision.used(run.precision), run.packed.faster():
                return self._measure(run)
        except StopRequested:
            raise Cancelled("The learning curve was stopped; what is trained by now is kept.") from None
        finally:
            shutil.rmtree(self.work.folder / "checkpoints", ignore_errors=True)

    def _measure(self, run: Run) -> LearningCurveEvent:
        yardstick = _Yardstick(run, self.work, self.should_stop)
        base = blending.copied(run.model)
        self._before = sum(
            size
            for training, size in zip(self.work.trainings, self._sizes, strict=True)
            if training.key in self.record.values
        )
        self._done, self._began, self._waited = self._before, time.monotonic(), self._paused()
        for training, size in zip(self.work.trainings, self._sizes, strict=True):
            if training.key in self.record.values:
                continue
            self.record.values[training.key] = self._train(run, yardstick, base, training, size)
            self._done += size
            self.record.seconds = self._seconds()
            self.record.result = self._result(yardstick)
            self.record.write(self.work.folder)
            self._emit(self.record.result)
        result = self.record.result = replace(self._result(yardstick, last=True), done=True)
        self.record.write(self.work.folder)
        self._emit(ProgressEvent(PHASE, sum(self._sizes), sum(self._sizes), "", 0.0))
        self._emit(result)
        return result

    def _train(
        self, run: Run, yardstick: _Yardstick, base: blending.Weights, training: Training, size: float
    ) -> list[float]:
        """The scores after one training; [] where it broke. Raises: StopRequested."""
        share = self.work.specs[training.share]
        spec = replace(share, seed=share.seed + training.draw)
        factor = usual(len(training.rows)) if spec.blend == blending.AUTO else float(spec.blend)
        found: list[float] = []
        text = f"{round(100 * training.share)} % of the labels"

        def look() -> None:
            tuned = blending.copied(run.model)
            try:
                blending.put(run.model, base, tuned, factor)
                found.extend(yardstick.values(training.fold))
            finally:
                blending.put(run.model, base, tuned, 1)

        def progress(event: Event) -> None:
            if isinstance(event, ProgressEvent) and event.total:
                self._tell(text, size * min(1.0, event.done / event.total))

        folder = folds.Folder(
            spec,
            run.model,
            run.loss,
            run.device,
            run.precision,
            run.fold_trainer,
            run.shape.training,
            yardstick.scorer,
            progress,
            self.should_stop,
            self.pause,
            base=base,
        )
        folds.train_once(folder, [self.work.rows[row] for row in training.rows], look)
        return [round(value, 7) for value in found]  # as the file has them

    # -- what is known ------------------------------------------------------------------------------------------

    def _result(self, yardstick: _Yardstick, last: bool = False) -> LearningCurveEvent:
        shares = sorted(self.work.specs)
        found = {share: self._finished(yardstick, share) for share in shares}
        measured = [share for share in shares if found[share]]
        labels = [self._labels(share) for share in measured]
        points: list[curve_fit.Figure] = []
        drawn = np.empty((0, 0))
        if measured:
            trainings = [found[share] for share in measured]
            draws = curve_fit.DRAWS if last else curve_fit.DRAWS // 8
            points, drawn = curve_fit.figures(trainings, self.work.seed, draws)
        rows = len(yardstick.base.values)
        outlook = curve_fit.outlook(labels, points, drawn, rows) if last else None
        return LearningCurveEvent(
            title=yardstick.title,
            rows=rows,
            base=yardstick.base.metric(),
            points=[
                {
                    "share": share,
                    "labels": count,
                    "value": point.value,
                    "low": point.low,
                    "high": point.high,
                    "trainings": len(found[share]),
                }
                for share, count, point in zip(measured, labels, points, strict=True)
            ],
            word=outlook.word if outlook else "",
            sentence=outlook.sentence if outlook else "",
            gain=outlook.gain if outlook else None,
            interval=list(outlook.interval) if outlook and outlook.interval else None,
            trainings=sum(item.key in self.record.values for item in self.work.trainings),
            total=len(self.work.trainings),
            seconds=round(self.record.seconds, 1),
            key=self.record.key,
        )

    def _finished(self, yardstick: _Yardstick, share: float) -> list[RowScores]:
        """The scores of all rows by every draw of a share whose folds are all trained."""
        by_draw: dict[int, list[Training]] = {}
        for training in self.work.trainings:
            if training.share == share:
                by_draw.setdefault(training.draw, []).append(training)
        found = []
        for trainings in by_draw.values():
            if all(training.key in self.record.values for training in trainings):
                scores = yardstick.whole([self.record.values[training.key] for training in trainings])
                if scores is not None and math.isfinite(scores.metric()):
                    found.append(scores)
        return found

    def _labels(self, share: float) -> int:
        sizes = [len(training.rows) for training in self.work.trainings if training.share == share]
        return round(sum(sizes) / len(sizes))

    # -- progress -----------------------------------------------------------------------------------------------

    def _paused(self) -> float:
        return self.pause.waited if self.pause is not None else 0.0

    def _spent(self) -> float:
        return time.monotonic() - self._began - (self._paused() - self._waited)

    def _seconds(self) -> float:
        return self._earlier + self._spent()

    def _tell(self, text: str, more: float = 0.0) -> None:
        total, done = sum(self._sizes), self._done + more
        new = done - self._before
        left = self._spent() * (total - done) / new if new > 0.02 * total else None
        self._emit(
            ProgressEvent(PHASE, round(done, 2), total, text, None if left is None else round(left, 1))
        )

    def _hear(self, event: Event) -> None:
        """What the parts of a run tell on the way; what they say of precision or speed concerns runs alone."""
