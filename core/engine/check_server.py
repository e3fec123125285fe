"""Checks one big dataset and ends: `python -m core.engine.check_server`.

In the window's process the check of a million rows would hold the interpreter for a second at a time, on whatever thread it runs.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.dataset.formats import Example
from core.engine import protocol, stdio
from core.engine.protocol import VERSION, Channel
from core.errors import AnchorLabError, ProjectProblem

IDS_A_MESSAGE = 5_000
_ROWS_A_REPORT = 20_000


def main() -> None:
    """Wait for one question, answer it, end; end at once when the parent goes away."""
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
    """Nobody waits for the answer any more once the pipe is closed."""
    for _ in asked:
        pass
    os._exit(0)


def _answer(channel: Channel, params: dict[str, Any]) -> int:
    try:
        _check(channel, Path(params["project"]), int(params["dataset_id"]))
    except AnchorLabError as error:
        channel.send({"type": "error", **protocol.error_record(error)})
        return 1
    except Exception as error:
        logging.getLogger("check").exception("check")
        problem = ProjectProblem("The examples could not be checked.", details=repr(error))
        channel.send({"type": "error", **protocol.error_record(problem)})
        return 1
    channel.send({"type": "done"})
    return 0


def _check(channel: Channel, folder: Path, dataset_id: int) -> None:
    from core.dataset.validation import check
    from core.project import Reader

    with Reader(folder) as reader, reader.snapshot():
        info = reader.dataset(dataset_id)

        def rows() -> Iterator[Example]:
            for number, example in enumerate(reader.rows(dataset_id)):
                if number % _ROWS_A_REPORT == 0:
                    channel.send({"type": "progress", "done": number, "total": info.rows})
                yield example

        for issue in check(info, rows()):
            channel.send(
                {
                    "type": "issue",
                    "kind": issue.kind,
                    "title": issue.title,
                    "explanation": issue.explanation,
                    "blocking": issue.blocking,
                }
            )
            for start in range(0, len(issue.ids), IDS_A_MESSAGE):
                channel.send({"type": "ids", "ids": issue.ids[start : start + IDS_A_MESSAGE]})


if __name__ == "__main__":
    main()
