"""The learning curve of a project's dataset, from its rows to the result on disk. Torch-free until it trains.

`prepare` says what it will take, `learning_curve` draws it (the trainer process and the command line call it), `known` reads what is
on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dataset.formats import Example, Format
from core.dataset.stats import describe
from core.errors import DataProblem, TrainingProblem
from core.locks import FileLock
from core.project import Reader
from core.training import curve_record, curve_shares, data, fold_files, job, pace
from core.training.automatic_measuring import FOLDS
from core.training.curve_record import Record
from core.training.curve_shares import Training
from core.training.events import Event, LearningCurveEvent
from core.training.pausing import Pause
from core.training.recipe import recipe_for, to_spec
from core.training.spec import Spec

if TYPE_CHECKING:
    from core.training.learning_curve import Work

# of a spec: what decides how the model is trained
_SETTINGS = (
    "base_model",
    "loss",
    "loss_parameters",
    "batch_size",
    "epochs",
    "learning_rate",
    "warmup_steps",
    "weight_decay",
    "seed",
    "dropout",
    "matryoshka",
    "lora",
    "blend",
    "precision",
)


@dataclass(frozen=True)
class Prepared:
    """`seconds` that are left to train (None: nothing to go by); `record` holds what an earlier curve of the same rows trained."""

    folder: Path
    train: list[Example]
    holdout: list[Example]
    held: list[list[int]]
    trainings: list[Training]
    specs: dict[float, Spec]
    record: Record
    seconds: float | None

    @property
    def left(self) -> int:
        """Trainings to come."""
        return sum(training.key not in self.record.values for training in self.trainings)

    def work(self) -> Work:
        from core.training.learning_curve import Work

        spec = next(iter(self.specs.values()))
        rows = [data.row_of(spec.format, example) for example in self.train]
        holdout = [data.row_of(spec.format, example) for example in self.holdout]
        return Work(rows, holdout, self.held, self.trainings, self.specs, spec.seed, self.folder)


def prepare(
    folder: Path,
    dataset_id: int | None = None,
    overrides: Mapping[str, Any] | None = None,
    preset: str | None = None,
) -> Prepared:
    """What a curve of this dataset takes. Nothing is written and torch is not imported.

    Raises:
        ProjectProblem, UsageError, FileProblem
        DataProblem: no such dataset, a row that cannot be trained on, or too few rows.
    """
    folder = Path(folder)
    planned = job.plan(folder, dataset_id, overrides, preset)
    chosen = job.rows_to_use(planned)
    info, spec_of = planned.info, {}
    place = curve_record.place(folder, info.id).resolve()
    full = to_spec(planned.recipe, place, info, train_rows=len(chosen.train))
    held = _held(chosen.train, chosen.holdout, full)
    kept = [sorted(set(range(len(chosen.train))) - set(rows)) for rows in held]
    trainings = curve_shares.trainings(chosen.train, info.format, kept, full.seed)
    with Reader(folder) as reader:
        for share in dict.fromkeys(training.share for training in trainings):
            sample = next(training for training in trainings if training.share == share)
            rows = [replace(chosen.train[row], split="") for row in sample.rows]
            wanted = {**(overrides or {}), "holdout": 0, "folds": 0, "search_minutes": 0, "search_trials": 0}
            recipe = recipe_for(reader, info, describe(info, rows), wanted, preset)
            spec = to_spec(recipe, place, info, train_rows=len(rows))
            # the loss is that of all rows: with another one the shares could not be compared
            spec_of[share] = replace(
                full,
                batch_size=spec.batch_size,
                epochs=spec.epochs,
                learning_rate=spec.learning_rate,
                warmup_steps=spec.warmup_steps,
            )
    record = curve_record.read(place)
    key = _key(chosen.train, chosen.holdout, spec_of)
    if record.key != key:
        record = Record(key)
    seconds = _seconds(planned, chosen.train, trainings, spec_of, record)
    return Prepared(place, chosen.train, chosen.holdout, held, trainings, spec_of, record, seconds)


def known(folder: Path, dataset_id: int) -> LearningCurveEvent | None:
    """What was last found for a dataset, finished or not."""
    return curve_record.read(curve_record.place(Path(folder), dataset_id)).result


def learning_curve(
    folder: Path,
    *,
    dataset_id: int | None = None,
    overrides: Mapping[str, Any] | None = None,
    preset: str | None = None,
    on_event: Callable[[Event], None],
    should_stop: Callable[[], bool],
    threads: int = 0,
    allow_download: bool = False,
    pause: Pause | None = None,
) -> LearningCurveEvent:
    """Draw the curve, or go on with it; a finished one of the same rows and settings is told again at once.

    Raises:
        Cancelled: `should_stop` said so; what is trained by then is kept.
        AnchorLabError
    """
    prepared = prepare(folder, dataset_id, overrides, preset)
    result = prepared.record.result
    if result is not None and result.done:
        on_event(result)
        return result
    lock = FileLock(prepared.folder / curve_record.LOCK)
    if not lock.acquire():
        raise TrainingProblem("This learning curve is being drawn already.", "Wait for it, or cancel it.")
    try:
        specs = {
            share: replace(spec, threads=threads, allow_download=allow_download)
            for share, spec in prepared.specs.items()
        }
        from core.training.learning_curve import Curve

        work = replace(prepared.work(), specs=specs)
        return Curve(work, prepared.record, on_event, should_stop, pause).go()
    finally:
        lock.release()


def _held(train: list[Example], holdout: list[Example], spec: Spec) -> list[list[int]]:
    """The rows that measure each fold; one empty fold with a hold-out.

    Raises:
        DataProblem: nothing can be measured.
    """
    if holdout:
        return [[]]
    if spec.format is not Format.CATEGORIES:
        rows = [data.row_of(spec.format, example) for example in train]
        found = fold_files.cut(rows, spec.format, spec.folds or FOLDS, spec.seed)
        if found is not None:
            return [found.held(number) for number in range(found.count)]
    raise DataProblem(
        "There are too few groups of rows to measure a learning curve.", "Label some more rows first."
    )


def _key(train: list[Example], holdout: list[Example], specs: Mapping[float, Spec]) -> str:
    rows = [[list(row.texts), row.score, row.split] for row in (*train, *holdout)]
    settings = {str(share): {name: asdict(spec)[name] for name in _SETTINGS} for share, spec in specs.items()}
    return curve_record.key(rows, {"train": len(train), "specs": settings})


def _seconds(
    planned: job.Plan,
    train: list[Example],
    trainings: list[Training],
    specs: Mapping[float, Spec],
    record: Record,
) -> float | None:
    per_row = pace.work(planned.info, train) / max(len(train), 1)
    tokens = sum(
        per_row * len(training.rows) * float(specs[training.share].epochs)
        for training in trainings
        if training.key not in record.values
    )
    if not tokens:
        return 0.0
    return pace.seconds(str(planned.recipe.value("base_model")), tokens)
