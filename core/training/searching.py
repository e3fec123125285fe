"""Thorough: try other learning rates and losses on the run's own rows before the run itself. Only child processes import this module.

Trial 0 is the recipe as it is. Each trial is a cross-validation on the run's folds, or, where rows are held out, one training that is
measured on a sixth of the training rows: the hold-out takes no part, so it can still judge the result. Optuna proposes what to try
(TPE, Bergstra et al. 2011; seeded) and which trials are hopeless (median rule); it keeps nothing but memory. Trials and their folds
are files of the run, so that a killed search goes on; one that is done is never repeated.

    search/trials.json     what was tried and what came out
    search/trial-02/       the scores of its folds
"""

from __future__ import annotations

import contextlib
import math
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import optuna

from core.errors import TrainingProblem
from core.training import (
    batches,
    blending,
    crossed,
    fold_files,
    fold_scores,
    folds,
    run_loss,
    search_record,
    stepwise,
    trial_choice,
)
from core.training import search_space as space
from core.training.choice import Candidate
from core.training.embedder import StopRequested
from core.training.events import Event, ProgressEvent
from core.training.fold_files import FoldPlan
from core.training.losses import BY_NAME
from core.training.runs import SPEC
from core.training.scores import RowScores
from core.training.search_record import Tried
from core.training.spec import Spec

if TYPE_CHECKING:
    from core.training.trainer import Run

PHASE = "Search"
MOST_TRIALS = 50
VALIDATION_PARTS = 6
FIRST_AT_RANDOM = 4  # trials before the proposals follow what was found


class Search:
    """`go` leaves the best settings in `run.spec`. `plan`: the run's folds, where it has them.

    trials: the candidates of every finished trial of a cross-validation, for the verdict; notices: what to tell when the run begins.
    """

    def __init__(self, run: Run, plan: FoldPlan | None) -> None:
        self.run = run
        self.spec = run.spec
        self.folder = run.folder / search_record.FOLDER
        self.crossed = plan is not None
        self.plan = plan or self._validation()
        self.record = search_record.read(self.folder)
        tried = self.record.tried
        self.own: space.Settings = tried[0].settings if tried else space.settings_of(self.spec)
        self.trials: list[list[Candidate]] = []
        self.notices: list[tuple[str, str]] = []
        self._known = len(tried)
        self._number = 0
        self._limited = False  # whether the time counts: not while what is known already is read
        self._found: dict[int, list[Candidate]] = {}
        self._before = self.record.seconds
        self._began = time.monotonic()
        self._waited = self._paused()

    def _validation(self) -> FoldPlan | None:
        found = fold_files.cut(self.run.rows, self.spec.format, VALIDATION_PARTS, self.spec.seed)
        if found is None:
            return None
        return replace(found, of_row=[0 if place == 0 else -1 for place in found.of_row], count=1)

    def go(self) -> None:
        """A stop ends the search, and the best so far is trained. Raises: what `should_stop` raises, and what a training raises."""
        if self.plan is None:
            self.notices.append(
                (
                    "There are too few groups of rows to try settings out, so the recipe is used as it is.",
                    "warning",
                )
            )
            return
        if not self.record.done:
            with contextlib.suppress(StopRequested):
                self._search()
            self._decide()
        elif self.crossed:
            with contextlib.suppress(StopRequested):
                self._recall()
        self._apply()

    # -- trying ---------------------------------------------------------------------------------------------------

    def _search(self) -> None:
        trials = self._trials()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study(
            direction="maximize",
            sampler=optuna.samplers.TPESampler(seed=self.spec.seed, n_startup_trials=FIRST_AT_RANDOM),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=1),
        )
        study.enqueue_trial({"learning_rate": self.own["learning_rate"], "loss": self.own["loss"]})
        low, high = space.rates(self.own)
        names = space.losses(self.own, self.spec.format, dot=self.run.model.similarity_fn_name == "dot")
        for number in range(MOST_TRIALS):
            if self._enough(number):
                return
            self._number = number
            trial = study.ask()
            rate = trial.suggest_float("learning_rate", low, high, log=True)
            loss = trial.suggest_categorical("loss", names)
            if number == self._known:
                settings = space.chosen(self.own, self.spec.format, rate, loss)
                self.record.tried.append(Tried(settings))
                self._known += 1
                self._write()
            self._limited = not self.record.tried[number].finished
            self._try(number, trial, study, trials)

    def _try(self, number: int, trial: optuna.Trial, study: optuna.Study, trials: _Trials) -> None:
        """One trial, from its files where it was finished before. Raises: StopRequested."""
        tried = self.record.tried[number]

        def on_fold(found: folds.OutOfFold) -> None:
            trial.report(_progress(found), found.count)
            if number and trial.should_prune():
                raise optuna.TrialPruned

        try:
            candidates = trials.candidates(number, tried.settings, on_fold)
        except optuna.TrialPruned:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        except TrainingProblem:
            if number == 0:  # the recipe itself cannot be trained
                raise
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        else:
            value = trial_choice.pick(candidates).scores.metric()
            tried.value, tried.finished = (value if math.isfinite(value) else None), True
            self._found[number] = candidates
            study.tell(trial, -1.0 if tried.value is None else tried.value)
        finally:
            shutil.rmtree(self.place(number) / "checkpoints", ignore_errors=True)
        self._write()

    def _trials(self) -> _Trials:
        assert self.plan is not None
        return _Trials(self, self.plan)

    def _recall(self) -> None:
        """What the finished trials of a search that is done had found. Nothing is trained."""
        trials = self._trials()
        for number, tried in enumerate(self.record.tried):
            if tried.finished and trials.on_disk(number):
                self._found[number] = trials.candidates(number, tried.settings)

    def place(self, number: int) -> Path:
        return self.folder / f"trial-{number:02d}"

    # -- time -----------------------------------------------------------------------------------------------------

    def _paused(self) -> float:
        return self.run.pause.waited if self.run.pause is not None else 0.0

    def _seconds(self) -> float:
        """How long the search took, before an interruption as well, without pauses."""
        return self._before + time.monotonic() - self._began - (self._paused() - self._waited)

    def _enough(self, number: int) -> bool:
        """A number of trials is kept to whatever it takes; a time is kept to as far as the last trials tell."""
        if self.spec.search_trials:
            return number >= self.spec.search_trials
        spent = self._seconds()
        return number >= self._known and number > 0 and spent + spent / number / 2 > self._budget

    @property
    def _budget(self) -> float:
        return self.spec.search_minutes * 60

    def should_stop(self) -> bool:
        """The person's stop, and the end of the time."""
        if self.run.should_stop():
            return True
        return self._limited and not self.spec.search_trials and self._seconds() > self._budget

    def tell(self, event: Event) -> None:
        """The progress of the folds of a trial, as that of the search."""
        if self.record.done or not isinstance(event, ProgressEvent):
            return
        text = f"Trial {self._number + 1}: {space.words(self.record.tried[self._number].settings)}"
        values = [tried.value for tried in self.record.tried if tried.value is not None]
        if values:
            text += f" · best so far {max(values):.4g}"
        left: float | None
        if self.spec.search_trials:
            done = self._number + event.done / max(event.total, 1)
            total = float(self.spec.search_trials)
            left = self._seconds() * (total - done) / done if done else None
        else:
            total = self._budget
            done = min(self._seconds(), total)
            left = total - done
        self.run.emit(
            ProgressEvent(PHASE, round(done, 2), total, text, None if left is None else round(left, 1))
        )

    # -- the end --------------------------------------------------------------------------------------------------

    def _decide(self) -> None:
        """Note the best trial. From here on the search is done, whatever happens."""
        numbers = sorted(self._found)
        if numbers:
            self.record.winner = numbers[trial_choice.best([self._found[number] for number in numbers])]
        words = self._words(len(numbers))
        if self.run.should_stop():
            self.run.stop_again()
            words = f"The search was stopped; the best settings found so far are trained now. {words}"
        self.record.words, self.record.done = words, True
        self._write()

    def _words(self, finished: int) -> str:
        if not finished:
            hint = "" if self.run.should_stop() else " More search time would help."
            return f"No trial of the search was finished, so the recipe is used as it is.{hint}"
        count = f"{finished} setting{'' if finished == 1 else 's'} tried"
        own, winner = self.record.tried[0].value, self.record.tried[self.record.winner]
        if not self.record.winner or winner.value is None or own is None:
            return f"{count}; none was better than the recipe's own by more than chance."
        return f"{count}; the best is {space.words(winner.settings)}: {winner.value:.4g}, against {own:.4g} with the recipe's own."

    def _apply(self) -> None:
        """Give the run the settings that were chosen, and the folds that are trained already."""
        run, record = self.run, self.record
        self.notices.append((record.words, "info"))
        if self.crossed:
            self.trials = [self._found[number] for number in sorted(self._found)]
            source, target = self.place(record.winner) / fold_files.FOLDER, run.folder / fold_files.FOLDER
            if source.is_dir() and not target.exists():
                shutil.copytree(source, target)
        settings = record.tried[record.winner].settings if record.tried else self.own
        spec = space.with_settings(
            replace(self.spec, packing_overhead=run.packed.spec.packing_overhead), settings
        )
        reasons, sources = dict(spec.reasons), dict(spec.sources)
        count = sum(tried.finished for tried in record.tried)
        for key in ("learning_rate", "loss"):
            if settings[key] != self.own[key]:
                reasons[key], sources[key] = f"The best of {count} settings tried on your rows.", "search"
        run.spec = run.packed.spec = replace(spec, reasons=reasons, sources=sources)
        run.loss = BY_NAME[run.spec.loss]
        if (run.folder / SPEC).exists():
            run.spec.save()

    def _write(self) -> None:
        self.record.seconds = self._seconds()
        self.record.write(self.folder)

    def figures(self) -> dict[str, Any]:
        """What the finished event says of the search."""
        finished = sum(tried.finished for tried in self.record.tried)
        return {"search": {"trials": finished, "seconds": round(self.record.seconds, 1)}}


class _Trials:
    """The trainings of a search, on the run's own model."""

    def __init__(self, search: Search, plan: FoldPlan) -> None:
        self.search = search
        self.run = search.run
        self.plan = plan
        run = self.run
        self._base = blending.copied(run.model)
        self._scorer = fold_scores.FoldScorer(
            run.spec.format, run.rows, search.should_stop, run.packed.forward
        )
        self._before = folds.base_scores(self._work(run.spec), plan)

    def on_disk(self, number: int) -> bool:
        place = self.search.place(number) / fold_files.FOLDER
        return len(list(place.glob("fold-*.json"))) >= self.plan.count

    def candidates(
        self, number: int, settings: space.Settings, on_fold: Any = lambda found: None
    ) -> list[Candidate]:
        """
        Raises:
            optuna.TrialPruned: from `on_fold`.
            StopRequested: the person stopped, or the time is up.
        """
        spec = replace(
            space.with_settings(self.search.spec, settings), run_dir=str(self.search.place(number))
        )
        with self._settings(spec):
            rows, _ = batches.prepare(self.run.loss, self.run.rows)
            batching = batches.batching(self.run.loss, rows, spec.batch_size)
            steps = stepwise.total_steps(spec, len(rows), batching)
            found = folds.cross_validate(self._work(spec), self.plan, steps, self._before.values, on_fold)
        if found.count < self.plan.count:
            raise StopRequested
        metric = fold_scores.metric(spec.format, self.run.model)
        measured = crossed.base_measurement(spec, metric, found.rows, self._before)
        return crossed.Crossed(spec, measured, found).candidates

    def _work(self, spec: Spec) -> folds.Folder:
        run = self.run
        return folds.Folder(
            spec,
            run.model,
            run.loss,
            run.device,
            run.precision,
            run.fold_trainer,
            run.shape.training,
            self._scorer,
            self.search.tell,
            self.search.should_stop,
            run.pause,
            base=self._base,
        )

    @contextlib.contextmanager
    def _settings(self, spec: Spec) -> Iterator[None]:
        """The run as if these were its settings."""
        run = self.run
        before = run.spec, run.loss, run.made
        run.spec, run.loss = spec, BY_NAME[spec.loss]
        run.made = run_loss.make(spec, run.model)
        try:
            yield
        finally:
            run.spec, run.loss, run.made = before


def _progress(found: folds.OutOfFold) -> float:
    """The best figure of any candidate over the folds so far."""
    figures = [
        RowScores(values, found.gold).metric()
        for point in found.values
        for values in point
        if np.isfinite(values).all()
    ]
    finite = [figure for figure in figures if math.isfinite(figure)]
    return max(finite, default=-1.0)
