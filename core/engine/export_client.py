"""Exports a run's model. What needs torch happens in a process of its own, which can be cancelled at any moment."""

from __future__ import annotations

import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import atomic
from core.engine.launch import Child
from core.engine.protocol import error_from_record
from core.errors import Cancelled, EngineProblem, UsageError
from core.models.export import copy_tree, places
from core.models.export_request import (
    Agreement,
    ExportFormat,
    ExportProgress,
    ExportRequest,
    ExportResult,
    require_packages,
)

_PATIENCE = 0.05  # seconds between two looks at `should_stop`


def export_run(
    request: ExportRequest,
    *,
    on_progress: Callable[[ExportProgress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ExportResult:
    """Export the model of a run to a new folder. Blocks; call it from a worker thread.

    `request.out` appears when everything is done, the comparison with the original included, and not at all otherwise.

    Raises:
        Cancelled: `should_stop` said so.
        UsageError: 8 bits were asked for in a format that has none.
        FileProblem: the run has no model, or `request.out` is a file or a folder with something in it.
        ModelProblem: a package is missing (the sentence tells which, and how to install it), the architecture cannot be exported,
            or the exported model is not the same any more.
        TrainingProblem, DataProblem: the data of the run, with which the models are compared, are missing.
        DiskFull, EngineProblem
    """
    if request.int8 and request.format is ExportFormat.SAFETENSORS:
        raise UsageError("safetensors has no 8-bit form.", "Choose onnx or openvino, or leave out int8.")
    require_packages(request.format)
    model, out = places(request.run_folder, request.out)
    agreement, warning = None, ""
    with atomic.new_folder(out) as place:
        if request.format is ExportFormat.SAFETENSORS:
            copy_tree(model, place)
        else:
            agreement, warning = _in_child(request, place, on_progress, should_stop)
        written = _size(place)
    return ExportResult(out, request.format, request.int8, written, _size(model), agreement, warning)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _in_child(
    request: ExportRequest,
    place: Path,
    on_progress: Callable[[ExportProgress], None] | None,
    should_stop: Callable[[], bool] | None,
) -> tuple[Agreement, str]:
    messages: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    child = Child(
        "core.engine.export_server", messages.put, lambda: messages.put(None), threads=0, low_priority=True
    )
    params = {
        "run": str(request.run_folder),
        "place": str(place),
        "format": request.format.value,
        "int8": request.int8,
    }
    try:
        child.send({"op": "export", "params": params})
        while True:
            if should_stop is not None and should_stop():
                raise Cancelled
            try:
                message = messages.get(timeout=_PATIENCE)
            except queue.Empty:
                continue
            if message is None:
                raise _ended(child)
            match message.get("type"):
                case "progress" if on_progress is not None:
                    on_progress(ExportProgress(message["done"], message["text"]))
                case "error":
                    raise error_from_record(message)
                case "result":
                    return Agreement(**message["agreement"]), message["warning"]
    finally:
        child.end(grace=0.2)


def _ended(child: Child) -> EngineProblem:
    killed = child.exit_status == -9
    return EngineProblem(
        "The export ended unexpectedly" + (": it was killed, perhaps for lack of memory." if killed else "."),
        "Close other programs and try again." if killed else "The details help when you report it.",
        details=child.log,
    )
