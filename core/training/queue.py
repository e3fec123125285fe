"""Runs that wait for their turn, kept with the project. No torch, no Qt.

    queue.json in the runs folder: what waits, in order, and which one was started last

One run after another is started by whoever owns the queue (the window, or `anchorlab train` for several): `take` gives the next
one and marks it as started, `settle` says how it ended. A run that fails or is discarded does not hold up those behind it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from core import atomic
from core.training.run_files import contained
from core.training.soundness import sound, whole

QUEUE = "queue.json"
VERSION = 1
WAITING, STARTED, FINISHED, FAILED, DISCARDED = "waiting", "started", "finished", "failed", "discarded"
_MOST_BYTES = 4_000_000
_ENDS = (FINISHED, FAILED, DISCARDED)


@dataclass(frozen=True)
class Waiting:
    """One run to make. `number` tells entries apart and is never given twice; `preset` None is the project's own."""

    number: int
    dataset_id: int | None = None
    overrides: dict[str, Any] = field(default_factory=dict)
    preset: str | None = None
    title: str = ""  # for people, e.g. "Pairs · thorough"
    # what the project itself set when this was queued; None: what it sets when the turn comes
    settings: dict[str, Any] | None = None
    state: str = WAITING
    run: str = ""  # the run folder's name once it has one
    message: str = ""  # why it failed


class Queue:
    """The queue of one project. Every change is on disk when the method returns.

    Raises (every method that changes something): DiskFull, FileProblem; the queue then is as before.
    """

    def __init__(self, project_folder: Path) -> None:
        self._path = project_folder / "runs" / QUEUE
        self._last, self._entries = self._read()

    @property
    def entries(self) -> tuple[Waiting, ...]:
        """In order, those that have ended included until `clear_ended`."""
        return tuple(self._entries)

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        return tuple(entry for entry in self._entries if entry.state == WAITING)

    @property
    def current(self) -> Waiting | None:
        """The one that was started and has not ended."""
        return next((entry for entry in self._entries if entry.state == STARTED), None)

    def add(
        self,
        dataset_id: int | None = None,
        overrides: Mapping[str, Any] | None = None,
        preset: str | None = None,
        title: str = "",
        settings: Mapping[str, Any] | None = None,
    ) -> Waiting:
        """Put a run at the end. Its rows are those of the dataset when its turn comes."""
        own = None if settings is None else dict(settings)
        entry = Waiting(self._last + 1, dataset_id, dict(overrides or {}), preset, title, own)
        self._save([*self._entries, entry], entry.number)
        return entry

    def remove(self, number: int) -> None:
        """Take a waiting or ended run out; one that is going on stays, and an unknown number changes nothing."""
        self._save([item for item in self._entries if item.number != number or item.state == STARTED])

    def move(self, number: int, place: int) -> None:
        """Put a waiting run at `place` among those that wait (0 is next)."""
        entry = next((item for item in self.waiting if item.number == number), None)
        if entry is None:
            return
        others = [item for item in self.waiting if item is not entry]
        others.insert(max(0, place), entry)
        self._save([*(item for item in self._entries if item.state != WAITING), *others])

    def take(self) -> Waiting | None:
        """The next run, marked as started; None where nothing waits or one is going on."""
        if self.current is not None or not self.waiting:
            return None
        entry = replace(self.waiting[0], state=STARTED)
        self._put(entry)
        return entry

    def name(self, number: int, run: str) -> None:
        """Note the run folder's name of a started run."""
        self._change(number, run=run)

    def settle(self, number: int, state: str, message: str = "") -> None:
        """Note how a run ended: finished, failed or discarded. Those behind it are free to go.

        Raises:
            ValueError: another state.
        """
        if state not in _ENDS:
            raise ValueError(state)
        self._change(number, state=state, message=message)

    def put_back(self) -> None:
        """Let a run that was started and never ended (the program did) wait again, first of all.

        Its folder, if it has one, is an interrupted run that can be resumed instead: then settle it.
        """
        entry = self.current
        if entry is not None:
            ended = [item for item in self._entries if item.state in _ENDS]
            self._save([*ended, replace(entry, state=WAITING, run=""), *self.waiting])

    def clear_ended(self) -> None:
        """Forget the runs that have ended."""
        self._save([item for item in self._entries if item.state not in _ENDS])

    def _change(self, number: int, **values: str) -> None:
        for entry in self._entries:
            if entry.number == number:
                self._put(replace(entry, **values))  # type: ignore[arg-type]

    def _put(self, changed: Waiting) -> None:
        self._save([changed if item.number == changed.number else item for item in self._entries])

    def _save(self, entries: list[Waiting], last: int | None = None) -> None:
        last = self._last if last is None else last
        record = {"version": VERSION, "last": last, "entries": [asdict(entry) for entry in entries]}
        with atomic.explained(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_text(self._path, json.dumps(record, ensure_ascii=False, indent=1) + "\n")
        self._entries, self._last = entries, last

    def _read(self) -> tuple[int, list[Waiting]]:
        """A queue that is missing or damaged is empty: it holds wishes, no work."""
        try:
            record = json.loads(self._text())
            entries = [Waiting(**sound(Waiting, entry)) for entry in record["entries"]]
            if any(entry.state not in (WAITING, STARTED, *_ENDS) for entry in entries):
                return 0, []
            return max([whole(record["last"]), *(entry.number for entry in entries)]), entries
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return 0, []

    def _text(self) -> str:
        path = contained(self._path.parent, self._path.name)
        if path is None:
            return ""
        with path.open("rb") as stream:
            return stream.read(_MOST_BYTES).decode("utf-8")
