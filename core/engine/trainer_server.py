"""A trainer: `python -m core.engine.trainer_server`, a process of low priority that trains one run and ends.

It starts as a standby: everything heavy is imported, nothing is loaded, no project is touched. Its one job is
`core.training.job.run_project` or `resume_run`, or a learning curve; each event goes over the pipe as it happens. It can pause between two steps.
When the parent dies during a run, paused or not, the run stops and is kept.
"""

from __future__ import annotations

import importlib
import logging
import os
import queue
import signal
import threading
import traceback
from pathlib import Path
from typing import Any

from core import imports
from core.engine import protocol, stdio
from core.engine.protocol import VERSION
from core.errors import AnchorLabError, Cancelled, TrainingProblem
from core.training import events
from core.training.pausing import Pause

log = logging.getLogger("trainer")

# What a run needs, imported while nobody waits for it.
_HEAVY = (
    "torch",
    "pandas",
    "pyarrow.parquet",
    "datasets",
    "accelerate",
    "transformers.trainer",
    "sentence_transformers.sentence_transformer.trainer",
    "sentence_transformers.sentence_transformer.losses",
    "sentence_transformers.sentence_transformer.evaluation",
    "core.models.loading",
    "core.training.trainer",
    "core.training.job",
)


class Control:
    """What the parent asked for: a run, its end, or its disappearance. Written by the listening thread and by signals."""

    def __init__(self) -> None:
        self.jobs: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.running = False
        self.alone = False  # the parent has gone
        self.pause = Pause()
        self._stop = threading.Event()
        self._discard = threading.Event()

    def start(self, params: dict[str, Any]) -> None:
        if not self.running:
            self.running = True
            self.jobs.put(params)

    def stop(self) -> None:
        """Stop and keep; a standby has nothing to keep."""
        if not self.running:
            os._exit(0)
        self._stop.set()

    def forget_stop(self) -> None:
        """A stop was heeded and the run goes on with its next part, unless nobody is there any more to stop that."""
        if not self.alone:
            self._stop.clear()

    def discard(self) -> None:
        self._discard.set()

    def should_stop(self) -> bool:
        """Asked by the training loop at every step.

        Raises:
            Cancelled: the person threw the run away.
        """
        if self._discard.is_set():
            raise Cancelled("The run was discarded.")
        return self._stop.is_set()


class Stop:
    """`Control.should_stop` as a run wants it."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def __call__(self) -> bool:
        return self._control.should_stop()

    def again(self) -> None:
        """The stop was meant for what came before the training: listen for another."""
        self._control.forget_stop()


def main() -> None:
    """Wait for one run, train it, end."""
    stdio.ignore_interrupts()
    stdio.lower_priority()
    streams = stdio.Streams()
    logging.basicConfig(level=logging.WARNING)
    control = Control()
    signal.signal(signal.SIGTERM, lambda *_: control.stop())
    threading.Thread(target=_listen, args=(streams, control), name="listen", daemon=True).start()
    with imports.kept():
        for name in _HEAVY:
            importlib.import_module(name)
    streams.channel.send({"type": "ready"})
    status = _run(streams, control, control.jobs.get())
    logging.shutdown()
    # not sys.exit: a library's leftover thread must not keep a finished trainer alive
    os._exit(status)


def _listen(streams: stdio.Streams, control: Control) -> None:
    for line in streams.lines():
        message = protocol.parse(line)
        if message is None or message["v"] != VERSION:
            log.warning("not a message: %r", line[:200])
        elif message.get("op") in ("run", "resume", "learning_curve"):
            control.start({**message["params"], "op": message["op"]})
        elif message.get("op") == "pause":
            control.pause.pause()
        elif message.get("op") == "unpause":
            control.pause.unpause()
        elif message.get("op") == "stop":
            control.stop()
        elif message.get("op") == "discard":
            control.discard()
    control.alone = True
    control.stop()


def _run(streams: stdio.Streams, control: Control, params: dict[str, Any]) -> int:
    from core.training.curve_job import learning_curve
    from core.training.job import resume_run, run_project

    def on_event(event: events.Event) -> None:
        streams.channel.send({"type": "event", "event": events.as_record(event)})

    try:
        how: dict[str, Any] = {
            "on_event": on_event,
            "should_stop": Stop(control),
            "threads": stdio.threads_wanted(),
            "allow_download": bool(params.get("allow_download")),
            "pause": control.pause,
        }
        if params["op"] == "learning_curve":
            learning_curve(
                Path(params["project"]),
                dataset_id=params["dataset_id"],
                overrides=params["overrides"],
                preset=params.get("preset"),
                **how,
            )
        elif params["op"] == "resume":
            resume_run(Path(params["run"]), **how)
        else:
            run_project(
                Path(params["project"]),
                dataset_id=params["dataset_id"],
                overrides=params["overrides"],
                preset=params.get("preset"),
                settings=params.get("settings"),
                **how,
            )
    except AnchorLabError as error:
        streams.channel.send({"type": "error", **protocol.error_record(error)})
        return 1
    except Exception as error:
        log.exception("run")
        reason = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
        problem = TrainingProblem(
            f"Training failed: {reason}",
            "The details help when you report it.",
            details=traceback.format_exc(),
        )
        streams.channel.send({"type": "error", **protocol.error_record(problem)})
        return 1
    streams.channel.send({"type": "done"})
    return 0


if __name__ == "__main__":
    main()
