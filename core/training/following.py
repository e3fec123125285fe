"""Share the steps of a run that another process owns, see `core.training.agreement`. Only child processes import this module."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import PrinterCallback, ProgressCallback

from core.models import loading
from core.training import agreement, batches, data, dropout, run_loss, stepwise
from core.training.adapters import Adapters
from core.training.guards import NotFinite
from core.training.losses import BY_NAME
from core.training.spec import Spec


def follow() -> int:
    """All other ranks: wait for the run and share its steps. The exit status."""
    stepwise.quiet()
    agreement.begin()
    try:
        message = agreement.hear()
        if message is None:
            return 1
        _share_steps(Spec.load(Path(message["run_dir"])), str(message["precision"]))
    except NotFinite:
        return 0  # rank 0 has met it as well, and tells
    finally:
        agreement.end()
    return 0


def _share_steps(spec: Spec, precision: str) -> None:
    torch.set_num_threads(spec.threads or stepwise.default_threads())
    train, _ = data.read(Path(spec.run_dir), spec.format, spec.negatives)
    model = loading.load(
        spec.base_model, allow_download=spec.allow_download, trust_remote_code=spec.trust_remote_code
    )
    dropout.settle(model, spec.dropout)
    made = run_loss.make(spec, model)
    adapters = Adapters(model, spec.lora, spec.seed) if spec.lora else None
    loss = BY_NAME[spec.loss]
    rows, _ = batches.prepare(loss, train)
    batching = batches.batching(loss, rows, spec.batch_size)
    steps = stepwise.total_steps(spec, len(rows), batching)
    arguments = stepwise.make_arguments(spec, steps, batching, model.device.type, precision)
    columns = data.columns_of(spec.format, len(rows[0]) - 2)
    trainer = stepwise.StepwiseTrainer(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_dict(
            {name: [row[slot] for row in rows] for slot, name in enumerate(columns)}
        ),
        loss=made.stock,
        callbacks=[agreement.Agreement()],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    trainer.watcher = _Nobody()  # type: ignore[assignment]
    trainer.adapters = adapters
    trainer.train()


class _Nobody:
    """Stands in for the watcher where nothing is told."""

    step_rows = 0
    step_loss: Any = None
    step_losses: Any = None
