"""Keeps the issues of one big dataset current, for as long as it is asked: `python -m core.engine.check_server`.

In the window's process the check of a million rows would hold the interpreter for a second at a time, on whatever thread it runs.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from core.dataset.formats import Example
from core.engine import protocol, stdio
from core.engine.protocol import VERSION, Channel
from core.errors import AnchorLabError, ProjectProblem

IDS_A_MESSAGE = 5_000
_ROWS_A_REPORT = 20_000


def main() -> None:
    """Answer one question after the other; end at once when the parent goes away."""
    stdio.ignore_interrupts()
    stdio.lower_priority()
    streams = stdio.Streams()
    logging.basicConfig(level=logging.WARNING)
    asked: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(streams.lines(), asked), name="listen", daemon=True).start()
    params = asked.get()["params"]
    server = _Server(streams.channel, Path(params["project"]), int(params["dataset_id"]))
    while True:
        _answer(streams.channel, server, asked.get())


def _listen(lines: Iterator[bytes], asked: queue.SimpleQueue[dict[str, Any]]) -> None:
    for line in lines:
        message = protocol.parse(line)
        if message is None or message["v"] != VERSION:
            os._exit(2)
        asked.put(message)
    os._exit(0)  # nobody waits for an answer any more


def _answer(channel: Channel, server: _Server, message: dict[str, Any]) -> None:
    try:
        match message["op"]:
            case "check":
                server.check()
            case "update":
                server.update([int(id) for id in message["params"]["ids"]])
            case "divide":
                server.divide(message["params"])
            case "plan":
                server.plan(message["params"])
    except AnchorLabError as error:
        channel.send({"type": "error", **protocol.error_record(error)})
    except Exception as error:
        logging.getLogger("check").exception("check")
        problem = ProjectProblem("The examples could not be checked.", details=repr(error))
        channel.send({"type": "error", **protocol.error_record(problem)})
    else:
        channel.send({"type": "done"})


class _Server:
    """What it knows about the dataset between two questions."""

    def __init__(self, channel: Channel, folder: Path, dataset_id: int) -> None:
        from core.dataset.checker import Checker
        from core.dataset.issues import Issue

        self._channel = channel
        self._folder = folder
        self._dataset_id = dataset_id
        self._checker: Checker | None = None
        self._told: dict[str, Issue] = {}

    def check(self) -> None:
        from core.dataset.checker import Checker
        from core.engine.project_check import limit_for
        from core.project import Reader
        from core.project.meant import accepted

        with closing(Reader(self._folder)) as reader, reader.snapshot():
            info = reader.dataset(self._dataset_id)
            self._checker = Checker(info, limit_for(reader))
            self._checker.add(self._told_rows(reader.rows(info.id), info.rows))
            self._tell(accepted(reader, info.id))

    def update(self, ids: Sequence[int]) -> None:
        from core.project import Reader
        from core.project.meant import accepted
        from core.project.slices import examples_of

        if self._checker is None:
            return self.check()
        with closing(Reader(self._folder)) as reader, reader.snapshot():
            reader.dataset(self._dataset_id)
            if ids:
                self._checker.update(ids, examples_of(reader, ids))
            self._tell(accepted(reader, self._dataset_id))

    def divide(self, params: dict[str, Any]) -> None:
        from core.dataset.dividing import SPLITS, Wish, divide
        from core.project import Reader

        with closing(Reader(self._folder)) as reader, reader.snapshot():
            info = reader.dataset(self._dataset_id)
            found = divide(list(reader.rows(info.id)), info.format, Wish(**params))
        for split in SPLITS:
            ids = [id for id, given in found.splits.items() if given == split]
            for start in range(0, len(ids), IDS_A_MESSAGE):
                self._channel.send({"type": "ids", "split": split, "ids": ids[start : start + IDS_A_MESSAGE]})
        counts, mix = dict(found.counts), dict(found.mix)
        self._channel.send(
            {"type": "division", "counts": counts, "mix": mix, "shared": found.shared, "notes": found.notes}
        )

    def plan(self, params: dict[str, Any]) -> None:
        from core.dataset.issues import Issue
        from core.engine.project_check import plan_for
        from core.project import Reader

        ids, group_of, of = (tuple(params[name]) for name in ("ids", "group_of", "of"))
        issue = Issue(params["kind"], "", "", ids, group_of=group_of, of=of)
        with closing(Reader(self._folder)) as reader, reader.snapshot():
            info = reader.dataset(self._dataset_id)
            made = plan_for(reader, info, issue, params["key"], lambda rows: rows)
        for start in range(0, max(len(made.cells), len(made.delete)), IDS_A_MESSAGE):
            part = slice(start, start + IDS_A_MESSAGE)
            self._channel.send({"type": "part", "cells": made.cells[part], "delete": made.delete[part]})
        lines = [(line.number, line.column, line.before, line.after, line.about) for line in made.lines]
        self._channel.send({"type": "plan", "name": made.name, "lines": lines, "notes": made.notes})

    def _told_rows(self, rows: Iterator[Example], total: int) -> Iterator[Example]:
        for number, example in enumerate(rows):
            if number % _ROWS_A_REPORT == 0:
                self._channel.send({"type": "progress", "done": number, "total": total})
            yield example

    def _tell(self, accepted: Any) -> None:
        """The issues; those that are as they were are only named."""
        assert self._checker is not None
        issues = self._checker.issues(accepted)
        for issue in issues:
            if self._told.get(issue.kind) == issue:
                self._channel.send({"type": "same", "kind": issue.kind})
                continue
            words = ("kind", "title", "explanation", "blocking", "groups")
            self._channel.send({"type": "issue", **{word: getattr(issue, word) for word in words}})
            for start in range(0, len(issue.ids), IDS_A_MESSAGE):
                part = slice(start, start + IDS_A_MESSAGE)
                lists = {"ids": issue.ids[part], "groups": issue.group_of[part], "of": issue.of[part]}
                self._channel.send({"type": "ids", **lists})
        self._told = {issue.kind: issue for issue in issues}


if __name__ == "__main__":
    main()
