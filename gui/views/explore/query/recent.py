"""What was asked of late in a project: back and forward as in a browser, kept in the project's cache."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core import atomic, cached

MOST = 50
_LARGEST = 2_000_000  # bytes; what is larger was not written by this program


@dataclass(frozen=True)
class Asked:
    """A text, and the row and column that it came from (0 where it was typed)."""

    text: str
    row: int = 0
    slot: int = 0


class Recent:
    """The newest is last. `place` is where one stands while going back."""

    def __init__(self, entries: tuple[Asked, ...] = ()) -> None:
        self.entries = list(entries[-MOST:])
        self._place = len(self.entries) - 1

    def add(self, asked: Asked) -> bool:
        """Whether it is news. A text that goes on from the last one typed takes its place: that was still being typed."""
        if self.entries and 0 <= self._place < len(self.entries) and self.entries[self._place] == asked:
            return False
        last = self.entries[-1] if self.entries else None
        typed_on = last is not None and not last.row and not asked.row and asked.text.startswith(last.text)
        self.entries = [one for one in self.entries if one != asked]
        if typed_on and last in self.entries:
            self.entries.remove(last)
        self.entries = [*self.entries, asked][-MOST:]
        self._place = len(self.entries) - 1
        return True

    def step(self, by: int) -> Asked | None:
        """The question before (−1) or after (+1) the one that is shown; None at the end."""
        place = self._place + by
        if not 0 <= place < len(self.entries):
            return None
        self._place = place
        return self.entries[place]

    def newest(self, count: int) -> list[Asked]:
        return self.entries[::-1][:count]


def path_of(folder: Path) -> Path:
    return folder / "cache" / "explorer" / "questions.json"


def read(path: Path) -> tuple[Asked, ...]:
    """Nothing where the file is not there or is not one of ours."""
    try:
        records = json.loads(cached.text(path, _LARGEST) or "")
    except (ValueError, RecursionError):
        return ()
    return (
        tuple(one for record in records if (one := _asked(record)) is not None)
        if isinstance(records, list)
        else ()
    )


def write(path: Path, entries: tuple[Asked, ...]) -> None:
    """Raises: DiskFull, FileProblem."""
    cached.own(path.parent.parent, path.parent.name)
    with atomic.explained(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_text(path, json.dumps([asdict(one) for one in entries]))


def _asked(record: Any) -> Asked | None:
    if not isinstance(record, dict) or not isinstance(record.get("text"), str) or not record["text"].strip():
        return None
    row, slot = record.get("row", 0), record.get("slot", 0)
    return Asked(record["text"], row if isinstance(row, int) else 0, slot if isinstance(slot, int) else 0)
