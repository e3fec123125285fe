"""A run as a folder that trains anywhere with nothing but sentence-transformers: rows, settings, and one script. No torch.

The script (`resources/script/train.py`) is copied as it is and reads everything from JSON: no text of a project ever becomes code.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from core import atomic, paths
from core.errors import TrainingProblem, UsageError
from core.models import card_about, card_threshold, catalogue
from core.models.export import copy_tree
from core.training import batches, data, matryoshka, runs
from core.training.events import RecipeEvent
from core.training.losses import BY_NAME
from core.training.run_threshold import read_threshold
from core.training.spec import Spec

_LIBRARIES = ("torch", "sentence-transformers", "transformers", "datasets", "accelerate")
_README = """# {title}

A training run, to repeat or to run elsewhere. It needs Python 3.11 or newer, and nothing of AnchorLab:

    pip install -r requirements.txt
    python train.py

It also runs under `torchrun --nproc-per-node 2 train.py` and `accelerate launch train.py`, on any cluster that has them; each process
then takes its share of a batch. (Where there are only processors, `accelerate launch` starts one process unless it finds MPI; `torchrun` starts
as many as asked.) The trained model is written to `model/`.

- `data/train.jsonl` holds the {train} rows, `data/holdout.jsonl` the held-out ones ({holdout}).
- `settings.json` holds every setting. The base model is {base}.
- The run ended with a loss of {loss}; in full precision (fp32) and without dropout, on the same kind of processor, the script ends with the same, to four digits.

What differs: the script keeps the weights of the last step. The run looked at the hold-out on its way and kept what was best there
({kept}).
{similar}"""


def write_script(run_folder: Path, out: Path, *, with_model: bool = False) -> Path:
    """Write the run in `run_folder` to the new folder `out`; returns it. `with_model` copies the base model into it.

    Raises:
        FileProblem: `out` exists and is not empty.
        TrainingProblem: the run's settings or rows are missing.
        UsageError: the run may not show its texts.
    """
    run = runs.read_run(run_folder)
    if run.spec is None or not runs.has_data(run_folder):
        raise TrainingProblem(
            f"The settings or the data of {run_folder.name} are missing.", "Choose another run."
        )
    spec = run.spec
    if not spec.include_texts:
        raise UsageError(
            f"{run_folder.name} was made with its texts kept private, and a script needs them.",
            "Train again with include_texts=true, or give the model away instead.",
        )
    out = Path(out).absolute()
    with atomic.new_folder(out) as place:
        _fill(place, run, spec, run_folder, with_model)
    return out


def _fill(place: Path, run: runs.Run, spec: Spec, run_folder: Path, with_model: bool) -> None:
    train, holdout = data.read(run_folder, spec.format, spec.negatives)
    loss = BY_NAME[spec.loss]
    rows, _ = batches.prepare(loss, train)
    columns = data.columns_of(spec.format, len(rows[0]) - 2)
    _write_rows(place / "data" / "train.jsonl", columns, rows)
    if holdout:
        names = data.columns_of(spec.format, len(holdout[0]) - 2)
        _write_rows(place / "data" / "holdout.jsonl", names, holdout)
    base = _base_model(place, spec, with_model)
    settings = _settings(spec, run, run_folder, rows, base)
    atomic.write_text(
        place / "settings.json", json.dumps(settings, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    )
    shutil.copyfile(paths.RESOURCES / "script" / "train.py", place / "train.py")
    needed = [*_LIBRARIES, *(["peft"] if spec.lora else [])]
    lines = [f"{name}=={metadata.version(name).split('+')[0]}" for name in needed]
    atomic.write_text(place / "requirements.txt", "\n".join(lines) + "\n")
    kept = "" if run.finished is None else str(run.finished.metrics.get("verdict", ""))
    atomic.write_text(
        place / "README.md",
        _README.format(
            title=" ".join(f"Run {run_folder.name}".split()),
            train=f"{len(rows):,}",
            holdout=f"{len(holdout):,}",
            base=catalogue.hub_id(spec.base_model),
            loss=_shown(run.last_loss),
            similar=_similar(run_folder),
            kept=" ".join(kept.split()).rstrip(".") or "it ended before anything was measured",
        ),
    )


def _settings(
    spec: Spec, run: runs.Run, run_folder: Path, rows: Sequence[tuple[Any, ...]], base: str
) -> dict[str, Any]:
    """Everything that train.py reads."""
    loss = BY_NAME[spec.loss]
    batching = batches.batching(loss, rows, spec.batch_size)
    per_epoch = batching.steps or batches.steps_per_epoch(len(rows), spec.batch_size, batching.drop_last)
    steps = max(1, math.ceil(round(spec.epochs * per_epoch, 7)))
    told = [event for event in runs.read_events(run_folder) if isinstance(event, RecipeEvent)]
    recipe = told[-1] if told else None
    precision = recipe.precision if recipe is not None else "fp32"
    parameters = {key: value for key, value in spec.loss_parameters.items() if key != "guide"}
    guide = str(spec.loss_parameters.get("guide", "base"))
    return {
        "format": spec.format.value,
        "base_model": base,
        "loss": spec.loss,
        "loss_parameters": parameters,
        "guide": "" if guide == "base" else catalogue.hub_id(guide),
        "matryoshka_dims": _dims(spec),
        "lora": _lora(spec),
        "dropout": spec.dropout,
        "threads": spec.threads,
        "cpu": recipe is None or recipe.device == "cpu",
        "final_loss": run.last_loss,
        "threshold": asdict(chosen) if (chosen := read_threshold(run_folder)) is not None else None,
        "arguments": {
            "per_device_train_batch_size": spec.batch_size,
            "num_train_epochs": spec.epochs,
            "learning_rate": spec.learning_rate,
            "warmup_steps": min(spec.warmup_steps, steps),
            "weight_decay": spec.weight_decay,
            "seed": spec.seed,
            "bf16": precision == "bf16",
            "fp16": precision == "fp16",
            "batch_sampler": batching.sampler,
            "dataloader_drop_last": batching.drop_last,
            "logging_steps": 1,
            "logging_nan_inf_filter": False,
            "save_strategy": "no",
            "report_to": "none",
        },
    }


def _similar(run_folder: Path) -> str:
    """The section on the threshold that somebody chose; "" without one."""
    chosen = read_threshold(run_folder)
    if chosen is None:
        return ""
    return f"""
## Similar or not

{card_threshold.sentence(chosen)} with the run's own model; a model that is trained again scores nearly the same:

{card_about.fenced(card_threshold.code(chosen), "python")}

`embeddings` are those of `model.encode`, `similarities` are `model.similarity(embeddings, embeddings)`; `settings.json` has the threshold, too.
"""


def _dims(spec: Spec) -> list[int]:
    if not spec.matryoshka:
        return []
    full = matryoshka.dimension(spec.base_model)
    return sorted({full, *matryoshka.lengths(spec.matryoshka)}, reverse=True)


def _lora(spec: Spec) -> dict[str, Any] | None:
    if not spec.lora:
        return None
    return {
        "r": spec.lora,
        "lora_alpha": 2 * spec.lora,
        "lora_dropout": 0.0,
        "target_modules": "all-linear",
        "exclude_modules": ".*pooler.*",
        "bias": "none",
    }


def _base_model(place: Path, spec: Spec, with_model: bool) -> str:
    """What train.py loads: a folder beside it, or a name on the Hub."""
    if spec.base_model == catalogue.RANDOM:
        raise TrainingProblem(
            "The run started from random weights, which no other program can repeat.", "Choose another run."
        )
    folder = catalogue.resolve(spec.base_model, allow_download=True)
    if isinstance(folder, Path) and (with_model or not catalogue.is_embedded(spec.base_model)):
        copy_tree(folder, place / "base_model")
        return "base_model"
    return catalogue.hub_id(spec.base_model)


def _write_rows(path: Path, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    lines = (json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) for row in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _shown(loss: float | None) -> str:
    return "unknown" if loss is None else f"{loss:.6g}"
