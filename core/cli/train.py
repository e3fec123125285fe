"""`anchorlab train DIR`: a run in this process. Ctrl+C stops and keeps the model, a second one ends at once.

With `--resume RUN` it goes on with an interrupted run.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

from core import imports
from core.cli import crash
from core.cli.output import Output, abandon
from core.cli.progress import Progress
from core.cli.reading import chosen_one, project_folder, reading
from core.errors import AnchorLabError, Cancelled, UsageError
from core.training import processes


class Stop:
    """Whether to stop and keep. The first Ctrl+C asks for it; so does a reader of our output that has gone."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self) -> bool:
        return self.asked

    def again(self) -> None:
        """The stop was meant for what came before the training: listen for another."""
        self.asked = False


def run(args: argparse.Namespace, out: Output) -> int:
    if args.dry_run:
        from core.cli import dry_run

        return dry_run.run(args, out)
    if processes.follower():
        from core.training.following import follow

        with quiet_libraries():
            return follow()
    if processes.count() > 1 and args.resume is not None:
        raise UsageError("A run goes on in one process.", "Start it without torchrun.")
    progress = Progress(out)
    try:
        with quiet_libraries(), _interruptible(out) as stop:
            (_train if args.resume is None else _resume)(args, progress, stop)
    except AnchorLabError as error:
        return _failed(out, progress, error)
    except KeyboardInterrupt:
        return _failed(out, progress, Cancelled())
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the stream must end with `failed`, whatever happened
        return _failed(out, progress, crash.unexpected(error))
    return 0


def _train(args: argparse.Namespace, progress: Progress, stop: Stop) -> None:
    from core.cli.recipe import computed, overrides

    wanted = overrides(args)
    with reading(args.dir) as reader:
        dataset = chosen_one(reader, args.dataset)
        # an unknown key or value is found here, before torch is imported
        progress.begin(dataset, computed(reader, dataset, wanted, args.preset))

    _import()
    from core.training.job import run_project

    finished = run_project(
        project_folder(args.dir),
        dataset_id=dataset.id,
        overrides=wanted,
        preset=args.preset,
        on_event=_shown(progress, stop),
        should_stop=stop,
    )
    _probes(args, progress, stop, finished.run)


def _probes(args: argparse.Namespace, progress: Progress, stop: Stop, run: str) -> None:
    """What somebody keeps an eye on, under the new model; not for somebody who wants to be done."""
    if stop.asked or processes.count() > 1:
        return
    from core.cli.probes import after_training

    after_training(project_folder(args.dir), run, progress.out)


def _resume(args: argparse.Namespace, progress: Progress, stop: Stop) -> None:
    from core.training.runs import find_run

    if args.settings or args.model or args.dataset or args.preset:
        raise UsageError(
            "A resumed run keeps its own settings and data.",
            "Leave out --set, --preset, --model and --dataset, or start a new run without --resume.",
        )
    run = find_run(project_folder(args.dir), args.resume)
    progress.run = run.name
    if not progress.out.json:
        progress.out.progress(f"Resuming {run.name} …")

    _import()
    from core.training.job import resume_run

    finished = resume_run(run.folder, _shown(progress, stop), stop)
    _probes(args, progress, stop, finished.run)


def _import() -> None:
    with imports.kept():
        import core.training.trainer  # noqa: F401 - and torch with its family


def _shown(progress: Progress, stop: Stop) -> Callable[[Any], None]:
    def show(event: Any) -> None:
        try:
            progress.event(event)
        except BrokenPipeError:
            abandon(progress.out.stream)
            progress.silent = stop.asked = True

    return show


def _failed(out: Output, progress: Progress, error: AnchorLabError) -> int:
    if out.json and not progress.ended:
        out.record({"event": "failed", "run": progress.run, "message": error.message, "hint": error.hint})
    out.error(error, quiet=True)
    return error.exit_code


@contextlib.contextmanager
def _interruptible(out: Output) -> Iterator[Stop]:
    """Ctrl+C (and a polite request to end) stops and keeps; asked twice, the process ends at once."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def asked(number: int, frame: object) -> None:
        if stop.asked:
            os._exit(1)  # nothing is lost: events and checkpoints are on disk, the run counts as interrupted
        stop.asked = True
        if not out.json:
            os.write(2, b"\nStopping after this step and keeping the model. Ctrl+C again ends at once.\n")

    numbers = [signal.SIGINT, signal.SIGTERM]
    before = {number: signal.signal(number, asked) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Libraries print while they work; the standard output belongs to the events."""
    os.environ.setdefault("TQDM_DISABLE", "1")
    with contextlib.redirect_stdout(sys.stderr):
        yield
