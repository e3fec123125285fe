"""What a cross-validation decided for its run, and how that run is judged. Only child processes import this module."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from core.training import fold_scores, settling, trial_choice
from core.training.choice import Candidate, choose, cross_fitted, usual
from core.training.evaluation import Measurement
from core.training.events import CrossValidationEvent
from core.training.folds import OutOfFold
from core.training.groups import groups
from core.training.scores import RowScores
from core.training.settling import Kept
from core.training.spec import Spec


class Crossed:
    """The choice among the candidates of a cross-validation: `step` of the run, and `factor` of the way there from the base model.

    With keep=safe the base model is a candidate, with keep=last only the end of the run counts. `trials`: the candidates of every
    trial of a search that chose the run's settings, these included; the verdict then takes the luck of that choice away as well.
    """

    def __init__(
        self, spec: Spec, base: Measurement, found: OutOfFold, trials: Sequence[trial_choice.Trial] = ()
    ) -> None:
        self.spec = spec
        self.base = base
        self.found = found
        self.trials = trials
        assert base.per_row is not None
        self._before = RowScores(found.base, found.gold, base.per_row.groups)
        if base.per_row.groups is not None and len(base.per_row.groups) != len(found.base):
            self._before = RowScores(found.base, found.gold)  # not all folds were trained
        tuned = [candidate for _, _, candidate in self._tuned()]
        self.candidates = ([Candidate(0, 0.0, self._before)] if spec.keep == settling.SAFE else []) + tuned
        if not tuned:  # training broke in every fold
            self.candidates = [Candidate(0, 0.0, self._before)]
        self.choice = self.candidates[self._pick(self.candidates)]
        self.step, self.factor = self.choice.step, self.choice.factor

    def _pick(self, candidates: Sequence[Candidate], rows: np.ndarray | None = None) -> int:
        return choose(candidates, rows, usual(len(self.found.rows)))

    def _scores(self, values: np.ndarray) -> RowScores:
        return RowScores(values, self.found.gold, self._before.groups)

    def _tuned(self) -> Iterator[tuple[int, int, Candidate]]:
        """(point, blend, candidate) of all that could be measured."""
        for point, (step, _) in enumerate(self.found.points):
            if self.spec.keep == settling.LAST and point < len(self.found.points) - 1:
                continue
            for blend, factor in enumerate(self.found.factors):
                values = self.found.values[point, blend]
                if np.isfinite(values).all():
                    yield point, blend, Candidate(step, factor, self._scores(values))

    @property
    def epochs(self) -> float:
        return dict(self.found.points).get(self.step, 0.0)

    def kept(self) -> Kept:
        """Judged by rows that did not choose, see `core.training.choice`."""
        scores = self.choice.scores
        value = _plain(scores.metric())
        measured = Measurement(
            self.base.metric,
            self.base.title,
            value,
            len(scores.values),
            {self.base.metric: value},
            self.base.evaluator,
            self.base.evaluators,
            scores,
            groups=groups(self.spec.format, self.found.rows, scores),
        )
        line = tuple(
            (candidate.factor, _plain(candidate.scores.metric()))
            for _, _, candidate in self._tuned()
            if candidate.step == self.step
        )
        if self.step == 0:
            return Kept("base", 0, 0.0, measured, self._before, line)
        kind = settling.LAST if self.spec.keep == settling.LAST else settling.BEST
        judged = (
            trial_choice.judged(self.trials, self.spec.seed)
            if len(self.trials) > 1
            else cross_fitted(self.candidates, seed=self.spec.seed, pick=self._pick)
        )
        return Kept(kind, self.step, self.factor, measured, judged, line)

    def event(self) -> CrossValidationEvent:
        points = [
            {
                "epoch": self.found.points[point][1],
                "blend": candidate.factor,
                "value": _plain(candidate.scores.metric()),
                "chosen": (candidate.step, candidate.factor) == (self.step, self.factor),
            }
            for point, _, candidate in self._tuned()
        ]
        return CrossValidationEvent(
            self.base.metric,
            self.base.title,
            len(self.found.base),
            self.found.count,
            _plain(self._before.metric()),
            points,
        )

    def words(self) -> str:
        if self.step == 0:
            return ""
        asked = self.spec.epochs
        return f"Cross-validation chose the weights after {self.epochs:g} of {asked:g} epoch{'' if asked == 1 else 's'}."

    def figures(self) -> dict[str, Any]:
        """What the finished event says besides the usual."""
        return {"folds": self.found.count, "epochs": self.epochs}


def base_measurement(spec: Spec, metric: str, rows: list[tuple[Any, ...]], scores: RowScores) -> Measurement:
    """What the base model measures on `rows`, the units of a cross-validation."""
    value = _plain(scores.metric())
    return Measurement(
        metric,
        fold_scores.title(spec.format),
        value,
        len(scores.values),
        {metric: value},
        fold_scores.EVALUATORS[spec.format],
        {metric: fold_scores.EVALUATORS[spec.format]},
        scores,
        "" if value is not None else "The metric is undefined on these rows.",
        groups(spec.format, rows, scores),
    )


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
