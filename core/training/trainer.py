"""One run, from its files to a finished model. Only child processes import this module; others call `core.training.train`."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from datasets import Dataset
from sentence_transformers import (
    SentenceTransformerTrainingArguments,
)
from transformers import PrinterCallback, ProgressCallback

from core.dataset.formats import Format
from core.errors import TrainingProblem
from core.models import loading
from core.training import (
    batches,
    beginning,
    checkpoints,
    data,
    dropout,
    figures,
    finishing,
    fitting,
    precision,
    processes,
    run_loss,
    stepwise,
)
from core.training.agreement import Agreement, invite, leading
from core.training.crossing import Crossing, plan_of
from core.training.evaluation import Evaluator, Measurement
from core.training.events import Event, FinishedEvent, NoticeEvent, RecipeEvent
from core.training.guards import Guards, NotFinite, finite
from core.training.keeping import Keeper
from core.training.losses import BY_NAME
from core.training.packed_run import PackedRun
from core.training.pausing import Pause
from core.training.probing import Probes, Queries
from core.training.restoring import load_weights
from core.training.resumption import Resumption
from core.training.saving import Saver
from core.training.settling import Settling
from core.training.shape import Shape
from core.training.spec import Spec
from core.training.watching import Watcher

if TYPE_CHECKING:
    from core.training.searching import Search

Emit = Callable[[Event], None]


class Run:
    """The state of one run; `go` does it."""

    def __init__(
        self,
        spec: Spec,
        on_event: Emit,
        should_stop: Callable[[], bool],
        pause: Pause | None = None,
        resumption: Resumption | None = None,
    ) -> None:
        self.spec = spec
        self.should_stop = should_stop
        self.pause = pause
        self.resumption = resumption or Resumption()
        self.checkpoint = self.resumption.checkpoint
        self.search: Search | None = None  # that chose the settings
        self.kept_step: int | None = None  # where neither the best nor the last weights are kept
        self.events: list[Event] = list(self.resumption.events)
        self._on_event = on_event
        self.began = time.perf_counter()
        self.folder = Path(spec.run_dir)
        self.loss = BY_NAME[spec.loss] if spec.loss in BY_NAME else _no_loss(spec.loss)

    def emit(self, event: Event) -> None:
        self.events.append(event)
        self._on_event(event)

    def notice(self, text: str, level: str = "info") -> None:
        if text:
            self.emit(NoticeEvent(text, level))

    def go(self) -> FinishedEvent:
        self.rows, self.holdout = data.read(self.folder, self.spec.format, self.spec.negatives)
        self.load()
        with precision.used(self.precision), self.packed.faster():
            return self._go()

    def load(self) -> None:
        """The base model, and how it runs."""
        spec = self.spec
        stepwise.quiet()
        torch.set_num_threads(spec.threads or stepwise.default_threads())
        self.model = loading.load(
            spec.base_model, allow_download=spec.allow_download, trust_remote_code=spec.trust_remote_code
        )
        self.device = str(self.model.device)
        dropout.settle(self.model, spec.dropout)
        self.precision, self.precision_notice = precision.settle(
            self._precision_before() or spec.precision, self.device
        )
        self.packed = PackedRun(self.model, spec, self.precision, self.notice)
        self.shape = Shape(self.model, spec, self.packed, self.notice)

    def _precision_before(self) -> str:
        """What ran before an interruption: half of a run in another precision would be another run."""
        told = [event.precision for event in self.resumption.events if isinstance(event, RecipeEvent)]
        return told[-1] if told and self.checkpoint is not None else ""

    def _go(self) -> FinishedEvent:
        rows, split_notice, batching = self._searched() if self._searches() else self._prepared()
        spec = self.spec
        arguments = stepwise.make_arguments(spec, self.total_steps, batching, self.device, self.precision)
        if self.checkpoint is None:
            beginning.announce(self)
            for text in (*spec.notes, split_notice):
                self.notice(text)
            for text, level in self.search.notices if self.search else ():
                self.notice(text, level)
            for text in (
                self.precision_notice,
                *batching.notices,
                fitting.similarity_notice(spec, self.model.similarity_fn_name),
                beginning.warmup_notice(self, arguments),
            ):
                self.notice(text, "warning")
        self.notice(self.resumption.notice, self.resumption.level)
        evaluator = (
            Evaluator(
                spec.format,
                self.holdout,
                self.should_stop,
                spec.evaluation_name,
                self.packed.forward,
                self.made.lengths,
            )
            if self.holdout
            else None
        )
        keeper = Keeper(self.model, self.folder)
        settling = Settling(spec, self.model, keeper, len(self.rows) + len(self.holdout))
        watcher = Watcher(
            self.model, self.emit, self.should_stop, keeper, evaluator, spec.eval_steps, self.total_steps
        )
        watcher.pause = self.pause
        watcher.remaining.later = settling.measurements if evaluator is not None else 0
        watcher.probes = Probes(
            spec.probes,
            self.model,
            self.emit,
            self.should_stop,
            self.packed.forward,
            Queries(spec.probe_queries, spec.probe_sample),
        )
        texts = [text for row in (*self.rows, *self.holdout) for text in data.texts_in(spec.format, row)]
        watcher.guards = guards = Guards(texts, spec.seed, self.should_stop)
        crossed = spec.folds and not self.holdout and spec.format is not Format.CATEGORIES
        self.crossing = Crossing(self, watcher) if crossed else None
        if self.checkpoint is None:
            base = beginning.baseline(self, evaluator, watcher, guards)
            watcher.probes.tell(0)
        else:
            base = self._resume(self.checkpoint, watcher, keeper, guards)
        if not watcher.stopped:
            with self.shape.training():
                trainer = self._trainer(arguments, rows, watcher)
                self._train(trainer, watcher, base)
            self._trained(trainer, watcher, base)
            del trainer
        finished = finishing.finish(self, arguments, watcher, settling, base, evaluator)
        # Only now: until the end is told, a run that is killed goes on from its last checkpoint.
        checkpoints.clear(self.folder)
        return finished

    def _prepared(self) -> tuple[list[tuple[Any, ...]], str, batches.Batching]:
        """(rows as the loss takes them, what was changed, how they are put into batches); notes the loss and the steps."""
        self.made = run_loss.make(self.spec, self.model)
        rows, notice = batches.prepare(self.loss, self.rows)
        batching = batches.batching(self.loss, rows, self.spec.batch_size)
        self.total_steps = stepwise.total_steps(self.spec, len(rows), batching)
        return rows, notice, batching

    def _searches(self) -> bool:
        return self.spec.search_minutes > 0 or self.spec.search_trials > 0

    def _searched(self) -> tuple[list[tuple[Any, ...]], str, batches.Batching]:
        """As `_prepared`, with the best settings that a search finds. A run that goes on has them already."""
        from core.training.searching import Search

        prepared = self._prepared()
        if self.checkpoint is None:
            beginning.announce(self)
        crossed = self.spec.folds and not self.holdout
        self.search = Search(self, plan_of(self) if crossed else None)
        if self.checkpoint is not None and not self.search.record.done:
            return prepared  # its record is lost
        self.search.go()
        return self._prepared()

    def stop_again(self) -> None:
        """A stop was meant for what came before the training: forget it, and hear the next."""
        asked = self.should_stop
        again = getattr(asked, "again", None)
        if again is not None:
            again()
            return

        def only_discard() -> bool:
            asked()  # may raise
            return False

        self.should_stop = only_discard

    def fold_trainer(
        self, arguments: Any, rows: list[tuple[Any, ...]], watcher: Watcher
    ) -> stepwise.StepwiseTrainer:
        """A trainer that begins at the base weights, whatever the run itself goes on from."""
        checkpoint, self.checkpoint = self.checkpoint, None
        try:
            return self._trainer(arguments, rows, watcher)
        finally:
            self.checkpoint = checkpoint

    def _resume(
        self, checkpoint: checkpoints.Checkpoint, watcher: Watcher, keeper: Keeper, guards: Guards
    ) -> Measurement | None:
        """Take up everything but the trainer's own state; returns what the base model had measured."""
        known = checkpoint.state["figures"]
        watcher.resume(known["watcher"])
        guards.resume(known["guards"])
        keeper.resume(checkpoint.state["best_step"], self.spec.trust_remote_code)
        self.began -= known["seconds"]
        return figures.measurement(known["base"])

    def _trainer(
        self,
        arguments: SentenceTransformerTrainingArguments,
        rows: list[tuple[Any, ...]],
        watcher: Watcher,
    ) -> stepwise.StepwiseTrainer:
        self.shape.begin(watcher, self.checkpoint)
        columns = data.columns_of(self.spec.format, len(rows[0]) - 2)
        cells = {name: [row[slot] for row in rows] for slot, name in enumerate(columns)}
        packed = self.packed.loss(
            self.made.packed, {name: cells[name] for name in columns if name not in data.LABELS}
        )
        if self.packed.vocabulary is not None:
            watcher.whole = self.packed.vocabulary.whole
            watcher.before_optimizer = self.packed.vocabulary.decayed
        trainer = stepwise.StepwiseTrainer(
            model=self.model,
            args=arguments,
            train_dataset=Dataset.from_dict(cells),
            data_collator=packed.batches if packed is not None else None,
            loss=self.made.packed if packed is not None else self.made.stock,
            callbacks=[watcher, *([Agreement()] if processes.count() > 1 else [])],
        )
        # The printer writes to standard output, which carries the events of a child process.
        trainer.remove_callback(PrinterCallback)
        trainer.remove_callback(ProgressCallback)
        trainer.watcher = watcher
        trainer.notice = self.emit
        trainer.checkpoint = self.checkpoint
        trainer.packed = packed
        trainer.adapters = self.shape.adapters
        trainer.part_size = self.made.part_size if packed is not None else 0
        return trainer

    def _train(self, trainer: stepwise.StepwiseTrainer, watcher: Watcher, base: Measurement | None) -> None:
        self._attach_saver(trainer, watcher, base)
        invite(self.spec, self.precision)
        try:
            if self.checkpoint is None:
                trainer.train()
            elif self.checkpoint.step < self.total_steps:
                trainer.train(resume_from_checkpoint=str(self.checkpoint.folder))
        except NotFinite:
            watcher.broke(trainer.state)

    def _trained(self, trainer: stepwise.StepwiseTrainer, watcher: Watcher, base: Measurement | None) -> None:
        """What is left to measure once the model is whole again."""
        if not watcher.stopped and self._usable(watcher):
            watcher.evaluate(float(trainer.state.epoch or 0))
        # Half precision leaves a wrapper around the model's forward; what follows uses the plain weights.
        self.model.__dict__.pop("forward", None)
        if self.crossing is not None and not watcher.stopped and not watcher.broken_at:
            assert watcher.saver is not None
            watcher.saver.last(trainer.state)
            self.crossing.validate(base)

    def _attach_saver(
        self, trainer: stepwise.StepwiseTrainer, watcher: Watcher, base: Measurement | None
    ) -> None:
        def known() -> dict[str, Any]:
            assert watcher.guards is not None
            return {
                "watcher": watcher.record(),
                "guards": watcher.guards.record(),
                "base": figures.record(base),
                "seconds": time.perf_counter() - self.began,
                "part_size": trainer.part_size,
            }

        if self.checkpoint is not None:
            trainer.part_size = self.checkpoint.state["figures"]["part_size"]
        saver = Saver(
            self.folder,
            self.spec.checkpoint_seconds,
            watcher.keeper,
            self.emit,
            lambda: len(self.events),
            known,
        )
        saver.trainer = trainer
        watcher.saver = saver

    def _usable(self, watcher: Watcher) -> bool:
        """Whether the weights of the last step are worth measuring. After a broken step they are those of the step before."""
        if not watcher.broken_at:
            return True
        if finite(self.model):
            return watcher.broken_at > 1 and watcher.best is None
        found = checkpoints.newest(self.folder)
        if found is not None:
            load_weights(self.model, found.folder)
            self.kept_step = found.step
        return False


def run(
    spec: Spec,
    on_event: Emit,
    should_stop: Callable[[], bool],
    pause: Pause | None = None,
    resumption: Resumption | None = None,
) -> FinishedEvent:
    """See `core.training.train`."""
    with leading():
        return Run(spec, on_event, should_stop, pause, resumption).go()


def _no_loss(name: str) -> Any:
    raise TrainingProblem(f"There is no loss called {name}.", f"Use one of {', '.join(BY_NAME)}.")
