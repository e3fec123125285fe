"""The runs of a project on disk: their folders, events, state and notes. No torch.

A run is a folder `runs/0007-name/` that is never overwritten and whose number is never used again. While a run goes on its
process holds `run.lock`; the operating system frees it however the process ends, so a run that holds no lock and tells no end
was interrupted.
"""

from __future__ import annotations

import datetime
import json
import re
import shutil
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from core import atomic
from core.errors import FileProblem, TrainingProblem
from core.locks import is_locked
from core.training import checkpoints, data
from core.training.events import (
    BaselineEvent,
    EvaluationEvent,
    Event,
    FailedEvent,
    FinishedEvent,
    RecipeEvent,
    StepEvent,
    from_record,
)
from core.training.spec import Spec

RUNS, TRASH = "runs", ".trash"
SPEC, EVENTS, LOCK, NOTE, CREATED = "spec.json", "events.jsonl", "run.lock", "note.txt", "created.txt"
LAST = ".last"  # the highest number ever given

_NAME = re.compile(r"(\d{4,})-.+|(\d{4,})")
_STEP = '{"event":"step"'


@dataclass(frozen=True)
class Run:
    """One line of the history. Figures are None where the run did not come so far."""

    number: int
    name: str
    folder: Path
    status: str  # running, finished, stopped, interrupted, failed
    created: str  # ISO 8601 with the offset
    spec: Spec | None = None
    finished: FinishedEvent | None = None
    failed: FailedEvent | None = None
    steps: int = 0
    total_steps: int = 0
    best: float | None = None
    base: float | None = None
    metric_title: str = ""
    last_loss: float | None = None
    rows: int = 0  # trained on
    holdout_rows: int = 0
    note: str = ""
    seconds: float = 0.0
    resumable: bool = False  # it was interrupted, or failed after a checkpoint, and can go on

    @property
    def model(self) -> Path | None:
        """The finished model's folder, if there is one."""
        folder = self.folder / "model"
        return folder if (folder / "modules.json").is_file() else None


def runs_folder(project_folder: Path) -> Path:
    return project_folder / RUNS


def create_run_folder(project_folder: Path, name: str) -> Path:
    """A new, empty folder `runs/NNNN-name`; its number is higher than that of any run there ever was.

    Raises:
        DiskFull, FileProblem
    """
    runs = runs_folder(project_folder)
    with atomic.explained(runs):
        (runs / TRASH).mkdir(parents=True, exist_ok=True)
        folder = _claim(runs, slug(name))
    atomic.write_text(
        folder / CREATED, datetime.datetime.now().astimezone().isoformat(timespec="seconds") + "\n"
    )
    return folder


def _claim(runs: Path, name: str) -> Path:
    """Make the next folder. Two processes may want the same number: the one that makes its marker first has it, unless by
    then another has come and gone with that number."""
    number = _highest(runs)
    while True:
        number += 1
        marker = runs / f".{number:04d}"
        try:
            marker.mkdir()
        except FileExistsError:
            continue
        try:
            if _highest(runs) >= number:
                continue
            folder = runs / f"{number:04d}-{name}"
            folder.mkdir()
            atomic.write_text(runs / LAST, f"{number}\n")
            return folder
        finally:
            marker.rmdir()


def _highest(runs: Path) -> int:
    numbers = [_number(path.name) for place in (runs, runs / TRASH) for path in place.iterdir()]
    try:
        numbers.append(int((runs / LAST).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        numbers.append(0)
    return max(numbers, default=0)


def _number(name: str) -> int:
    found = _NAME.fullmatch(name)
    return int(found.group(1) or found.group(2)) if found else 0


def slug(name: str) -> str:
    """A folder name that every file system takes: lower-case letters, digits and dashes, at most 40 signs."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].rstrip("-") or "run"


def list_runs(project_folder: Path) -> list[Run]:
    """Every run, newest first; a folder that cannot be read is listed with what can be known of it."""
    runs = runs_folder(project_folder)
    if not runs.is_dir():
        return []
    folders = [
        path for path in runs.iterdir() if _number(path.name) and path.is_dir() and not path.is_symlink()
    ]
    return sorted((read_run(folder) for folder in folders), key=lambda run: run.number, reverse=True)


def find_run(project_folder: Path, which: str) -> Run:
    """The run with this number ("7", "0007") or folder name; "last" is the newest one that has a model.

    Raises:
        FileProblem: there is none; the sentence lists those there are.
    """
    found = list_runs(project_folder)
    for run in found:
        if which in (run.name, str(run.number)) or (which.isdigit() and int(which) == run.number):
            return run
        if which == "last" and run.model is not None:
            return run
    names = ", ".join(run.name for run in found) or "none yet"
    raise FileProblem(f"There is no run {which} in {project_folder}.", f"Runs: {names}.")


def read_run(folder: Path) -> Run:
    """What a run's files say about it."""
    running = is_locked(folder / LOCK)
    run = Run(
        _number(folder.name), folder.name, folder, "running" if running else "interrupted", _created(folder)
    )
    run = replace(run, spec=_spec(folder), note=_note(folder))
    for event in _events(folder, every_step=False):
        if isinstance(event, RecipeEvent):
            run = replace(
                run, rows=event.train_rows, holdout_rows=event.holdout_rows, total_steps=event.total_steps
            )
        elif isinstance(event, BaselineEvent):
            run = replace(run, base=event.value, metric_title=event.title)
        elif isinstance(event, StepEvent):
            run = replace(run, steps=event.step, last_loss=event.loss, seconds=event.elapsed)
        elif isinstance(event, EvaluationEvent) and event.best:
            run = replace(run, best=event.value, metric_title=event.title)
        elif isinstance(event, FinishedEvent):
            status = "stopped" if event.stopped else "finished"
            run = replace(run, status=status, finished=event, steps=event.steps, seconds=event.seconds)
        elif isinstance(event, FailedEvent):
            run = replace(run, status="failed", failed=event)
    return replace(run, resumable=not running and _resumable(run))


def _resumable(run: Run) -> bool:
    if run.finished is not None or run.spec is None or not has_data(run.folder):
        return False
    if run.failed is None:
        return True
    return not run.failed.discarded and bool(checkpoints.listed(run.folder))


def has_data(folder: Path) -> bool:
    """Whether the rows of a run are there, without which it cannot be repeated."""
    return (folder / data.TRAIN).is_file()


def read_events(folder: Path) -> list[Event]:
    """Every event of a run, as far as it was written; lines of kinds unknown to this program are passed over."""
    return list(_events(folder, every_step=True))


def _events(folder: Path, *, every_step: bool) -> Iterator[Event]:
    """The events in order. Without `every_step` only the last step is told, which makes a long run quick to read."""
    path = folder / EVENTS
    if not path.is_file():
        return
    last_step = ""
    with path.open(encoding="utf-8", errors="replace") as stream:
        for line in stream:
            if not line.endswith("\n"):
                break  # torn: the writer was killed
            if every_step:
                yield from _one(line)
                continue
            if line.startswith(_STEP):
                last_step = line
                continue
            if last_step:
                yield from _one(last_step)
                last_step = ""
            yield from _one(line)
    if last_step:
        yield from _one(last_step)


def _one(line: str) -> Iterator[Event]:
    try:
        record = json.loads(line)
        event = from_record(record) if isinstance(record, dict) else None
    except (ValueError, TypeError):
        return  # a damaged line hides itself, not the run
    if event is not None:
        yield event


def _spec(folder: Path) -> Spec | None:
    try:
        return Spec.load(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _note(folder: Path) -> str:
    try:
        return (folder / NOTE).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _created(folder: Path) -> str:
    try:
        return (folder / CREATED).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        made = datetime.datetime.fromtimestamp(folder.stat().st_mtime).astimezone()
        return made.isoformat(timespec="seconds")


def set_note(folder: Path, text: str) -> None:
    """Keep the person's own words about a run; "" removes them.

    Raises:
        DiskFull, FileProblem
    """
    atomic.write_text(folder / NOTE, text)


def delete_run(folder: Path) -> Path:
    """Move a run into the trash beside it, from where `restore_run` brings it back; returns its place there.

    Raises:
        TrainingProblem: it is still running.
        FileProblem: it cannot be moved.
    """
    if is_locked(folder / LOCK):
        raise TrainingProblem(f"The run {folder.name} is still going on.", "Stop it first.")
    target = folder.parent / TRASH / folder.name
    with atomic.explained(folder, "delete"):
        target.parent.mkdir(exist_ok=True)
        folder.rename(target)
    return target


def restore_run(folder: Path) -> Path:
    """Bring a deleted run back. `folder` is its place in the trash or the one it had.

    Raises:
        FileProblem: it is not in the trash, or its place is taken.
    """
    runs = folder.parent.parent if folder.parent.name == TRASH else folder.parent
    source, target = runs / TRASH / folder.name, runs / folder.name
    if target.exists() or not source.is_dir():
        raise FileProblem(
            f"The run {folder.name} cannot be restored: it is not in the trash.", "It may have been emptied."
        )
    with atomic.explained(source, "restore"):
        source.rename(target)
    return target


def empty_trash(project_folder: Path, older_than_days: float = 30) -> int:
    """Remove what has been in the trash for longer; returns how many runs are gone for good."""
    trash = runs_folder(project_folder) / TRASH
    before = time.time() - older_than_days * 86_400
    gone = 0
    for path in list(trash.iterdir()) if trash.is_dir() else []:
        if path.stat().st_ctime < before:
            shutil.rmtree(path, ignore_errors=True)
            gone += 1
    return gone
