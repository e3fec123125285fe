"""Asks a process of its own for the issues of a big dataset, and keeps it to ask again after each change."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core.dataset.dividing import Division, Wish
from core.dataset.fix_plan import Line, Plan
from core.dataset.issues import Issue
from core.engine.launch import Child
from core.engine.protocol import error_from_record
from core.errors import Cancelled, EngineProblem

_PATIENCE = 0.05  # seconds between two looks at `should_stop`
Progress = Callable[[int, int], None]
Stop = Callable[[], bool]


class CheckClient:
    """The process, started with the first question. One question at a time, from any thread; `close` may come from another one and ends
    the question that is being answered.

    Every question raises Cancelled (`should_stop` said so; the process is ended), EngineProblem (it cannot be started or
    died), or ProjectProblem and its kinds (the project cannot be read).
    """

    def __init__(self, folder: Path, dataset_id: int) -> None:
        self._folder = folder
        self._dataset_id = dataset_id
        self._messages: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._child: Child | None = None
        self._known: dict[str, Issue] = {}
        self._closed = False

    @property
    def started(self) -> bool:
        return self._child is not None

    def check(self, on_progress: Progress | None = None, should_stop: Stop | None = None) -> list[Issue]:
        """The issues as `core.engine.project_check.check_project` finds them, from all rows."""
        return self._issues({"op": "check"}, on_progress, should_stop)

    def update(self, ids: Sequence[int], should_stop: Stop | None = None) -> list[Issue]:
        """The issues now that the rows with these ids have changed, come or gone; without ids, now that others are accepted."""
        return self._issues({"op": "update", "params": {"ids": list(ids)}}, None, should_stop)

    def divide(self, wish: Wish, should_stop: Stop | None = None) -> Division:
        """As `core.dataset.dividing.divide`, of all rows."""
        splits: dict[int, str] = {}
        found: dict[str, Any] = {}
        for message in self._ask({"op": "divide", "params": asdict(wish)}, should_stop):
            if message["type"] == "ids":
                splits.update(dict.fromkeys(message["ids"], message["split"]))
            elif message["type"] == "division":
                found = message
        return Division(splits, found["counts"], found["mix"], found["shared"], tuple(found["notes"]))

    def plan(self, issue: Issue, key: str, should_stop: Stop | None = None) -> Plan:
        """As `core.engine.project_check.plan_for`."""
        params = {
            "kind": issue.kind,
            "key": key,
            "ids": issue.ids,
            "group_of": issue.group_of,
            "of": issue.of,
        }
        cells: list[tuple[int, str, Any]] = []
        delete: list[int] = []
        made: dict[str, Any] = {}
        for message in self._ask({"op": "plan", "params": params}, should_stop):
            if message["type"] == "part":
                cells += map(tuple, message["cells"])
                delete += message["delete"]
            elif message["type"] == "plan":
                made = message
        lines = tuple(Line(*line) for line in made["lines"])
        return Plan(made["name"], tuple(cells), tuple(delete), lines, tuple(made["notes"]))

    def close(self) -> None:
        """End the process, whatever it is doing: it only reads."""
        self._closed = True
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.end(grace=0.2)

    def _issues(
        self, question: dict[str, Any], on_progress: Progress | None, should_stop: Stop | None
    ) -> list[Issue]:
        found: list[Issue] = []
        for message in self._ask(question, should_stop):
            match message["type"]:
                case "progress" if on_progress is not None:
                    on_progress(message["done"], message["total"])
                case "issue":
                    words = {
                        key: message[key] for key in ("kind", "title", "explanation", "blocking", "groups")
                    }
                    found.append(Issue(**words))
                case "ids":
                    last = found[-1]
                    found[-1] = replace(
                        last,
                        ids=last.ids + tuple(message["ids"]),
                        group_of=last.group_of + tuple(message["groups"]),
                        of=last.of + tuple(message["of"]),
                    )
                case "same":
                    found.append(self._known[message["kind"]])
        self._known = {issue.kind: issue for issue in found}
        return found

    def _ask(self, question: dict[str, Any], should_stop: Stop | None) -> Iterator[dict[str, Any]]:
        """The messages of the answer as they come."""
        child = self._start()
        child.send(question)
        while True:
            if should_stop is not None and should_stop():
                self.close()
                raise Cancelled
            try:
                message = self._messages.get(timeout=_PATIENCE)
            except queue.Empty:
                continue
            if message is None:
                self._child = None
                child.end(grace=0)
                if self._closed:
                    raise Cancelled
                raise EngineProblem("The check of the examples ended unexpectedly.", details=child.log)
            if message.get("type") == "error":
                raise error_from_record(message)
            if message.get("type") == "done":
                return
            yield message

    def _start(self) -> Child:
        if self._closed:
            raise Cancelled
        if self._child is None:
            messages = self._messages = queue.SimpleQueue()
            self._known = {}
            self._child = Child(
                "core.engine.check_server",
                messages.put,
                lambda: messages.put(None),
                threads=1,
                low_priority=True,
            )
            project = {"project": str(self._folder), "dataset_id": self._dataset_id}
            self._child.send({"op": "open", "params": project})
        return self._child


def check_in_child(
    folder: Path,
    dataset_id: int,
    *,
    on_progress: Progress | None = None,
    should_stop: Stop | None = None,
) -> list[Issue]:
    """Ask once. Blocks; call it from a worker thread. Raises: as `CheckClient`."""
    client = CheckClient(folder, dataset_id)
    try:
        return client.check(on_progress, should_stop)
    finally:
        client.close()
