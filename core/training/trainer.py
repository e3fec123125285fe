"""One run, from its files to a finished model. Only child processes import this module; others call `core.training.train`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from sentence_transformers import (
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from transformers import PrinterCallback, ProgressCallback
from transformers.utils import logging as transformers_logging

from core.dataset.formats import training_columns
from core.errors import TrainingProblem
from core.models import loading
from core.training import batches, build_loss, data, precision, verdict
from core.training.card_facts_from_run import write_run_card
from core.training.embedder import StopRequested
from core.training.evaluation import Evaluator, Measurement
from core.training.events import BaselineEvent, Event, FinishedEvent, NoticeEvent, RecipeEvent
from core.training.keeping import Keeper
from core.training.losses import BY_NAME
from core.training.spec import Spec
from core.training.watching import Watcher

Emit = Callable[[Event], None]


class StepwiseTrainer(SentenceTransformerTrainer):
    """The stock trainer that hands every step's own loss to the watcher; it writes no card and looks nothing up."""

    watcher: Watcher

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        return

    def training_step(
        self, model: torch.nn.Module, inputs: dict[str, Any], *args: Any, **kwargs: Any
    ) -> torch.Tensor:
        first = next(value for key, value in inputs.items() if key.endswith("input_ids"))
        self.watcher.step_rows = len(first)
        loss: torch.Tensor = super().training_step(model, inputs, *args, **kwargs)
        self.watcher.step_loss = loss
        return loss


class Run:
    """The state of one run; `go` does it."""

    def __init__(self, spec: Spec, on_event: Emit, should_stop: Callable[[], bool]) -> None:
        self.spec = spec
        self.should_stop = should_stop
        self.events: list[Event] = []
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
        spec = self.spec
        _quiet()
        torch.set_num_threads(spec.threads or default_threads())
        self.rows, self.holdout = data.read(self.folder, spec.format, spec.negatives)
        self.model = loading.load(
            spec.base_model, allow_download=spec.allow_download, trust_remote_code=spec.trust_remote_code
        )
        self.device = str(self.model.device)
        self.precision, precision_notice = precision.settle(spec.precision, self.device)
        rows, split_notice = batches.prepare(self.loss, self.rows)
        batching = batches.batching(self.loss, rows, spec.batch_size)
        arguments = self._arguments(len(rows), batching)
        self._announce(len(rows), batching)
        for text in (*spec.notes, split_notice):
            self.notice(text)
        for text in (
            precision_notice,
            *batching.notices,
            self._similarity_notice(),
            self._warmup_notice(arguments),
        ):
            self.notice(text, "warning")
        evaluator = (
            Evaluator(spec.format, self.holdout, self.should_stop, spec.evaluation_name)
            if self.holdout
            else None
        )
        keeper = Keeper(self.model, self.folder)
        watcher = Watcher(
            self.model, self.emit, self.should_stop, keeper, evaluator, spec.eval_steps, self.total_steps
        )
        base = self._baseline(evaluator, watcher)
        if not watcher.stopped:
            self._train(arguments, rows, watcher)
        return self._finish(arguments, watcher, keeper, base)

    def _arguments(self, rows: int, batching: batches.Batching) -> SentenceTransformerTrainingArguments:
        spec = self.spec
        per_epoch = batches.steps_per_epoch(rows, spec.batch_size, batching.drop_last)
        # Seven digits keep a share of an epoch such as 0.3 from counting one step too many.
        self.total_steps = max(1, -int(-round(spec.epochs * per_epoch, 7) // 1))
        arguments = SentenceTransformerTrainingArguments(
            output_dir=str(self.folder / "checkpoints"),
            per_device_train_batch_size=spec.batch_size,
            per_device_eval_batch_size=spec.batch_size,
            num_train_epochs=spec.epochs,
            learning_rate=spec.learning_rate,
            warmup_steps=min(spec.warmup_steps, self.total_steps),
            weight_decay=spec.weight_decay,
            seed=spec.seed,
            bf16=self.precision == "bf16",
            fp16=self.precision == "fp16",
            use_cpu=self.device == "cpu",
            batch_sampler=batching.sampler,
            dataloader_drop_last=batching.drop_last,
            dataloader_num_workers=0,
            dataloader_pin_memory=self.device.startswith("cuda"),
            logging_strategy="steps",
            logging_steps=1,
            logging_nan_inf_filter=False,
            eval_strategy="no",
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
        )
        # Several visible GPUs would silently split every batch between them (DataParallel), which changes in-batch losses.
        if arguments.n_gpu > 1:
            arguments._n_gpu = 1
        return arguments

    def _announce(self, rows: int, batching: batches.Batching) -> None:
        self.emit(
            RecipeEvent(
                run=self.spec.run,
                settings=settings_of(self.spec),
                train_rows=len(self.rows),
                holdout_rows=len(self.holdout),
                total_steps=self.total_steps,
                total_epochs=float(self.spec.epochs),
                device=self.device,
                device_name=loading.device_title(self.device),
                precision=self.precision,
            )
        )

    def _similarity_notice(self) -> str:
        used = str(self.spec.loss_parameters.get("similarity_fct", ""))
        if self.model.similarity_fn_name == "dot" and used.endswith("cos_sim"):
            return (
                "The base model compares by dot product but this loss trains it by cosine similarity; "
                "loss.similarity_fct=dot_score with loss.scale=1 would fit it."
            )
        return ""

    def _warmup_notice(self, arguments: SentenceTransformerTrainingArguments) -> str:
        if self.spec.warmup_steps <= self.total_steps:
            return ""
        return (
            f"{self.spec.warmup_steps:,} warm-up steps are more than the {self.total_steps:,} steps of this run, so the rate "
            f"rises until the end and {int(arguments.warmup_steps):,} are used."
        )

    def _baseline(self, evaluator: Evaluator | None, watcher: Watcher) -> Measurement | None:
        if evaluator is None:
            self.emit(BaselineEvent("", "", None, 0, note="Nothing is held out, so nothing is measured."))
            return None
        began = time.perf_counter()
        try:
            found = evaluator.measure(self.model)
        except StopRequested:
            watcher.stopped = True
            return None
        watcher.evaluation_seconds += time.perf_counter() - began
        self.emit(
            BaselineEvent(found.metric, found.title, found.value, found.rows, found.metrics, found.note)
        )
        if found.value is None:
            self.notice(f"{found.note} The weights of the last step are kept.", "warning")
        return found

    def _train(
        self, arguments: SentenceTransformerTrainingArguments, rows: list[tuple[Any, ...]], watcher: Watcher
    ) -> None:
        columns = training_columns(self.spec.format, len(rows[0]) - 2)
        dataset = Dataset.from_dict({name: [row[slot] for row in rows] for slot, name in enumerate(columns)})
        trainer = StepwiseTrainer(
            model=self.model,
            args=arguments,
            train_dataset=dataset,
            loss=build_loss.build(self.spec.loss, self.spec.loss_parameters, self.model),
            callbacks=[watcher],
        )
        # The printer writes to standard output, which carries the events of a child process.
        trainer.remove_callback(PrinterCallback)
        trainer.remove_callback(ProgressCallback)
        trainer.watcher = watcher
        try:
            trainer.train()
        except torch.OutOfMemoryError as error:
            raise TrainingProblem(
                f"The memory of the {self.device} is too small for batches of {self.spec.batch_size}.",
                "Use a smaller batch size.",
                details=str(error),
            ) from error
        if not watcher.stopped and not watcher.broken_at:
            watcher.evaluate(float(trainer.state.epoch or 0))
        # Half precision leaves a wrapper around the model's forward; what follows uses the plain weights.
        self.model.__dict__.pop("forward", None)

    def _finish(
        self,
        arguments: SentenceTransformerTrainingArguments,
        watcher: Watcher,
        keeper: Keeper,
        base: Measurement | None,
    ) -> FinishedEvent:
        if watcher.broken_at and keeper.best_step is None:
            raise TrainingProblem(
                f"The loss became infinite or undefined at step {watcher.broken_at:,} and spoilt the weights.",
                "Use a smaller learning rate, or precision=fp32.",
            )
        keeper.restore()
        self.model.eval()
        judged = self._judge(watcher, base)
        if watcher.stopped and keeper.best_step is None and watcher.steps:
            self.notice(
                f"Stopped after step {watcher.steps:,} before anything was measured; its weights are kept."
            )
        elif watcher.stopped and not watcher.steps:
            self.notice("Stopped before the first step: the kept model is the base model.", "warning")
        tuned = watcher.best.value if watcher.best else None
        if base is not None and base.value is not None and tuned is not None and tuned <= base.value:
            self.notice("No checkpoint was better than the base model on the hold-out.", "warning")
        target = keeper.finish()
        best_step = keeper.best_step if keeper.best_step is not None else watcher.steps
        finished = FinishedEvent(
            run=self.spec.run,
            model=str(target),
            metrics={
                "metric": base.metric if base else "",
                "title": base.title if base else "",
                "name": self.spec.evaluation_name,
                "base": base.value if base else None,
                "tuned": tuned,
                "rows": len(self.holdout),
                "best_step": best_step,
                "final_loss": watcher.final_loss,
                "verdict": judged.sentence,
                "verdict_word": judged.word,
                "interval": list(judged.interval) if judged.interval else None,
                "training_seconds": round(watcher.training_seconds, 3),
                "evaluation_seconds": round(watcher.evaluation_seconds, 3),
                "base_metrics": base.metrics if base else {},
                "tuned_metrics": watcher.best.metrics if watcher.best else {},
            },
            steps=watcher.steps,
            stopped=watcher.stopped,
            seconds=round(time.perf_counter() - self.began, 3),
        )
        write_run_card(
            target, self.spec, [*self.events, finished], self.model, arguments.to_dict(), self.loss_config()
        )
        self.emit(finished)
        return finished

    def _judge(self, watcher: Watcher, base: Measurement | None) -> verdict.Verdict:
        if base is None or watcher.best is None:
            words = base.title if base else ""
            held_out = len(self.holdout) if base else 0
            if self.holdout and base is None:
                return verdict.Verdict(
                    "unmeasured", "Stopped before the base model was measured, so nothing can be compared."
                )
            if base is not None and base.value is not None:
                return verdict.Verdict(
                    "unmeasured", "Stopped before the tuned model was measured, so nothing can be compared."
                )
            return verdict.judge(words, held_out, None, None)
        return verdict.judge(
            base.title,
            base.rows,
            base.value,
            watcher.best.value,
            base.per_row,
            watcher.best.per_row,
            self.spec.seed,
        )

    def loss_config(self) -> dict[str, Any]:
        """The loss's own description of its parameters, as the library writes it into cards."""
        config: dict[str, Any] = build_loss.build(
            self.spec.loss, self.spec.loss_parameters, self.model
        ).get_config_dict()
        return config


def run(spec: Spec, on_event: Emit, should_stop: Callable[[], bool]) -> FinishedEvent:
    """See `core.training.train`."""
    return Run(spec, on_event, should_stop).go()


def settings_of(spec: Spec) -> dict[str, Any]:
    """Every setting of the spec as the recipe event carries it: value, reason and source by setting key."""
    loss = BY_NAME[spec.loss]
    record = asdict(replace(spec, reasons={}, sources={}))
    order = [
        "loss",
        "batch_size",
        "epochs",
        "learning_rate",
        "warmup_steps",
        "weight_decay",
        "seed",
        "holdout",
        "precision",
        "base_model",
    ]
    values = {key: record[key] for key in order}
    for parameter in loss.parameters:
        values[f"loss.{parameter.key}"] = spec.loss_parameters.get(parameter.name, parameter.default)
    values |= {"evaluation_name": spec.evaluation_name, "eval_steps": spec.eval_steps}
    return {
        key: {"value": value, "reason": spec.reasons.get(key, ""), "source": spec.sources.get(key, "")}
        for key, value in values.items()
    }


def default_threads() -> int:
    """As many threads as this process may use cores; OMP_NUM_THREADS, where set, decides."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quiet() -> None:
    """No progress bars and no chatter: standard output belongs to the events, and a windowed program has no standard error."""
    from datasets.utils.logging import disable_progress_bar

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    disable_progress_bar()


def _no_loss(name: str) -> Any:
    raise TrainingProblem(f"There is no loss called {name}.", f"Use one of {', '.join(BY_NAME)}.")
