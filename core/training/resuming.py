"""Go on with a run that was interrupted, in its own folder. Torch-free until it trains."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from core import atomic
from core.errors import TrainingProblem
from core.locks import FileLock
from core.training import checkpoints, runs, search_record, train
from core.training.events import Event, FinishedEvent
from core.training.pausing import Pause
from core.training.recording import Recorder, acquire, recorded
from core.training.resumption import Resumption
from core.training.spec import Spec


def resume_run(
    run_dir: Path,
    on_event: Callable[[Event], None],
    should_stop: Callable[[], bool],
    *,
    pause: Pause | None = None,
    threads: int = 0,
    allow_download: bool = False,
) -> FinishedEvent:
    """Continue from the newest whole checkpoint, or from the start where there is none.

    The log is cut back to that checkpoint and goes on, so that it has each step once; a notice in it says where. The events
    that stay are told to `on_event` again first: whoever listens hears the whole run.

    Raises:
        TrainingProblem: the run is going on, or has ended for good.
        AnchorLabError: as `core.training.job.run_project`.
    """
    run_dir = Path(run_dir).resolve()
    spec = _spec(run_dir, threads, allow_download)
    lock = FileLock(run_dir / runs.LOCK)
    acquire(lock)
    try:
        _ended(run_dir)
        resumption = prepare(run_dir)
        with Recorder(run_dir, on_event, pause, should_stop) as record:
            for event in resumption.events:
                record.again(event)
            return recorded(
                run_dir,
                record,
                lambda: train(spec, record, should_stop, pause=pause, resumption=resumption),
            )
    finally:
        lock.release()


def _spec(run_dir: Path, threads: int, allow_download: bool) -> Spec:
    run = runs.read_run(run_dir) if run_dir.is_dir() else None
    if run is None or run.spec is None or not runs.has_data(run_dir):
        raise TrainingProblem(
            f"There is no run to resume in {run_dir}: its settings or its data are missing.",
            "Start a new run.",
        )
    spec = run.spec
    return replace(
        spec, threads=threads or spec.threads, allow_download=allow_download or spec.allow_download
    )


def _ended(run_dir: Path) -> None:
    run = runs.read_run(run_dir)
    if run.finished is not None:
        how = "was stopped and its model kept" if run.finished.stopped else "is finished"
        raise TrainingProblem(f"The run {run.name} {how}, so there is nothing to resume.", "Start a new run.")
    if run.failed is not None and run.failed.discarded:
        raise TrainingProblem(f"The run {run.name} was discarded.", "Start a new run.")


def prepare(run_dir: Path) -> Resumption:
    """Choose the checkpoint, cut the log back to it, and remove what no longer counts.

    Raises:
        FileProblem
    """
    path = run_dir / runs.EVENTS
    damaged: list[int] = []
    for step, folder in checkpoints.listed(run_dir):
        checkpoint = checkpoints.read(folder, step)
        end = None if checkpoint is None else _end_of_line(path, checkpoint.state["events"])
        if checkpoint is None or end is None:
            damaged.append(step)
            continue
        _cut(path, end)
        checkpoints.prune(run_dir, before=step)
        notice = f"The run goes on after step {step:,}, from its last checkpoint."
        if damaged:
            lost = ", ".join(f"{number:,}" for number in damaged)
            notice = f"The checkpoint of step {lost} is damaged, so the run goes on after step {step:,}, from the one before."
        return Resumption(
            checkpoint, tuple(runs.read_events(run_dir)), notice, "warning" if damaged else "info"
        )
    if path.exists():
        _cut(path, 0)
    checkpoints.clear(run_dir)
    why = "every checkpoint is damaged" if damaged else "there was no checkpoint yet"
    searched = search_record.read(run_dir / search_record.FOLDER)
    kept = " What its search has tried is kept." if searched.tried else ""
    return Resumption(
        notice=f"The run was interrupted and starts again from the beginning: {why}.{kept}",
        level="warning" if damaged else "info",
    )


def _end_of_line(path: Path, count: int) -> int | None:
    """Where line `count` ends, in bytes; None when the file has fewer whole lines."""
    position = 0
    lines = _whole_lines(path)
    for _ in range(count):
        line = next(lines, None)
        if line is None:
            return None
        position += len(line)
    return position


def _whole_lines(path: Path) -> Iterator[bytes]:
    if not path.exists():
        return
    with path.open("rb") as stream:
        for line in stream:
            if line.endswith(b"\n"):
                yield line


def _cut(path: Path, size: int) -> None:
    with atomic.explained(path):
        os.truncate(path, size)
        atomic.sync(path)
