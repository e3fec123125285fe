"""The stock trainer, set up for one run and made to tell each step's own loss. Only child processes import this module."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformerTrainingArguments
from transformers.utils import logging as transformers_logging

from core.training import batches, parts, processes
from core.training.guarded import GuardedTrainer
from core.training.packed import ROWS, PackedLoss
from core.training.spec import Spec
from core.training.watching import Watcher


class StepwiseTrainer(GuardedTrainer):
    """The stock trainer that hands every step's own loss to the watcher; it writes no card and looks nothing up."""

    watcher: Watcher
    packed: PackedLoss | None = None
    adapters: Any = None  # core.training.adapters.Adapters, where they are trained in place of the weights

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        return

    def training_step(
        self, model: torch.nn.Module, inputs: dict[str, Any], *args: Any, **kwargs: Any
    ) -> torch.Tensor:
        self.watcher.step_rows = self.rows_of(inputs) * processes.count()
        loss: torch.Tensor = super().training_step(model, inputs, *args, **kwargs)
        self.watcher.step_loss = loss
        self.watcher.step_losses = self.packed.by_label if self.packed is not None else {}
        return loss

    def rows_of(self, inputs: dict[str, Any]) -> int:
        return len(inputs[ROWS]) if ROWS in inputs else super().rows_of(inputs)

    def work(self, model: torch.nn.Module, inputs: dict[str, Any]) -> parts.Work:
        if self.packed is None:
            return super().work(model, inputs)
        packed = self.packed
        texts, places = packed.distinct(inputs)
        return parts.Work(
            [len(texts)],
            lambda column, begin, end: packed.embed(texts[begin:end]),
            lambda found: packed.loss_of(found[0], places, inputs.get("label"), texts),
            self.model.device,
        )

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        if self.packed is None:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        loss = self.packed(inputs)
        return (loss, {}) if return_outputs else loss

    def _clip_grad_norm(self, model: torch.nn.Module) -> torch.Tensor:
        """On a CPU gradients that are short enough are left alone: the library multiplies every one of them by 1."""
        if self.model.device.type != "cpu" or self.args.fp16:
            return super()._clip_grad_norm(model)
        weights = [weight for weight in model.parameters() if weight.grad is not None]
        norm: torch.Tensor = torch.nn.utils.get_total_norm([weight.grad for weight in weights])
        if not bool(norm <= self.args.max_grad_norm):
            torch.nn.utils.clip_grads_with_norm_(weights, self.args.max_grad_norm, norm)
        return norm


def total_steps(spec: Spec, rows: int, batching: batches.Batching) -> int:
    """The optimiser steps of a run over `rows` rows; at least one."""
    count = processes.count()
    # The library leaves out the last, uneven batches of an epoch where several processes share it.
    drop_last = batching.drop_last or count > 1
    per_epoch = batching.steps or batches.steps_per_epoch(rows, _share(spec), drop_last)
    per_epoch = max(1, per_epoch // count)
    # Seven digits keep a share of an epoch such as 0.3 from counting one step too many.
    return max(1, math.ceil(round(spec.epochs * per_epoch, 7)))


def _share(spec: Spec) -> int:
    """The rows of a batch that fall to each process: together they are at least as many as the spec says."""
    return math.ceil(spec.batch_size / processes.count())


def make_arguments(
    spec: Spec, steps: int, batching: batches.Batching, device: str, precision: str
) -> SentenceTransformerTrainingArguments:
    """The trainer's arguments. It neither evaluates nor saves by itself: the watcher does, step for step."""
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(Path(spec.run_dir) / "checkpoints"),
        per_device_train_batch_size=_share(spec),
        per_device_eval_batch_size=spec.batch_size,
        num_train_epochs=spec.epochs,
        learning_rate=spec.learning_rate,
        warmup_steps=min(spec.warmup_steps, steps),
        weight_decay=spec.weight_decay,
        seed=spec.seed,
        bf16=precision == "bf16",
        fp16=precision == "fp16",
        use_cpu=device == "cpu",
        batch_sampler=batching.sampler,
        dataloader_drop_last=batching.drop_last,
        dataloader_num_workers=0,
        dataloader_pin_memory=device.startswith("cuda"),
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


def default_threads() -> int:
    """As many threads as this process may use cores; OMP_NUM_THREADS, where set, decides."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)) // processes.on_this_computer())
    return max(1, (os.cpu_count() or 1) // processes.on_this_computer())


def quiet() -> None:
    """No progress bars and no chatter: standard output belongs to the events, and a windowed program has no standard error."""
    from datasets.utils.logging import disable_progress_bar

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    disable_progress_bar()
