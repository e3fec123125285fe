"""The engine: `python -m core.engine.server`, a process that owns torch and answers one request after the other.

One thread reads, so that a cancellation or the parent's death is noticed in the middle of an encode; the main thread works.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import traceback
from typing import Any

from core import imports
from core.engine import protocol, stdio
from core.engine.jobs import Job, JobQueue
from core.engine.protocol import VERSION, Channel
from core.errors import AnchorLabError, EngineProblem

log = logging.getLogger("engine")


def main() -> None:
    """Serve until the parent closes the pipe."""
    stdio.ignore_interrupts()
    streams = stdio.Streams()
    logging.basicConfig(level=logging.WARNING)
    queue = JobQueue()
    threading.Thread(target=_listen, args=(streams, queue), name="listen", daemon=True).start()
    engine = _warm_up(streams.channel)
    while True:
        _serve(engine, queue.next())


def _listen(streams: stdio.Streams, queue: JobQueue) -> None:
    for line in streams.lines():
        message = protocol.parse(line)
        if message is None:
            log.warning("not a message: %r", line[:200])
        elif message["v"] != VERSION:
            problem = EngineProblem(
                f"The engine speaks version {VERSION}, not {message['v']}.", "Restart the program."
            )
            Job(message, streams.channel).fail(problem)
        elif message.get("op") == "cancel":
            queue.cancel(message.get("target"))
        else:
            queue.add(Job(message, streams.channel))
    # The parent is gone or done with us. Nothing here needs an orderly end: files are written so that a kill cannot hurt them.
    os._exit(0)


def _warm_up(channel: Channel) -> Any:
    """Import what is heavy, load the base model and run it once; say when requests will be answered at once."""
    started = time.monotonic()
    with imports.kept():
        import sentence_transformers  # noqa: F401 - half of what loading the first model takes
        import torch

        from core.engine.models import ModelStore
        from core.engine.operations import Engine
        from core.models import catalogue, loading

    if threads := stdio.threads_wanted():
        torch.set_num_threads(threads)
    engine = Engine(ModelStore())
    problem = ""
    try:
        engine.models.get(catalogue.EMBEDDED).model.encode(["warm"], show_progress_bar=False)
    except AnchorLabError as error:
        problem = str(error)
    channel.send(
        {
            "type": "warm",
            "seconds": time.monotonic() - started,
            "device": loading.device_title(loading.pick_device()),
            "threads": torch.get_num_threads(),
            "problem": problem,
        }
    )
    return engine


def _serve(engine: Any, job: Job) -> None:
    from core.engine.operations import OPERATIONS

    try:
        job.check()
        operation = OPERATIONS.get(job.op)
        if operation is None:
            raise EngineProblem(f"The engine does not know “{job.op}”.", f"It knows {', '.join(OPERATIONS)}.")
        job.answer(operation(engine, job.params, job))
    except AnchorLabError as error:
        job.fail(error)
    except Exception as error:
        log.exception("request %s", job.op)
        job.fail(_problem(engine, error))
        if type(error).__name__ == "AcceleratorError":
            os._exit(
                1
            )  # after such a fault every further call of this process fails; the client starts a new one


def _problem(engine: Any, error: Exception) -> EngineProblem:
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        traceback.clear_frames(error.__traceback__)  # what was at hand where the memory ended
        engine.release()
        return EngineProblem(
            "There is not enough memory for this.", "Close other programs, or use a smaller model."
        )
    reason = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    return EngineProblem(
        f"The engine could not do this: {reason}",
        "Try again; the details help when you report it.",
        details="".join(traceback.format_exception(error)),
    )


if __name__ == "__main__":
    main()
