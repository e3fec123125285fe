"""Exports one model and ends: `python -m core.engine.export_server`. Ends at once when the parent goes away."""

from __future__ import annotations

import logging
import os
import threading
import traceback
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.engine import protocol, stdio
from core.engine.protocol import VERSION, Channel
from core.errors import AnchorLabError, ModelProblem, TrainingProblem
from core.models.export_request import ExportFormat, ExportProgress

TEXTS = 256  # compared with the original


def main() -> None:
    """Wait for one request, answer it, end."""
    stdio.ignore_interrupts()
    stdio.lower_priority()
    streams = stdio.Streams()
    logging.basicConfig(level=logging.WARNING)
    asked = streams.lines()
    message = protocol.parse(next(asked, b""))
    if message is None or message["v"] != VERSION:
        os._exit(2)
    threading.Thread(target=_follow, args=(asked,), name="follow", daemon=True).start()
    os._exit(_answer(streams.channel, message["params"]))


def _follow(asked: Iterator[bytes]) -> None:
    """Nobody waits for the export any more once the pipe is closed; the parent removes what was written."""
    for _ in asked:
        pass
    os._exit(0)


def _answer(channel: Channel, params: dict[str, Any]) -> int:
    try:
        channel.send({"type": "result", **_export(channel, params)})
    except AnchorLabError as error:
        channel.send({"type": "error", **protocol.error_record(error)})
        return 1
    except Exception as error:
        logging.getLogger("export").exception("export")
        reason = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
        problem = ModelProblem(
            f"The export failed: {reason.rstrip('.')}.",
            "The details help when you report it.",
            details=traceback.format_exc(),
        )
        channel.send({"type": "error", **protocol.error_record(problem)})
        return 1
    return 0


def _export(channel: Channel, params: dict[str, Any]) -> dict[str, Any]:
    from core.models.export_graph import fill
    from core.training.run_texts import some_texts
    from core.training.run_threshold import read_threshold
    from core.training.runs import read_run

    run = read_run(Path(params["run"]))
    if run.spec is None:
        raise TrainingProblem(
            f"The settings of {run.name} are missing or damaged.",
            "Export it as safetensors, which needs nothing else.",
        )

    def tell(progress: ExportProgress) -> None:
        channel.send({"type": "progress", **asdict(progress)})

    agreement, warning = fill(
        run.folder / "model",
        Path(params["place"]),
        ExportFormat(params["format"]),
        bool(params["int8"]),
        some_texts(run.folder, run.spec, TEXTS),
        tell,
        read_threshold(run.folder),
    )
    return {"agreement": asdict(agreement), "warning": warning}


if __name__ == "__main__":
    main()
