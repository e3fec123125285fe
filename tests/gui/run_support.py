"""Run folders as a trainer leaves them, made in a moment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.dataset.formats import Format
from core.training.events import (
    BaselineEvent,
    EvaluationEvent,
    Event,
    FailedEvent,
    FinishedEvent,
    RecipeEvent,
    StepEvent,
    as_record,
)
from core.training.runs import EVENTS, create_run_folder
from core.training.spec import Spec


def fake_run(
    project: Path,
    *,
    losses: tuple[float | None, ...] = (0.9, 0.5, 0.3),
    base: float = 0.5,
    best: float | None = 0.6,
    end: str = "finished",
    **settings: Any,
) -> Path:
    """A run folder with everything but a model; `end` is finished, stopped, failed or "" (it was cut off)."""
    folder = create_run_folder(project, "main")
    values: dict[str, Any] = {"loss": "CosineSimilarityLoss", "dataset_name": "Main", **settings}
    Spec(str(folder), Format.SCORED, "all-MiniLM-L6-v2", **values).save()
    events: list[Event] = [
        RecipeEvent(folder.name, {}, 26, 5, len(losses), 1.0, "cpu", "CPU", "fp32"),
        BaselineEvent("m", "Hold-out Spearman", base, 5),
        *(StepEvent(n, n / 3, loss, 2e-5, elapsed=float(n)) for n, loss in enumerate(losses, 1)),
    ]
    if best is not None:
        events.append(EvaluationEvent(len(losses), 1.0, "m", "Hold-out Spearman", best, 5, best=True))
    if end in ("finished", "stopped"):
        events.append(
            FinishedEvent(
                folder.name,
                "",
                {"verdict": f"The verdict of {folder.name}."},
                len(losses),
                end == "stopped",
                12.0,
            )
        )
    elif end == "failed":
        events.append(
            FailedEvent(folder.name, "The <b>loss</b> is not a number.", "Choose a smaller learning rate.")
        )
    write(folder, events)
    return folder


def fake_model(run: Path, weights: str = "weights") -> None:
    """What has the name and the fingerprint of a model, and cannot be loaded."""
    folder = run / "model"
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_text(weights)


def write(folder: Path, events: list[Event]) -> None:
    with (folder / EVENTS).open("a", encoding="utf-8") as stream:
        for event in events:
            stream.write(json.dumps(as_record(event), separators=(",", ":")) + "\n")
