"""Texts of a run's own data, to compare two models with. No torch."""

from __future__ import annotations

from pathlib import Path

from core.training import data
from core.training.spec import Spec


def some_texts(run_folder: Path, spec: Spec, limit: int) -> list[str]:
    """At most `limit` distinct texts of the run, held-out ones first, spread evenly over each part.

    Raises:
        TrainingProblem: the snapshot is missing or damaged.
    """
    train, holdout = data.read(run_folder, spec.format, spec.negatives)
    found: dict[str, None] = {}
    for rows in (holdout, train):
        texts = [
            text
            for text in dict.fromkeys(text for row in rows for text in data.texts_in(spec.format, row))
            if text.strip() and text not in found
        ]
        wanted = min(limit - len(found), len(texts))
        found |= dict.fromkeys(texts[number * len(texts) // wanted] for number in range(wanted))
    return list(found)
