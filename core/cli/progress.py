"""A run as it is told on the command line: JSON lines, or a calm report with one line that moves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from core.cli.output import Output, plain
from core.cli.recipe import rows
from core.cli.runs import figure
from core.training.events import (
    BaselineEvent,
    CrossValidationEvent,
    EvaluationEvent,
    Event,
    FailedEvent,
    FinishedEvent,
    NoticeEvent,
    ProgressEvent,
    RecipeEvent,
    StepEvent,
    as_record,
)
from core.words import duration

if TYPE_CHECKING:
    from core.dataset.formats import DatasetInfo
    from core.training.recipe import Recipe

_REDRAW_SECONDS = 0.1
_LINES = 10  # about so many loss lines where the output is no terminal


class Progress:
    """Prints every event as it comes. `ended`: the stream has had its last event."""

    def __init__(self, out: Output) -> None:
        self.out = out
        self.run = ""
        self.ended = False
        self.silent = False
        self._total = 0
        self._drawn = 0.0
        self._lines = 0
        self._phase = ""

    def begin(self, dataset: DatasetInfo, recipe: Recipe) -> None:
        """The settings, before the seconds that loading the libraries takes."""
        if self.out.json:
            return
        self.out.line(f"{plain(dataset.name)}: {dataset.format.title.lower()}, {dataset.rows:,} rows")
        self.out.line()
        self.out.table(rows(recipe), indent="  ")
        self.out.line()
        self.out.progress("Starting …")

    def event(self, event: Event) -> None:
        self.ended = self.ended or isinstance(event, (FinishedEvent, FailedEvent))
        if isinstance(event, RecipeEvent):
            self.run, self._total = event.run, event.total_steps
        if self.silent:
            return
        if self.out.json:
            self.out.record(as_record(event))
        else:
            self._show(event)

    def _show(self, event: Event) -> None:
        if isinstance(event, RecipeEvent):
            holdout = f", {event.holdout_rows:,} held out" if event.holdout_rows else ", nothing held out"
            self.out.line(
                f"Run {event.run}: {event.train_rows:,} rows to train on{holdout}, {event.total_steps:,} steps"
            )
            self.out.line(f"{event.device_name or event.device}, {event.precision}")
        elif isinstance(event, BaselineEvent):
            if event.metric:
                self.out.line(f"{'Base model':<24}  {event.title} {figure(event.value)}")
            if event.note:
                self.out.line(plain(event.note))
        elif isinstance(event, StepEvent):
            self._step(event)
        elif isinstance(event, EvaluationEvent):
            where = f"Step {event.step:,}, epoch {event.epoch:.2f}"
            self.out.line(
                f"{where:<24}  {event.title} {figure(event.value)}{'  best so far' if event.best else ''}"
            )
        elif isinstance(event, ProgressEvent):
            self._progress(event)
        elif isinstance(event, CrossValidationEvent):
            self._crossed(event)
        elif isinstance(event, NoticeEvent):
            self.out.line(f"{'Warning' if event.level == 'warning' else 'Note'}: {plain(event.text)}")
        elif isinstance(event, FinishedEvent):
            self._finished(event)

    def _step(self, event: StepEvent) -> None:
        last = event.step == self._total
        loss = "not finite" if event.loss is None else f"{event.loss:.4f}"
        words = (
            f"step {event.step:,} of {self._total:,}  loss {loss}  learning rate {event.learning_rate:.2g}"
        )
        if self.out.live:
            now = time.monotonic()
            if last or now - self._drawn >= _REDRAW_SECONDS:
                left = "" if event.seconds_left is None else f"  {duration(event.seconds_left)} left"
                self.out.progress(f"{words}  {event.examples_per_second:.0f} examples/s{left}")
                self._drawn = now
        elif last or event.step == 1 or event.step * _LINES // max(1, self._total) > self._lines:
            self._lines = event.step * _LINES // max(1, self._total)
            self.out.line(words)

    def _progress(self, event: ProgressEvent) -> None:
        left = "" if event.seconds_left is None else f"  {duration(event.seconds_left)} left"
        words = f"{event.phase}: {plain(event.text)}"
        if self.out.live:
            self.out.progress(f"{words}  {event.done:,.0f} of {event.total:,.0f}{left}")
        elif event.text and words != self._phase:
            self._phase = words
            self.out.line(words)

    def _crossed(self, event: CrossValidationEvent) -> None:
        best = max((point["value"] for point in event.points if point["value"] is not None), default=None)
        self.out.line(
            f"{f'{event.folds} folds, {event.rows:,} rows':<24}  {event.title} {figure(event.base)} → {figure(best)}"
        )

    def _finished(self, event: FinishedEvent) -> None:
        how = "Stopped and kept" if event.stopped else "Finished"
        self.out.line(f"{how} after {event.steps:,} steps and {duration(event.seconds)}.")
        verdict = event.metrics.get("verdict")
        if verdict:
            self.out.line(plain(str(verdict)))
        self.out.line(f"Model: {event.model}")
