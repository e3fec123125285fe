"""Follow a run from inside the trainer: an event for every step, evaluations on time, and the way out when asked to stop.

Only child processes import this module.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import psutil
import torch
from sentence_transformers import SentenceTransformer
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from core.errors import AnchorLabError
from core.training.embedder import StopRequested
from core.training.evaluation import Evaluator, Measurement
from core.training.events import CheckpointEvent, EvaluationEvent, Event, NoticeEvent, StepEvent
from core.training.keeping import Keeper

RECENT_STEPS = 50  # the time left follows the speed of so many steps


class Watcher(TrainerCallback):
    """Emits `StepEvent`s and `EvaluationEvent`s and keeps the best weights.

    The trainer puts each step's own loss and rows into `step_loss` and `step_rows`; the learning rate is read from the
    optimiser right before it moves the weights, because the scheduler has gone on by the time a step is logged.
    """

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
        self.step_rows = 0
        self.stopped = False
        self.broken_at = 0  # the step whose loss was not finite and left unusable weights
        self.steps = 0
        self.final_loss: float | None = None
        self.best: Measurement | None = None
        self.evaluated_at = -1
        self.evaluation_seconds = 0.0
        self.training_seconds = 0.0
        self._rate = 0.0
        self._began = self._mark = time.perf_counter()
        self._recent: deque[float] = deque(maxlen=RECENT_STEPS)
        self._warned = False
        self._process = psutil.Process()

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self.total_steps = state.max_steps
        self._began = self._mark = time.perf_counter()

    def on_pre_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self._rate = float(kwargs["optimizer"].param_groups[0]["lr"])

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """The last thing the trainer does in a step: everything about the step is known now."""
        logs = kwargs.get("logs") or {}
        if "loss" not in logs or state.global_step == self.steps:
            return
        self.steps = state.global_step
        self._report(state, logs)
        if self.should_stop():
            self.stopped = True
        elif self.eval_steps and self.steps % self.eval_steps == 0:
            self.evaluate(float(state.epoch or 0))
        if self.stopped or self.broken_at:
            control.should_training_stop = True
        self._mark = time.perf_counter()

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        if not self.eval_steps and not self.stopped and not self.broken_at:
            self.evaluate(float(state.epoch or 0))
            if self.stopped:
                control.should_training_stop = True
        self._mark = time.perf_counter()

    def _report(self, state: TrainerState, logs: dict[str, Any]) -> None:
        now = time.perf_counter()
        took = max(now - self._mark, 1e-9)
        self._recent.append(took)
        self.training_seconds += took
        loss = float(self.step_loss.item()) if self.step_loss is not None else float(logs["loss"])
        finite = math.isfinite(loss)
        self.final_loss = loss if finite else None
        norm = float(logs.get("grad_norm", math.nan))
        self.emit(
            StepEvent(
                step=self.steps,
                epoch=round(float(state.epoch or 0), 6),
                loss=loss if finite else None,
                learning_rate=self._rate,
                grad_norm=norm if math.isfinite(norm) else None,
                examples_per_second=round(self.step_rows / took, 3),
                memory=self._memory(),
                seconds_left=round(self._seconds_left(now), 2),
                elapsed=round(now - self._began, 4),
            )
        )
        if not finite:
            self._not_finite()

    def _not_finite(self) -> None:
        if not all(bool(torch.isfinite(weight).all()) for weight in self.model.parameters()):
            self.broken_at = self.steps
            self.emit(
                NoticeEvent(
                    f"The loss of step {self.steps:,} is not a finite number and the weights are spoilt, so training ends here.",
                    "warning",
                )
            )
        elif not self._warned:
            self._warned = True
            self.emit(
                NoticeEvent(
                    f"The loss of step {self.steps:,} is not a finite number. A smaller learning rate, or fp32, helps.",
                    "warning",
                )
            )

    def _memory(self) -> int:
        if self.model.device.type == "cuda":
            return int(torch.cuda.memory_allocated(self.model.device))
        return int(self._process.memory_info().rss)

    def _seconds_left(self, now: float) -> float:
        """Steps at the recent speed, and evaluations at their mean so far."""
        left = max(self.total_steps - self.steps, 0)
        per_step = sum(self._recent) / len(self._recent)
        evaluating = self.evaluation_seconds / self.steps * left if self.evaluator else 0.0
        return left * per_step + evaluating

    def evaluate(self, epoch: float) -> None:
        """Measure the weights as they are now, once per step; a request to stop ends it in the middle."""
        if self.evaluator is None or self.evaluated_at == self.steps or self.steps == 0:
            return
        began = time.perf_counter()
        try:
            found = self.evaluator.measure(self.model)
        except StopRequested:
            self.stopped = True
            return
        self.evaluated_at = self.steps
        best = found.value is not None and (self.best is None or found.value > _value(self.best))
        self.emit(
            EvaluationEvent(
                step=self.steps,
                epoch=round(epoch, 6),
                metric=found.metric,
                title=found.title,
                value=found.value,
                rows=found.rows,
                metrics=found.metrics,
                best=best,
            )
        )
        if best:
            self.best = found
            self._keep()
        self.evaluation_seconds += time.perf_counter() - began

    def _keep(self) -> None:
        try:
            self.emit(CheckpointEvent(self.steps, self.keeper.keep(self.steps)))
        except AnchorLabError as error:
            # The weights are kept in memory all the same; only a crash would lose them.
            self.emit(NoticeEvent(f"No checkpoint was written. {error}", "warning"))


def _value(measurement: Measurement) -> float:
    return -math.inf if measurement.value is None else measurement.value
