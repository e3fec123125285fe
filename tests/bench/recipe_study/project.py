"""The automatic recipe as the button runs it: a project that holds the labels, and the model its run leaves behind."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.dataset.formats import Example
from core.project import Project
from core.training.events import Event, RecipeEvent
from core.training.job import run_project
from tests.bench.recipe_study.data import Task

_TOLD = ("loss", "batch_size", "epochs", "learning_rate", "warmup_steps", "holdout", "folds", "blend", "keep")


def run(
    task: Task, labels: Sequence[Example], overrides: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The kept weights, and what the run says of itself."""
    from sentence_transformers import SentenceTransformer

    from tests.bench.recipe_study.trajectory import weights_of

    events: list[Event] = []
    with tempfile.TemporaryDirectory(prefix="anchorlab-recipes-") as name:
        folder = Path(name) / "project"
        with Project.create(folder, task.name) as project:
            examples = [replace(row) for row in labels]
            project.create_dataset(task.name, task.format, examples=examples)
        finished = run_project(folder, overrides=overrides, on_event=events.append, should_stop=lambda: False)
        model = SentenceTransformer(finished.model, device="cpu", local_files_only=True)
        settings = next(event.settings for event in events if isinstance(event, RecipeEvent))
        kept = ("base", "tuned", "rows", "verdict_word", "kept", "best_step", "blend", "seconds")
        notes = {key: settings[key]["value"] for key in _TOLD if key in settings}
        notes |= {f"run: {key}": finished.metrics[key] for key in kept if key in finished.metrics}
        return weights_of(model), notes
