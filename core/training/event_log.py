"""The events of a run as its file tells them. A damaged line hides itself, not the run; a torn last line is left out. No torch."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from core.training import events
from core.training.events import Event, RecipeEvent
from core.training.run_files import contained
from core.training.soundness import sound

EVENTS = "events.jsonl"
_STEP = b'{"event":"step"'
_LONGEST_LINE = 8_000_000  # bytes; no event is that long
_MOST_SUMMARIES = 5_000


def every(folder: Path, should_stop: Callable[[], bool] | None = None) -> Iterator[Event]:
    """Every event in order, as far as it was written; lines of kinds unknown to this program are passed over."""
    for number, line in enumerate(_lines(folder)):
        if should_stop is not None and number % 1000 == 0 and should_stop():
            return
        yield from _one(line)


def without_steps(folder: Path) -> Iterator[Event]:
    """The events in order, of each stretch of steps only the last one, which makes a long run quick to read."""
    last_step = b""
    for line in _lines(folder):
        if line.startswith(_STEP):
            last_step = line
            continue
        if last_step:
            yield from _one(last_step)
            last_step = b""
        yield from _one(line)
    if last_step:
        yield from _one(last_step)


class Remembered:
    """What was made of each file the last time, for as long as the file is the same. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Path, tuple[tuple[int, ...], Any]] = OrderedDict()

    def get(self, folder: Path, make: Callable[[], Any]) -> Any:
        path = contained(folder, EVENTS)
        if path is None:
            return make()
        stat = path.stat()
        mark = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        with self._lock:
            known = self._known.get(folder)
        if known is not None and known[0] == mark:
            return known[1]
        made = make()
        with self._lock:
            self._known[folder] = (mark, made)
            while len(self._known) > _MOST_SUMMARIES:
                self._known.popitem(last=False)
        return made


def _lines(folder: Path) -> Iterator[bytes]:
    path = contained(folder, EVENTS)
    if path is None:
        return
    with path.open("rb") as stream:
        while line := stream.readline(_LONGEST_LINE):
            if line.endswith(b"\n"):
                yield line
            elif not _pass_over(stream, line):
                return  # torn: the writer was killed


def _pass_over(stream: BinaryIO, line: bytes) -> bool:
    """Skip the rest of a line that is too long; False at the end of the file."""
    while line and not line.endswith(b"\n"):
        line = stream.readline(_LONGEST_LINE)
    return bool(line)


def _one(line: bytes) -> Iterator[Event]:
    try:
        record = json.loads(line)
        if not isinstance(record, dict):
            return
        kind = events.kind_of(record)
        if kind is not None:
            yield _tidy(kind(**sound(kind, record)))
    except (ValueError, TypeError, RecursionError, OverflowError):
        return


def _tidy(event: Event) -> Event:
    """Pairs of probes are pairs, settings say what they are: what readers build on."""
    if isinstance(event, RecipeEvent) and any(len(pair) != 2 for pair in event.probes):
        return replace(event, probes=[])
    return event
