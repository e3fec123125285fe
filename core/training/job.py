"""One run of a project, from its rows to the model: what the trainer process and the command line call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core import atomic
from core.dataset.formats import DatasetInfo, Example, Format
from core.dataset.splits import Split, split
from core.dataset.stats import DataStats, describe
from core.dataset.validation import check
from core.errors import DataProblem, TrainingProblem
from core.locks import FileLock
from core.project import Reader
from core.training import data, fitting, fold_files, pace, presets, processes, runs, train
from core.training.events import Event, FinishedEvent
from core.training.pausing import Pause
from core.training.recipe import Recipe, recipe_for, to_spec
from core.training.recording import Recorder, acquire, recorded
from core.training.resuming import resume_run as resume_run  # the other way to start one
from core.training.spec import Spec
from core.training.watched import Watched, watched

FEWEST_ROWS = 2


@dataclass(frozen=True)
class Plan:
    """Everything that is known before anything is written."""

    project_name: str
    info: DatasetInfo
    rows: list[Example]
    stats: DataStats
    recipe: Recipe
    probes: Watched = field(default_factory=Watched)  # what is looked at on the way


def plan(
    folder: Path,
    dataset_id: int | None = None,
    overrides: Mapping[str, Any] | None = None,
    preset: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Plan:
    """Read a project's dataset and compute its recipe. Nothing is written and torch is not imported.

    Without `dataset_id` it is the project's first dataset that has rows, without `preset` the project's own; `settings` in place of
    what the project itself sets.

    Raises:
        ProjectProblem, UsageError
        DataProblem: no such dataset, no rows.
    """
    with Reader(folder) as reader:
        info = _choose(reader.datasets(), dataset_id, folder)
        rows = list(reader.training_rows(info.id))
        stats = describe(info, rows)
        recipe = recipe_for(reader, info, stats, overrides, preset, settings)
        return Plan(reader.name, info, rows, stats, recipe, watched(reader))


def _choose(datasets: Sequence[DatasetInfo], dataset_id: int | None, folder: Path) -> DatasetInfo:
    if dataset_id is not None:
        for info in datasets:
            if info.id == dataset_id:
                return info
        raise DataProblem(f"There is no dataset {dataset_id} in {folder}.", "It may have been deleted.")
    for info in datasets:
        if info.rows:
            return info
    raise DataProblem(f"There are no rows to train on in {folder}.", "Add rows or import a file first.")


def run_project(
    folder: Path,
    *,
    dataset_id: int | None = None,
    overrides: Mapping[str, Any] | None = None,
    preset: str | None = None,
    settings: Mapping[str, Any] | None = None,
    run_dir: Path | None = None,
    on_event: Callable[[Event], None],
    should_stop: Callable[[], bool],
    threads: int = 0,
    allow_download: bool = False,
    pause: Pause | None = None,
) -> FinishedEvent:
    """Train on a project's rows in a new run folder, or in the empty folder `run_dir`.

    Every event is in `events.jsonl` before `on_event` hears of it. `should_stop` may raise `Cancelled` to throw the run away.
    With a `pause`, whose end may be another thread's, the run can wait, and does so by itself while the disk is full.

    Raises:
        AnchorLabError: after a `FailedEvent`, unless the run had no folder yet (wrong settings, unusable rows).
    """
    folder = Path(folder)
    planned = plan(folder, dataset_id, overrides, preset, settings)
    chosen = rows_to_use(planned)
    run_dir = _folder(folder, planned, run_dir)
    lock = FileLock(run_dir / runs.LOCK)
    acquire(lock)
    try:
        with Recorder(run_dir, on_event, pause, should_stop) as record:

            def work() -> FinishedEvent:
                spec = _write(planned, chosen, run_dir, threads, allow_download)
                finished = train(spec, record, should_stop, pause=pause)
                _note_pace(planned, chosen, spec, finished)
                return finished

            return recorded(run_dir, record, work)
    finally:
        lock.release()


def _note_pace(planned: Plan, chosen: _Chosen, spec: Spec, finished: FinishedEvent) -> None:
    """So that the next run's time is known before it starts."""
    total = planned.recipe.steps_per_epoch * float(spec.epochs)
    share = min(1.0, finished.steps / total) if total else 1.0
    tokens = pace.work(planned.info, chosen.train) * float(spec.epochs) * share
    searched = finished.metrics.get("search")
    if not searched:  # whose time is not that of the run, and which has trained the folds already
        # each trains on all rows but its own: together as much as so many runs
        tokens *= finished.metrics.get("folds") or 1
    seconds = finished.seconds - (searched["seconds"] if searched else 0.0)
    pace.note(str(planned.recipe.value("base_model")), tokens, seconds - pace.START)


@dataclass(frozen=True)
class _Chosen:
    train: list[Example]
    holdout: list[Example]
    notes: list[str]


def rows_to_use(planned: Plan) -> _Chosen:
    """The rows on both sides of the hold-out.

    Raises:
        DataProblem: a row cannot be trained on, or too few are left.
        UsageError: the loss cannot learn from these scores.
    """
    info, rows = planned.info, planned.rows
    for issue in check(info, rows):
        if issue.blocking:
            numbers = _numbers(rows, issue.ids)
            raise DataProblem(f"{info.name}: {issue.title}{numbers}.", issue.explanation)
    fitting.check(planned.recipe, planned.stats, info)
    notes = []
    usable = [row for row in rows if row.score is not None] if info.format is Format.SCORED else rows
    if len(usable) < len(rows):
        notes.append(f"{len(rows) - len(usable):,} of {len(rows):,} rows have no score yet and are left out.")
    share, seed = float(planned.recipe.value("holdout")), int(planned.recipe.value("seed"))
    parts: Split = split(usable, info.format, share, seed)
    train = [usable[index] for index in parts.train]
    holdout = [usable[index] for index in parts.holdout]
    if len(train) < FEWEST_ROWS:
        raise DataProblem(
            f"{info.name} has {len(train)} row{'' if len(train) == 1 else 's'} to train on; at least {FEWEST_ROWS} are needed.",
            "Add rows, score those that have none, or hold out fewer.",
        )
    fitting.check_rows(info.format, train)
    return _Chosen(train, holdout, notes + parts.notes)


def _numbers(rows: Sequence[Example], ids: Sequence[int]) -> str:
    wanted = set(ids)
    numbers = [row.number for row in rows if row.id in wanted]
    if not numbers:
        return ""
    shown = ", ".join(str(number) for number in numbers[:5])
    more = f" and {len(numbers) - 5:,} more" if len(numbers) > 5 else ""
    return f" (row{'' if len(numbers) == 1 else 's'} {shown}{more})"


def _folder(folder: Path, planned: Plan, run_dir: Path | None) -> Path:
    if run_dir is None:
        return runs.create_run_folder(folder, planned.info.name or planned.project_name)
    with atomic.explained(run_dir):
        run_dir.mkdir(parents=True, exist_ok=True)
        if (run_dir / runs.EVENTS).exists() or (run_dir / runs.SPEC).exists():
            raise TrainingProblem(
                f"{run_dir} already holds a run.", "Runs are never overwritten; choose a new folder."
            )
    return run_dir.resolve()


def _write(planned: Plan, chosen: _Chosen, run_dir: Path, threads: int, allow_download: bool) -> Spec:
    """The snapshot and the spec: with them the run can be repeated without the project."""
    info = planned.info
    data.write(run_dir, info.format, info.negatives, chosen.train, chosen.holdout, info.id)
    spec = to_spec(
        planned.recipe, run_dir, info, train_rows=len(chosen.train), project_name=planned.project_name
    )
    notes = [text for text in (presets.note(planned.recipe.preset), *chosen.notes) if text]
    if processes.count() > 1 and spec.folds:
        spec = replace(spec, folds=0)
        notes.append(
            "Several processes train together, so there is no cross-validation; mark rows eval, or set a hold-out, to measure the result."
        )
    if spec.folds and not chosen.holdout:
        notes += fold_files.plan(run_dir, chosen.train, info.format, spec.folds, spec.seed)
    if spec.search_minutes or spec.search_trials:
        spec, why = _searchable(spec)
        notes += [why] if why else []
    spec = replace(
        spec,
        probes=[list(pair) for pair in planned.probes.pairs],
        probe_queries=list(planned.probes.queries),
        probe_sample=list(planned.probes.sample),
    )
    spec = replace(spec, notes=notes, threads=threads, allow_download=allow_download)
    spec.save()
    return spec


def _searchable(spec: Spec) -> tuple[Spec, str]:
    """The spec of a run that wants a search, without it where there can be none, and why."""
    if processes.count() > 1:
        why = "Several processes train together, so no settings are tried out before."
    elif spec.format is Format.CATEGORIES:
        why = "Texts with categories are trained by the recipe as it is: no settings are tried out before."
    else:
        return spec, ""
    return replace(spec, search_minutes=0.0, search_trials=0), why
