"""The labelled rows of a run's dataset under the base model and under the run's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.dataset.formats import DatasetInfo, Example, Format
from core.engine.kept_scores import Told, keep, kept, keys_of
from core.engine.map_store import mark_of
from core.errors import AnchorLabError, Cancelled, EngineProblem
from core.models import catalogue
from core.project import Reader
from core.report.asking import Asking
from core.report.facts import ComparedFacts
from core.report.gather_data import changed_since
from core.similarity.labelled import RANDOM_PAIR, Comparison, Rows, Scored
from core.training.held_out import rows_of_run
from core.training.runs import Run

NO_BASE = "The run began with random weights: there is no base model to compare with."
_AT_ONCE = 5000  # rows between two looks at whether to stop


@dataclass(frozen=True)
class Source:
    """The run's dataset as it is in the project now."""

    info: DatasetInfo
    examples: list[Example]


def source_of(project: Path, run: Run, asking: Asking) -> Source | None:
    """None where the project has no dataset any more that the run knows of.

    Raises:
        Cancelled
    """
    if run.spec is None:
        return None
    with Reader(project) as reader, reader.snapshot():
        fitting = [info for info in reader.datasets() if info.format is run.spec.format]
        known = [info for info in fitting if rows_of_run(run.folder, info.id) is not None]
        named = [info for info in known if info.name == run.spec.dataset_name]
        info = next(iter([*named, *known]), None)
        if info is None:
            return None
        rows: list[Example] = []
        for row in reader.rows(info.id):
            if len(rows) % _AT_ONCE == 0:
                asking.check()
            rows.append(row)
        return Source(info, rows)


def refs_of(run: Run) -> tuple[str, str]:
    """Both models as the engine is asked for them."""
    assert run.spec is not None
    return f"base:{run.spec.base_model}", run.folder.name


def compared(project: Path, run: Run, source: Source | None, asking: Asking) -> ComparedFacts:
    """Raises: Cancelled, EngineProblem. What else goes wrong is told in the report."""
    if run.model is None:
        return ComparedFacts(
            missing=f"This run left no model ({run.status}), so there is nothing to compare."
        )
    if source is None:
        return ComparedFacts(missing="The dataset of this run is no longer in the project.")
    if run.spec is not None and run.spec.base_model == catalogue.RANDOM:
        return ComparedFacts(missing=NO_BASE)
    asking.check()
    held = rows_of_run(run.folder, source.info.id)
    rows = Rows.of(source.info.format, source.examples, held)
    if not len(rows):
        return ComparedFacts(missing="The dataset has no labelled rows any more.")
    try:
        sides = [
            _scored(project, source, rows, ref, title, asking)
            for ref, title in zip(refs_of(run), ("Base model", f"Run {run.number}"), strict=True)
        ]
    except (Cancelled, EngineProblem):
        raise
    except AnchorLabError as error:
        return ComparedFacts(missing=f"The rows could not be scored: {error.message}")
    asking.check()
    used = [row for row in source.examples if held is None or row.id in held[0] or row.id in held[1]]
    asking.check()
    return ComparedFacts(Comparison(rows, sides[0], sides[1]), changed_since(run, used))


def _scored(project: Path, source: Source, rows: Rows, ref: str, title: str, asking: Asking) -> Scored:
    (key,) = keys_of(source.info, source.examples, [mark_of(ref, project)], rows.apart())
    told = kept(project, key)
    if told is None:
        told = _asked(project, source, rows, ref, title, asking)
        keep(project, [(key, told)])
    return told.scored(title, rows)


def _asked(project: Path, source: Source, rows: Rows, ref: str, title: str, asking: Asking) -> Told:
    params = {
        "project": str(project),
        "dataset_id": source.info.id,
        "model": ref,
        "changed": None,
        "background": source.info.format is Format.PAIRS,
        "parts": rows.apart(),
    }
    answer = asking.ask(f"{title} scores the rows", "score_rows", params)
    table = _taken(answer.get("file"))
    background = _taken(answer.get("background"))
    return Told(table["id"], table["similarity"], table["margin"], table["nearest"], background)


def _taken(path: Any) -> Any:
    """The array of an answer; its file is ours, and goes."""
    if not path:
        return np.empty(0, RANDOM_PAIR)
    found = np.load(Path(str(path)), allow_pickle=False)
    Path(str(path)).unlink(missing_ok=True)
    return found
