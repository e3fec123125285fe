"""The settings a run used, and everything `train` needs to repeat it: no project, no window, only files."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core import atomic
from core.dataset.formats import Format


@dataclass(frozen=True)
class Spec:
    """One run. Written as `spec.json` into the run folder before training starts."""

    run_dir: str  # absolute; holds data/train.parquet, data/holdout.parquet (columns of `training_columns`)
    format: Format
    base_model: str  # "all-MiniLM-L6-v2" (the embedded one), "random", a folder, or a Hub name
    loss: str  # class name, e.g. "CosineSimilarityLoss"
    loss_parameters: dict[str, Any] = field(default_factory=dict)
    negatives: int = 1
    batch_size: int = 16
    epochs: float = 1
    learning_rate: float = 2e-5
    warmup_steps: int = 0
    weight_decay: float = 0.01
    seed: int = 42
    holdout: float = 0.15
    precision: str = "auto"  # auto, fp32, tf32, bf16, fp16
    evaluation_name: str = ""  # a name of the user's for the hold-out, as in "category_final_evaluation"
    eval_steps: int = 0  # evaluate every so many steps; 0 = once an epoch
    checkpoint_seconds: float = (
        120  # write a checkpoint that often, besides those at evaluations; 0 = only those
    )
    threads: int = 0  # torch threads; 0 = all cores
    packed: bool = True  # embed each distinct text of a batch once; False: the stock forward, for comparisons
    packing_overhead: int = 0  # what a chunk costs, in tokens; 0 = measured on this machine, then noted here
    dropout: str = "model"  # model: as its configuration has it; off: none while training
    preset: str = "automatic"  # which preset the settings came from: automatic, card, quick, thorough
    keep: str = "best"  # which weights are kept: safe (the best, or the base model's where nothing beat it), best, last
    blend: str = (
        "1"  # how far to go from the base model's weights to the tuned ones: a factor, or auto = measured
    )
    folds: int = (
        0  # cross-validation over the training rows in so many parts, where nothing is held out; 0 = none
    )
    search_minutes: float = 0.0  # try other learning rates and losses for so long before the run; 0 = do not
    search_trials: int = 0  # try exactly so many, whatever the time; 0 = as many as the time allows
    matryoshka: str = ""  # shorter embeddings to train as well, e.g. "256,128,64"; "" = none
    lora: int = 0  # rank of the LoRA adapters to train in place of the weights; 0 = train the weights
    include_texts: bool = True  # whether the model card may show texts of the data
    probes: list[list[str]] = field(
        default_factory=list
    )  # pairs of texts whose similarity is told on the way
    probe_queries: list[dict[str, Any]] = field(
        default_factory=list
    )  # queries whose hits are ranked on the way, see `core.training.watched`
    probe_sample: list[str] = field(default_factory=list)  # the texts they are ranked among
    project_name: str = ""
    dataset_name: str = ""
    reasons: dict[str, str] = field(default_factory=dict)  # setting key -> one sentence
    sources: dict[str, str] = field(default_factory=dict)  # setting key -> automatic, project or user
    notes: list[str] = field(
        default_factory=list
    )  # what to tell before training, e.g. how the hold-out was grouped
    allow_download: bool = False  # the base model may be fetched from the Hub
    trust_remote_code: bool = False

    @property
    def run(self) -> str:
        return Path(self.run_dir).name

    def save(self) -> None:
        atomic.write_text(
            Path(self.run_dir) / "spec.json", json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"
        )

    @classmethod
    def load(cls, run_dir: Path) -> Spec:
        record = json.loads((run_dir / "spec.json").read_text(encoding="utf-8"))
        known = {name: record[name] for name in cls.__dataclass_fields__ if name in record}
        return cls(**{**known, "format": Format(known["format"]), "run_dir": str(run_dir)})
