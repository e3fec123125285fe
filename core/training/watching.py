"""Follow a run from inside the trainer: an event for every step, evaluations on time, and the way out when asked to stop.

Only child processes import this module.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import psutil
import torch
from sentence_transformers import SentenceTransformer
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from core.errors import AnchorLabError
from core.training import figures
from core.training.embedder import StopRequested
from core.training.evaluation import Evaluator, Measurement
from core.training.events import CheckpointEvent, EvaluationEvent, Event, NoticeEvent, StepEvent
from core.training.guards import Guards
from core.training.keeping import Keeper
from core.training.pausing import Pause
from core.training.probing import Probes
from core.training.remaining import Remaining, measurements_left
from core.training.saving import Saver


class Watcher(TrainerCallback):
    """Emits `StepEvent`s and `EvaluationEvent`s and keeps the best weights.

    The trainer puts each step's own loss and rows into `step_loss` and `step_rows`; the learning rate is read from the
    optimiser right before it moves the weights, because the scheduler has gone on by the time a step is logged. `guards`,
    `saver` and `pause` are set by the run where it has them.
    """

    guards: Guards | None = None
    saver: Saver | None = None
    pause: Pause | None = None
    probes: Probes | None = None
    after_step: Callable[[int], None] | None = (
        None  # hears the number of each step when its weights are there
    )
    before_optimizer: Callable[[torch.optim.Optimizer], None] | None = None
    # Entered while the model is measured or written: what trains in another shape becomes the plain model for that time.
    whole: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext

    def __init__(
        self,
        model: SentenceTransformer,
        on_event: Callable[[Event], None],
        should_stop: Callable[[], bool],
        keeper: Keeper,
        evaluator: Evaluator | None,
        eval_steps: int,
        total_steps: int,
    ) -> None:
        self.model = model
        self.emit = on_event
        self.should_stop = should_stop
        self.keeper = keeper
        self.evaluator = evaluator
        self.eval_steps = eval_steps
        self.total_steps = total_steps
        self.step_loss: torch.Tensor | None = None
        self.step_losses: dict[str, torch.Tensor] = {}
        self.step_rows = 0
        self.stopped = False
        self.broken_at = 0  # the step whose loss or gradient was not finite; it moved no weight
        self.steps = 0
        self.final_loss: float | None = None
        self.best: Measurement | None = None
        self.measured: dict[int, Measurement] = {}  # by step
        self.evaluated_at = -1
        self.evaluation_seconds = 0.0
        self.training_seconds = 0.0
        self._rate = 0.0
        self._began = self._mark = time.perf_counter()
        self.remaining = Remaining()
        self._elapsed = 0.0  # before an interruption
        self._process = psutil.Process()

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self.total_steps = state.max_steps
        self._mark = time.perf_counter()
        self._began = self._mark - self._elapsed

    def on_pre_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self._rate = float(kwargs["optimizer"].param_groups[0]["lr"])
        if self.before_optimizer is not None:
            self.before_optimizer(kwargs["optimizer"])

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """The last thing the trainer does in a step: everything about the step is known now."""
        logs = kwargs.get("logs") or {}
        if "loss" not in logs or state.global_step == self.steps:
            return
        self.steps = state.global_step
        self._report(float(state.epoch or 0), logs)
        began = self._busy()
        if self.after_step is not None:
            self.after_step(self.steps)
        evaluated = False
        if self.should_stop():
            self.stopped = True
        elif self.eval_steps and self.steps % self.eval_steps == 0:
            evaluated = self.evaluate(float(state.epoch or 0))
        last = self.steps >= self.total_steps
        if (
            self.probes is not None
            and not self.stopped
            and (self.probes.due() or (last and self.probes.ranked))
        ):
            with self.whole():
                self.probes.tell(self.steps, last=last)
        # After the last step of an epoch the evaluation is still to come: a run that goes on from here would miss it.
        if not (float(state.epoch or 0).is_integer() or self.steps >= self.total_steps):
            self._between_steps(state, evaluated)
        if self.stopped:
            control.should_training_stop = True
        self._mark = time.perf_counter()
        self.remaining.between(self._busy() - began)

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        began = self._busy()
        if not self.stopped:
            evaluated = self.evaluated_at == self.steps
            if not self.eval_steps:
                evaluated = self.evaluate(float(state.epoch or 0))
            self._between_steps(state, evaluated)
            if self.stopped:
                control.should_training_stop = True
        self._mark = time.perf_counter()
        self.remaining.between(self._busy() - began, steps=0)

    def _busy(self) -> float:
        """Seconds since the first step, without measurements and pauses."""
        return time.perf_counter() - self._began - self.evaluation_seconds

    def _between_steps(self, state: TrainerState, evaluated: bool) -> None:
        """Nothing is half done here: the place for checkpoints and for waiting."""
        waiting = self.pause is not None and self.pause.asked
        if self.saver is not None and not self.stopped and (waiting or self.saver.due(evaluated)):
            with self.whole():
                self.saver.save(state)
        if self.pause is None or not waiting or self.stopped:
            return
        began = time.perf_counter()
        self.emit(NoticeEvent(f"Training is paused after step {self.steps:,}."))
        self.stopped = self.pause.wait(self.should_stop)
        self._began += time.perf_counter() - began
        if not self.stopped:
            self.emit(NoticeEvent("Training goes on."))

    def broke(self, state: TrainerState) -> None:
        """The step after `state.global_step` has no finite loss or gradient: tell it; training ends without it."""
        self.steps = self.broken_at = state.global_step + 1
        share = 1 / state.max_steps * (state.num_train_epochs or 1) if state.max_steps else 0.0
        self.step_loss = None
        self._report(float(state.epoch or 0) + share, {})
        self.emit(
            NoticeEvent(
                f"The loss of step {self.steps:,} is not a finite number, so training ends here, without that step. A smaller "
                "learning rate, or precision=fp32, helps.",
                "warning",
            )
        )

    def _report(self, epoch: float, logs: dict[str, Any]) -> None:
        now = time.perf_counter()
        took = max(now - self._mark, 1e-9)
        self.remaining.step(took)
        self.training_seconds += took
        loss = (
            float(self.step_loss.item()) if self.step_loss is not None else float(logs.get("loss", math.nan))
        )
        finite = math.isfinite(loss)
        self.final_loss = loss if finite else None
        if finite and self.guards is not None:
            self.guards.step(loss)
        norm = float(logs.get("grad_norm", math.nan))
        self.emit(
            StepEvent(
                step=self.steps,
                epoch=round(epoch, 6),
                loss=loss if finite else None,
                learning_rate=self._rate,
                grad_norm=norm if math.isfinite(norm) else None,
                examples_per_second=round(self.step_rows / took, 3),
                memory=self._memory(),
                seconds_left=round(self._seconds_left(epoch), 2),
                elapsed=round(now - self._began, 4),
                losses=self._losses() if finite else {},
            )
        )

    def _losses(self) -> dict[str, float]:
        found = {title: float(loss) for title, loss in self.step_losses.items()}
        return {title: loss for title, loss in found.items() if math.isfinite(loss)}

    def _memory(self) -> int:
        if self.model.device.type == "cuda":
            return int(torch.cuda.memory_allocated(self.model.device))
        return int(self._process.memory_info().rss)

    def _seconds_left(self, epoch: float) -> float:
        looks = measurements_left(self.steps, self.total_steps, epoch, self.eval_steps)
        return self.remaining.seconds(max(self.total_steps - self.steps, 0), looks)

    def looked(self, seconds: float) -> None:
        """A measurement took so long."""
        self.evaluation_seconds += seconds
        self.remaining.measured(seconds)

    def evaluate(self, epoch: float) -> bool:
        """Measure the weights as they are now, once per step; a request to stop ends it in the middle.

        Returns whether it was done, which a hold-out is not needed for: the guards look at the weights as well.
        """
        if self.evaluated_at == self.steps or self.steps == 0:
            return False
        with self.whole():
            return self._measure(epoch)

    def _measure(self, epoch: float) -> bool:
        began = time.perf_counter()
        try:
            found = self.evaluator.measure(self.model) if self.evaluator is not None else None
            warnings = self.guards.evaluated(self.model, found, self.steps) if self.guards is not None else []
        except StopRequested:
            self.stopped = True
            return False
        self.evaluated_at = self.steps
        if found is not None:
            self._evaluated(found, epoch)
        if self.probes is not None and not self.broken_at:
            self.probes.tell(self.steps)
        for text in warnings:
            self.emit(NoticeEvent(text, "warning"))
        self.looked(time.perf_counter() - began)
        return True

    def _evaluated(self, found: Measurement, epoch: float) -> None:
        best = found.value is not None and (self.best is None or found.value > _value(self.best))
        step = self.steps - 1 if self.broken_at else self.steps
        self.measured[step] = found
        self.emit(
            EvaluationEvent(
                step=step,
                epoch=round(epoch, 6),
                metric=found.metric,
                title=found.title,
                value=found.value,
                rows=found.rows,
                metrics=found.metrics,
                best=best,
                groups=found.groups,
            )
        )
        if not best:
            return
        self.best = found
        try:
            self.emit(CheckpointEvent(step, self.keeper.keep(step)))
        except AnchorLabError as error:
            # The weights are kept in memory all the same; only a crash would lose them.
            if self.saver is not None:
                self.saver.failed(error)

    def record(self) -> dict[str, Any]:
        """What a run that goes on from here must know, as JSON."""
        return {
            "steps": self.steps,
            "final_loss": self.final_loss,
            "best": figures.record(self.best),
            "measured": {str(step): figures.lean_record(found) for step, found in self.measured.items()},
            "evaluated_at": self.evaluated_at,
            "evaluation_seconds": self.evaluation_seconds,
            "training_seconds": self.training_seconds,
            "remaining": self.remaining.record(),
            "elapsed": time.perf_counter() - self._began,
        }

    def resume(self, record: dict[str, Any]) -> None:
        """Be where `record` was made."""
        self.steps = record["steps"]
        self.final_loss = record["final_loss"]
        self.best = figures.measurement(record["best"])
        for step, plain in record.get("measured", {}).items():
            found = figures.completed(plain, self.best)
            if found is not None:
                self.measured[int(step)] = found
        self.evaluated_at = record["evaluated_at"]
        self.evaluation_seconds = record["evaluation_seconds"]
        self.training_seconds = record["training_seconds"]
        self.remaining.resume(record.get("remaining", {}))
        self._elapsed = record["elapsed"]


def _value(measurement: Measurement) -> float:
    return -math.inf if measurement.value is None else measurement.value
