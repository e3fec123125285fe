"""Which weights a run hands over, and how they are judged. Only child processes import this module.

See docs/adr/0002 for the reasons and `core.training.choice` for the statistics.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from sentence_transformers import SentenceTransformer

from core.training import blending
from core.training.choice import Candidate, choose, choose_in_two, cross_fitted, usual
from core.training.embedder import StopRequested
from core.training.evaluation import Evaluator, Measurement
from core.training.keeping import Keeper
from core.training.scores import RowScores
from core.training.spec import Spec
from core.training.watching import Watcher

SAFE, BEST, LAST = "safe", "best", "last"


@dataclass(frozen=True)
class Kept:
    """`kind`: base, best or last. `factor`: how far from the base model's weights towards those of `step`."""

    kind: str
    step: int
    factor: float = 1.0
    measurement: Measurement | None = None
    judged: RowScores | None = None  # of rows that did not choose, see `core.training.choice`
    line: tuple[
        tuple[float, float | None], ...
    ] = ()  # (factor, metric) where points of the line were measured


class Settling:
    """Made before training starts, when the model still is the base model. `labels`: rows, those held out among them."""

    def __init__(self, spec: Spec, model: SentenceTransformer, keeper: Keeper, labels: int) -> None:
        self.spec = spec
        self.model = model
        self.keeper = keeper
        self.usual = usual(labels)
        needed = spec.keep == SAFE or spec.blend != "1"
        self._base = blending.copied(model) if needed else {}

    @property
    def measurements(self) -> int:
        """How often the hold-out is measured after the last step, as far as that is known before the first."""
        if self.spec.blend == blending.AUTO:
            return len(blending.FACTORS)
        return int(float(self.spec.blend) != 1)

    def settle(
        self, watcher: Watcher, base: Measurement | None, evaluator: Evaluator | None, last_step: int
    ) -> Kept:
        """Put the weights to hand over into the model, whose weights are those of the last usable step."""
        kind, step, found = LAST, last_step, watcher.measured.get(last_step)
        if self.spec.keep != LAST and self.keeper.best_step is not None:
            self.keeper.restore()
            kind, step, found = BEST, self.keeper.best_step, watcher.best
        if step == 0:
            return Kept("base", 0, 0.0, base, base.per_row if base else None)
        points = self._line(watcher, base, evaluator, found)
        factor, found = self._point(points, base, found)
        if kind == BEST and self.spec.keep == SAFE and (factor == 0 or _beaten(found, base)):
            blending.put(self.model, self._base, self._base, 0)
            return Kept("base", 0, 0.0, base, base.per_row if base else None, _line_of(points))
        judged = self._judged(watcher, base, points, step, found)
        return Kept(kind, step, factor, found, judged, _line_of(points))

    def _line(
        self,
        watcher: Watcher,
        base: Measurement | None,
        evaluator: Evaluator | None,
        found: Measurement | None,
    ) -> dict[float, Measurement]:
        """Measure points of the line from the base model to the weights that are in the model now; 1 is known."""
        asked = self.spec.blend
        factors = blending.FACTORS if asked == blending.AUTO else (float(asked),)
        if not self._base or factors == (1.0,):
            return {}
        measurable = evaluator is not None and found is not None and found.value is not None
        if asked == blending.AUTO and (not measurable or watcher.stopped):
            return {}
        points: dict[float, Measurement] = {} if found is None else {1.0: found}
        tuned = blending.copied(self.model)
        for factor in factors:
            blending.put(self.model, self._base, tuned, factor)
            if evaluator is None:
                continue
            try:
                points[factor] = evaluator.measure(self.model)
            except StopRequested:
                break
        if asked == blending.AUTO:
            blending.put(self.model, self._base, tuned, self._preferred(points, base))
        return points

    def _point(
        self, points: dict[float, Measurement], base: Measurement | None, found: Measurement | None
    ) -> tuple[float, Measurement | None]:
        if self.spec.blend == blending.AUTO:
            factor = self._preferred(points, base) if points else 1.0
            return factor, points.get(factor, found)
        factor = float(self.spec.blend)
        return factor, found if factor == 1 else points.get(factor)

    def _preferred(self, points: dict[float, Measurement], base: Measurement | None) -> float:
        """The factor to keep: of those that are not clearly worse than the best, and beat the base model, the most usual one; 0
        where only the base model is left."""
        best = max(sorted(points), key=lambda factor: (_value(points[factor]), -factor))
        before = base.per_row if base is not None and self.spec.keep == SAFE else None
        candidates = [] if before is None else [Candidate(0, 0.0, before)]
        for factor, item in points.items():
            if item.per_row is None:
                return best
            candidates.append(Candidate(1, factor, item.per_row))
        return candidates[choose(candidates, towards=self.usual)].factor

    def _judged(
        self,
        watcher: Watcher,
        base: Measurement | None,
        points: dict[float, Measurement],
        step: int,
        found: Measurement | None,
    ) -> RowScores | None:
        if found is None or found.per_row is None or base is None or base.per_row is None:
            return found.per_row if found else None
        candidates = [Candidate(0, 0.0, base.per_row)]
        candidates += [
            Candidate(at, 1.0, item.per_row)
            for at, item in watcher.measured.items()
            if item.per_row is not None
        ]
        candidates += [
            Candidate(step, factor, item.per_row)
            for factor, item in points.items()
            if factor != 1 and item.per_row is not None
        ]
        pick = partial(choose_in_two, towards=self.usual)
        kept = candidates[pick(candidates)].scores
        # What was chosen by other rules (the last weights, a factor set by hand) has no luck to take away.
        if not math.isclose(kept.metric(), found.per_row.metric(), abs_tol=1e-9):
            return found.per_row
        return cross_fitted(candidates, seed=self.spec.seed, pick=pick)


def _value(found: Measurement | None) -> float:
    return -math.inf if found is None or found.value is None else found.value


def _beaten(found: Measurement | None, base: Measurement | None) -> bool:
    """Whether the base model is at least as good, as far as that is known."""
    if found is None or found.value is None or base is None or base.value is None:
        return False
    return found.value <= base.value


def _line_of(points: dict[float, Measurement]) -> tuple[tuple[float, float | None], ...]:
    return tuple((factor, points[factor].value) for factor in sorted(points))
