"""One training run, and what its weights are worth on the way: every pass, points on the line from base to tuned, averages.

The pieces are those of a real run (`core.training.trainer`): packed forward, sampler, schedule, precision.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from transformers import PrinterCallback, ProgressCallback, TrainerControl, TrainerState, TrainingArguments

from core.dataset.formats import Example, Format, training_columns
from core.training import batches, build_loss, data, precision, stepwise
from core.training.losses import BY_NAME
from core.training.packed_run import PackedRun
from core.training.spec import Spec
from core.training.watching import Watcher

Weights = dict[str, torch.Tensor]
FACTORS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)


@dataclass(frozen=True)
class Setup:
    """What a trajectory is trained with. `warmup` is a share of its steps."""

    loss: str
    learning_rate: float
    batch_size: int
    epochs: int
    warmup: float = 0.1
    weight_decay: float = 0.01
    parameters: tuple[tuple[str, Any], ...] = ()
    plain_sampler: bool = False  # the library's own default, which may put one text twice into a batch
    precision: str = "auto"
    dropout: str = "off"

    def key(self) -> str:
        own = ",".join(f"{name}={value}" for name, value in self.parameters)
        parts = [self.loss, own, f"lr{self.learning_rate:g}", f"b{self.batch_size}", f"e{self.epochs}"]
        parts += [f"w{self.warmup:g}", f"d{self.weight_decay:g}"]
        parts += ["plain"] * self.plain_sampler + ["dropout"] * (self.dropout != "off")
        parts += [self.precision] * (self.precision != "auto")
        return " ".join(part for part in parts if part)


class _Snapshots(Watcher):
    """Copies the weights after the steps `marks` and tells nobody anything."""

    def __init__(self, model: Any, marks: set[int], total_steps: int) -> None:
        nothing: Any = None
        super().__init__(model, lambda event: None, lambda: False, nothing, None, 0, total_steps)
        self.marks = marks
        self.taken: dict[int, Weights] = {}

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        if state.global_step in self.marks and state.global_step not in self.taken:
            with self.whole():
                self.taken[state.global_step] = weights_of(self.model)

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        return


def weights_of(model: Any) -> Weights:
    return {name: value.detach().to("cpu", copy=True) for name, value in model.state_dict().items()}


def marks_of(epochs: int, per_epoch: int) -> dict[int, int]:
    """Step by pass: at most five passes, the last among them."""
    wanted = {max(1, round(epochs * part / 5)) for part in range(1, 6)}
    return {epoch: epoch * per_epoch for epoch in sorted(wanted)}


def trajectory(
    model: Any, base: Weights, format: Format, labels: Sequence[Example], setup: Setup, seed: int
) -> tuple[dict[int, Weights], float]:
    """The weights after some of the passes, and the seconds that training took. Leaves the model with the weights of the last step."""
    model.load_state_dict(base)
    with tempfile.TemporaryDirectory(prefix="anchorlab-recipes-") as name:
        spec = Spec(
            run_dir=name,
            format=format,
            base_model="",
            loss=setup.loss,
            batch_size=setup.batch_size,
            epochs=setup.epochs,
            learning_rate=setup.learning_rate,
            weight_decay=setup.weight_decay,
            seed=seed,
            packing_overhead=32,
        )
        entry = BY_NAME[setup.loss]
        rows, _ = batches.prepare(entry, [data.row_of(format, row) for row in labels])
        batching = (
            batches.Batching() if setup.plain_sampler else batches.batching(entry, rows, setup.batch_size)
        )
        per_epoch = batches.steps_per_epoch(len(rows), setup.batch_size, batching.drop_last)
        marks = marks_of(setup.epochs, per_epoch)
        total = per_epoch * setup.epochs
        spec = replace(spec, warmup_steps=round(total * setup.warmup))
        kind, _ = precision.settle(setup.precision, str(model.device))
        arguments = stepwise.make_arguments(spec, total, batching, str(model.device), kind)
        watcher = _Snapshots(model, set(marks.values()), total)
        loss = build_loss.build(setup.loss, dict(setup.parameters), model)
        seconds = _train(model, spec, kind, rows, arguments, loss, watcher)
        return {epoch: watcher.taken[step] for epoch, step in marks.items()}, seconds


def _train(
    model: Any, spec: Spec, kind: str, rows: Sequence[Any], arguments: Any, loss: Any, watcher: Watcher
) -> float:
    from datasets import Dataset

    columns = training_columns(spec.format, len(rows[0]) - 2)
    cells = {name: [row[slot] for row in rows] for slot, name in enumerate(columns)}
    packing = PackedRun(model, spec, kind, _refuse)
    with packing.faster(), packing.training():
        packed = packing.loss(loss, {name: cells[name] for name in columns if name != "score"})
        if packing.vocabulary is not None:
            watcher.whole = packing.vocabulary.whole
            watcher.before_optimizer = packing.vocabulary.decayed
        trainer = stepwise.StepwiseTrainer(
            model=model,
            args=arguments,
            train_dataset=Dataset.from_dict(cells),
            data_collator=packed.batches if packed is not None else None,
            loss=loss,
            callbacks=[watcher],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.remove_callback(ProgressCallback)
        trainer.watcher = watcher
        trainer.packed = packed
        began = time.perf_counter()
        trainer.train()
    model.__dict__.pop("forward", None)
    return time.perf_counter() - began


def _refuse(text: str) -> None:
    raise SystemExit(text)


def worth(
    model: Any, base: Weights, taken: dict[int, Weights], score: Callable[[], dict[str, float]]
) -> dict[str, dict[str, float]]:
    """Figures by candidate: "3" after 3 passes, "3@0.5" half of the way there, "mean" the average of the later passes."""
    last = max(taken)
    found: dict[str, dict[str, float]] = {}
    for epoch, weights in taken.items():
        for factor in FACTORS if epoch == last else (1.0,):
            model.load_state_dict(blend(base, weights, factor))
            found[f"{epoch}" if factor == 1 else f"{epoch}@{factor:g}"] = score()
    if len(taken) > 2:
        later = [weights for epoch, weights in taken.items() if epoch > last / 2]
        model.load_state_dict(_mean(later))
        found["mean"] = score()
    return found


def blend(base: Weights, tuned: Weights, factor: float) -> Weights:
    """The point on the line from base (0) to tuned (1); beyond 1 it goes further."""
    return {
        name: value + factor * (tuned[name] - value) if value.is_floating_point() else value
        for name, value in base.items()
    }


def _mean(many: Sequence[Weights]) -> Weights:
    return {
        name: torch.stack([weights[name] for weights in many]).mean(dim=0)
        if value.is_floating_point()
        else value
        for name, value in many[0].items()
    }
