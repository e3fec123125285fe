"""Cross-validation: train once for each fold on the other rows, and score the fold at several points of the training.

What comes out are, for every candidate (a point of the run × a factor of `core.training.blending.put`), the scores of all rows by
models that have not seen them. They choose which candidate of the run itself, which trains on all rows, is kept, and judge it.
Nothing here writes a checkpoint or an event of a step. Only child processes import this module.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer
from transformers import TrainerControl, TrainerState, TrainingArguments

from core.training import batches, blending, fold_files, stepwise
from core.training.embedder import StopRequested
from core.training.events import Event, ProgressEvent
from core.training.fold_files import FoldPlan
from core.training.fold_scores import FoldScorer, points
from core.training.guards import NotFinite
from core.training.keeping import Keeper
from core.training.losses import Loss
from core.training.pausing import Pause
from core.training.scores import RowScores
from core.training.spec import Spec
from core.training.watching import Watcher

PHASE = "Cross-validation"
_TELL_SECONDS = 0.5

Row = tuple[Any, ...]
# arguments, rows, watcher -> the trainer of one fold, over the model as it is
MakeTrainer = Callable[[Any, list[Row], Watcher], stepwise.StepwiseTrainer]


@dataclass(frozen=True)
class OutOfFold:
    """`values[point, blend, unit]`, NaN where training broke; `base[unit]`; `gold[unit]` or None; `fold[unit]`. `count` folds were
    trained; fewer than planned where the person stopped."""

    points: list[tuple[int, float]]  # (step of the run itself, epochs)
    factors: tuple[float, ...]
    values: np.ndarray
    base: np.ndarray
    gold: np.ndarray | None
    fold: np.ndarray
    count: int
    rows: list[Row]  # of each unit


@dataclass
class Folder:
    """What the folds of one run share. `training()` is entered around the steps of each."""

    spec: Spec
    model: SentenceTransformer
    loss: Loss
    device: str
    precision: str
    make_trainer: MakeTrainer
    training: Callable[[], AbstractContextManager[None]]
    scorer: FoldScorer
    emit: Callable[[Event], None]
    should_stop: Callable[[], bool]
    pause: Pause | None = None
    phase: str = PHASE
    base: blending.Weights = field(default_factory=dict)  # filled in where empty

    def __post_init__(self) -> None:
        self.base = self.base or blending.copied(self.model)


def factors(spec: Spec) -> tuple[float, ...]:
    """The factors that the run's blend leaves to choose from."""
    if spec.blend == blending.AUTO:
        return tuple(sorted((*blending.FACTORS, 1.0)))
    return (float(spec.blend),)


def units_of(work: Folder, plan: FoldPlan) -> list[int]:
    """Every unit of the plan, ascending."""
    return sorted(row for number in range(plan.count) for row in work.scorer.units(plan.held(number)))


def base_scores(work: Folder, plan: FoldPlan) -> RowScores:
    """The scores of the base model, which the model must be, for every unit of the plan. Raises: StopRequested."""
    units = units_of(work, plan)
    return RowScores(
        work.scorer.values(work.model, units), work.scorer.gold(units), work.scorer.groups(units)
    )


def cross_validate(
    work: Folder,
    plan: FoldPlan,
    total_steps: int,
    base: np.ndarray | None = None,
    on_fold: Callable[[OutOfFold], None] = lambda found: None,
) -> OutOfFold:
    """Train all folds that are not finished yet. The model has its base weights before and after.

    Each finished fold is in the run folder at once. `total_steps` are those of the run itself, whose points are looked at; `base`
    are the base model's scores where they are known, `on_fold` hears what there is after each fold. Where the person stops, the folds finished by then count if there are two.

    Raises:
        StopRequested: the person stopped before.
        TrainingProblem, DiskFull, FileProblem, and what `should_stop` raises.
    """
    places = points(work.spec.epochs, total_steps)
    blends = factors(work.spec)
    folder = Path(work.spec.run_dir)
    held = [work.scorer.units(plan.held(number)) for number in range(plan.count)]
    if base is None:
        base = base_scores(work, plan).values
    clock = _Clock(work, plan.count)
    found: list[np.ndarray] = []
    for number in range(plan.count):
        shape = (len(places), len(blends), len(held[number]))
        known = fold_files.read_fold(folder, number, shape)
        if known is None:
            clock.fold(number)
            rows = [work.scorer.rows[row] for row in plan.kept(number)]
            try:
                known = _train_fold(work, rows, held[number], places, total_steps, blends, clock)
            except StopRequested:
                if len(found) < 2:
                    raise
                break
            fold_files.write_fold(folder, number, known)
        found.append(np.array(known, dtype=np.float64).reshape(shape))
        on_fold(_assembled(work, places, held, found, base))
    clock.end()
    return _assembled(work, places, held, found, base)


def _assembled(
    work: Folder,
    places: list[tuple[int, float]],
    held: list[list[int]],
    found: list[np.ndarray],
    base: np.ndarray,
) -> OutOfFold:
    """The scores of the first folds in the order of their units."""
    every = sorted(row for rows in held for row in rows)
    units = sorted(row for rows in held[: len(found)] for row in rows)
    place = {row: position for position, row in enumerate(units)}
    blends = factors(work.spec)
    values = np.empty((len(places), len(blends), len(units)))
    of_unit = np.empty(len(units), dtype=np.int64)
    for number, scores in enumerate(found):
        inside = [place[row] for row in held[number]]
        values[:, :, inside] = scores
        of_unit[inside] = number
    return OutOfFold(
        places,
        blends,
        values,
        base[np.isin(every, units)],
        work.scorer.gold(units),
        of_unit,
        len(found),
        [work.scorer.rows[row] for row in units],
    )


def weights_at(work: Folder, rows: list[Row], step: int) -> blending.Weights:
    """The weights after `step` of a training on `rows`; the model has its base weights before and after. Raises: StopRequested."""
    clock = _Clock(work, 1, "Training again up to the chosen step")
    clock.fold(0)
    found: list[blending.Weights] = []
    _train(
        work,
        rows,
        clock,
        lambda steps: Looks({step}, lambda: found.append(blending.copied(work.model)), step),
    )
    return found[0]


def train_once(work: Folder, rows: list[Row], look: Callable[[], None]) -> None:
    """Train on `rows` and `look()` at the end, unless training broke; base weights before and after. Raises: StopRequested."""
    clock = _Clock(work, 1)
    clock.fold(0)
    _train(work, rows, clock, lambda steps: Looks({steps}, look))


def _train_fold(
    work: Folder,
    rows: list[Row],
    units: list[int],
    places: list[tuple[int, float]],
    total_steps: int,
    blends: tuple[float, ...],
    clock: _Clock,
) -> list[list[list[float]]]:
    scores: list[list[list[float]]] = []

    def look() -> None:
        tuned = blending.copied(work.model)
        found = []
        try:
            for factor in blends:
                blending.put(work.model, work.base, tuned, factor)
                found.append(work.scorer.values(work.model, units).tolist())
        finally:
            blending.put(work.model, work.base, tuned, 1)
        scores.append(found)

    def steps_of(steps: int) -> list[int]:
        return [max(1, round(step / total_steps * steps)) for step, _ in places]

    steps = _train(work, rows, clock, lambda steps: Looks(set(steps_of(steps)), look))
    wanted = steps_of(steps)
    by_step = dict(zip(sorted(set(wanted)), scores, strict=False))  # fewer where training broke
    nothing = [[math.nan] * len(units) for _ in blends]
    return [by_step.get(step, nothing) for step in wanted]


@dataclass(frozen=True)
class Looks:
    """`look()` is called after each of `steps`, with the whole model; after step `last` training ends (0: after all)."""

    steps: set[int]
    look: Callable[[], None]
    last: int = 0


def _train(work: Folder, rows: list[Row], clock: _Clock, looks: Callable[[int], Looks]) -> int:
    """Train on `rows` from the base weights, and put these back; returns the number of steps. Raises: StopRequested."""
    prepared, _ = batches.prepare(work.loss, rows)
    batching = batches.batching(work.loss, prepared, work.spec.batch_size)
    steps = stepwise.total_steps(work.spec, len(prepared), batching)
    arguments = stepwise.make_arguments(work.spec, steps, batching, work.device, work.precision)
    watcher = FoldWatcher(work, looks(steps), clock, steps)
    trainer = None
    try:
        with work.training():
            trainer = work.make_trainer(arguments, prepared, watcher)
            try:
                trainer.train()
            except NotFinite:
                watcher.broken_at = watcher.steps + 1
        if watcher.stopped:
            raise StopRequested
    finally:
        # Half precision leaves a wrapper around the model's forward.
        work.model.__dict__.pop("forward", None)
        del trainer
        blending.put(work.model, work.base, work.base, 1)
        work.model.zero_grad(set_to_none=True)
        gc.collect()  # the optimiser's state is as large as two models
    return steps


class FoldWatcher(Watcher):
    """Looks at the model at the wanted steps; tells nothing of single steps."""

    def __init__(self, work: Folder, looks: Looks, clock: _Clock, steps: int) -> None:
        keeper = Keeper(work.model, Path(work.spec.run_dir))
        super().__init__(work.model, lambda event: None, work.should_stop, keeper, None, 0, steps)
        self.work = work
        self.looks = looks
        self.clock = clock

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self.steps = state.global_step
        self.stopped = self.stopped or self.should_stop()
        if not self.stopped and self.steps in self.looks.steps:
            try:
                with self.whole():
                    self.looks.look()
            except StopRequested:
                self.stopped = True
        self.clock.step(self.steps, self.total_steps)
        pause = self.work.pause
        if pause is not None and pause.asked and not self.stopped:
            began = time.monotonic()
            self.stopped = pause.wait(self.should_stop)
            self.clock.began += time.monotonic() - began
        if self.stopped or self.steps == self.looks.last:
            control.should_training_stop = True

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Steps of folds are not told."""

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Nothing is measured or saved here."""


class _Clock:
    """Tells how far all folds are, in steps."""

    def __init__(self, work: Folder, folds: int, words: str = "") -> None:
        self.work = work
        self.words = words
        self.folds = folds
        self.number = 0
        self.began = time.monotonic()
        self._first = 0  # the first fold that is trained now
        self._told = 0.0
        self._started = False
        self._steps = 1

    def fold(self, number: int) -> None:
        if not self._started:
            self._started, self._first, self.began = True, number, time.monotonic()
        self.number = number
        self._tell(0)

    def step(self, step: int, of: int) -> None:
        self._steps = of
        now = time.monotonic()
        if now - self._told >= _TELL_SECONDS:
            self._tell(step)

    def end(self) -> None:
        self.number = self.folds
        self._tell(0)

    def _tell(self, step: int) -> None:
        self._told = time.monotonic()
        done = self.number * self._steps + step
        new = done - self._first * self._steps
        left = (self.folds * self._steps - done) * (self._told - self.began) / new if new > 0 else None
        over = self.number >= self.folds
        self.work.emit(
            ProgressEvent(
                self.work.phase,
                done,
                self.folds * self._steps,
                "" if over else self.words or f"Fold {self.number + 1} of {self.folds}",
                0.0 if over else (None if left is None else round(left, 1)),
            )
        )
