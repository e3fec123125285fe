"""The runs of a project on disk: their folders, events, state and notes. No torch.

A run is a folder `runs/0007-name/` that is never overwritten and whose number is never used again. While a run goes on its
process holds `run.lock`; the operating system frees it however the process ends, so a run that holds no lock and tells no end
was interrupted.
"""

from __future__ import annotations

import datetime
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from core import atomic
from core.errors import FileProblem, ProjectProblem, TrainingProblem
from core.training import checkpoints, data, event_log, run_files
from core.training.event_log import EVENTS as EVENTS
from core.training.events import (
    BaselineEvent,
    EvaluationEvent,
    Event,
    FailedEvent,
    FinishedEvent,
    RecipeEvent,
    StepEvent,
)
from core.training.outcome import Outcome, outcome
from core.training.run_files import CREATED, LABEL, LOCK, NOTE, SPEC, held, one_line, read_spec, read_text
from core.training.spec import Spec

__all__ = ["EVENTS", "LOCK", "NOTE", "SPEC", "Run", "list_runs", "read_events", "read_run"]

RUNS, TRASH = "runs", ".trash"
LAST = ".last"  # the highest number ever given

_DIGITS = 9
_NAME = re.compile(r"([0-9]{4,9})-.+|([0-9]{4,9})", re.DOTALL)
_summaries = event_log.Remembered()


@dataclass(frozen=True)
class Run:
    """One line of the history. Figures are None where the run did not come so far."""

    number: int
    name: str
    folder: Path
    status: str  # running, finished, stopped, interrupted, failed, unreadable
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
    label: str = ""  # the person's own name for it, one line; "" = none
    problem: str = ""  # what of its folder cannot be read, in words
    outcome: Outcome = field(default_factory=Outcome)

    @property
    def model(self) -> Path | None:
        """The finished model's folder, if there is one."""
        if self.status == "unreadable" or not run_files.contained(self.folder, "model", "modules.json"):
            return None
        return self.folder / "model"


def runs_folder(project_folder: Path) -> Path:
    return project_folder / RUNS


def create_run_folder(project_folder: Path, name: str) -> Path:
    """A new, empty folder `runs/NNNN-name`; its number is higher than that of any run there ever was.

    Raises:
        DiskFull
        FileProblem: it cannot be made, or its name has bytes that are no text, which the libraries that save models cannot write to.
    """
    runs = runs_folder(project_folder)
    try:
        str(runs.absolute()).encode()
    except UnicodeEncodeError as error:
        raise FileProblem(
            f"The folder {project_folder} has a name with bytes that are no text; no model can be saved in it.",
            "Rename the folder.",
        ) from error
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


def is_named(name: str, which: str) -> bool:
    """Whether somebody who says `which` ("7", "0007" or the whole name) means the run whose folder has this name."""
    if which == name:
        return True
    return which.isdecimal() and len(which) <= _DIGITS and 0 < int(which) == _number(name)


def slug(name: str) -> str:
    """A folder name that every file system takes: lower-case letters, digits and dashes, at most 40 signs."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].rstrip("-") or "run"


def list_runs(project_folder: Path) -> list[Run]:
    """Every run, newest first; a folder that cannot be read is listed with what can be known of it."""
    runs = runs_folder(project_folder)
    return list_runs_in(runs) if runs.is_dir() else []


def runs_of_open(project_folder: Path) -> list[Run]:
    """`list_runs` of a project that is open: where its folder went away, that is no project without runs.

    Raises:
        ProjectProblem
    """
    if not project_folder.is_dir():
        raise ProjectProblem(
            f"The project is no longer in {project_folder}.",
            "Put the folder back where it was, or close the project.",
        )
    return list_runs(project_folder)


def list_runs_in(place: Path) -> list[Run]:
    """The runs whose folders lie in `place`, newest first."""
    folders = [
        path for path in place.iterdir() if _number(path.name) and (path.is_symlink() or path.is_dir())
    ]
    found = [run for run in map(_read_if_there, folders) if run is not None]
    return sorted(found, key=lambda run: (run.number, run.name), reverse=True)


def _read_if_there(folder: Path) -> Run | None:
    """As `read_run`; None for a folder that went away meanwhile."""
    try:
        if not folder.is_symlink():
            return read_run(folder)
        problem = "This is a link to another place. It was not followed."
    except FileNotFoundError:
        return None
    except OSError as error:
        problem = f"The folder cannot be read: {error.strerror or type(error).__name__}."
    return Run(_number(folder.name), folder.name, folder, "unreadable", "", problem=problem)


def find_run(project_folder: Path, which: str) -> Run:
    """The run with this number ("7", "0007") or folder name; "last" is the newest one that has a model.

    Raises:
        FileProblem: there is none; the sentence lists those there are.
    """
    found = [run for run in list_runs(project_folder) if run.status != "unreadable"]
    for run in found:
        if is_named(run.name, which):
            return run
        if which == "last" and run.model is not None:
            return run
    names = ", ".join(run.name for run in found) or "none yet"
    raise FileProblem(f"There is no run {which} in {project_folder}.", f"Runs: {names}.")


def read_run(folder: Path) -> Run:
    """What a run's files say about it. A log that has not changed is not read again."""
    running = held(folder)
    spec, problem = read_spec(folder)
    run = replace(
        _summaries.get(folder, lambda: _summary(folder)),
        created=_created(folder),
        spec=spec,
        note=read_text(folder, NOTE) or "",
        label=one_line(read_text(folder, LABEL) or ""),
        problem=problem,
    )
    if running and run.status == "interrupted":
        run = replace(run, status="running")
    return replace(run, resumable=not running and _resumable(run))


def _summary(folder: Path) -> Run:
    """What the events tell, taken together."""
    run = Run(_number(folder.name), folder.name, folder, "interrupted", "")
    for event in event_log.without_steps(folder):
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
            run = replace(
                run,
                status=status,
                finished=event,
                failed=None,
                steps=event.steps,
                seconds=event.seconds,
                outcome=outcome(event),
            )
        elif isinstance(event, FailedEvent):
            run = replace(run, status="failed", failed=event)
    return run


def _resumable(run: Run) -> bool:
    if run.finished is not None or run.spec is None or not has_data(run.folder):
        return False
    if run.failed is None:
        return True
    return not run.failed.discarded and bool(checkpoints.listed(run.folder))


def has_data(folder: Path) -> bool:
    """Whether the rows of a run are there, without which it cannot be repeated."""
    return run_files.contained(folder, *Path(data.TRAIN).parts) is not None


def read_events(folder: Path) -> list[Event]:
    """Every event of a run, as far as it was written; lines of kinds unknown to this program are passed over."""
    return list(each_event(folder))


def each_event(folder: Path, should_stop: Callable[[], bool] | None = None) -> Iterator[Event]:
    """`read_events` one by one; ends early when `should_stop` says so."""
    return event_log.every(folder, should_stop)


def _created(folder: Path) -> str:
    text = one_line(read_text(folder, CREATED) or "")
    if text:
        return text
    made = datetime.datetime.fromtimestamp(folder.stat().st_mtime).astimezone()
    return made.isoformat(timespec="seconds")


def set_label(folder: Path, text: str) -> None:
    """Give a run a name of the person's own, one line; "" takes it away. The folder's name stays.

    Raises:
        DiskFull, FileProblem
    """
    atomic.write_text(folder / LABEL, one_line(text))


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
    if held(folder):
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
            f"The run {folder.name} cannot be restored: it is not in the trash.", "It may have been removed."
        )
    with atomic.explained(source, "restore"):
        source.rename(target)
    return target


def list_trash(project_folder: Path) -> list[Run]:
    """The deleted runs that can be brought back, newest first."""
    trash = runs_folder(project_folder) / TRASH
    return list_runs_in(trash) if trash.is_dir() else []


def has_trash(project_folder: Path) -> bool:
    """Whether there are deleted runs; much quicker than reading them."""
    trash = runs_folder(project_folder) / TRASH
    return trash.is_dir() and any(_number(path.name) for path in trash.iterdir())


def remove_from_trash(folder: Path) -> None:
    """Remove a deleted run for good. `folder` is its place in the trash.

    Raises:
        FileProblem: it is not in a trash, or cannot be removed.
    """
    if folder.parent.name != TRASH:
        raise FileProblem(f"The run {folder.name} is not in the trash.", "Delete it first.")
    with atomic.explained(folder, "remove"):
        if folder.is_symlink():
            folder.unlink()
        else:
            shutil.rmtree(folder)
