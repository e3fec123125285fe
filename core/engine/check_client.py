"""Asks a process of its own for the issues of a dataset."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.dataset.issues import Issue
from core.engine.launch import Child
from core.engine.protocol import error_from_record
from core.errors import Cancelled, EngineProblem

_PATIENCE = 0.05  # seconds between two looks at `should_stop`


def check_in_child(
    folder: Path,
    dataset_id: int,
    *,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> list[Issue]:
    """The issues as `core.dataset.validation.check` finds them. Blocks; call it from a worker thread.

    Raises:
        Cancelled: `should_stop` said so. EngineProblem: the process cannot be started or died.
        ProjectProblem and its kinds: the project cannot be read.
    """
    messages: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    child = Child(
        "core.engine.check_server", messages.put, lambda: messages.put(None), threads=1, low_priority=True
    )
    issues: list[Issue] = []
    ids: list[tuple[int, ...]] = []
    try:
        child.send({"op": "check", "params": {"project": str(folder), "dataset_id": dataset_id}})
        while True:
            if should_stop is not None and should_stop():
                raise Cancelled
            try:
                message = messages.get(timeout=_PATIENCE)
            except queue.Empty:
                continue
            if message is None:
                raise EngineProblem("The check of the examples ended unexpectedly.", details=child.log)
            match message.get("type"):
                case "progress" if on_progress is not None:
                    on_progress(message["done"], message["total"])
                case "issue":
                    words = {key: message[key] for key in ("kind", "title", "explanation", "blocking")}
                    issues.append(Issue(**words))
                    ids.append(())
                case "ids":
                    ids[-1] += tuple(message["ids"])
                case "error":
                    raise error_from_record(message)
                case "done":
                    return [replace(issue, ids=found) for issue, found in zip(issues, ids, strict=True)]
    finally:
        child.end(grace=0.2)
