"""Which files or folders of a cache were used last: the others may go."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def newest_first(paths: Iterable[Path]) -> list[Path]:
    """By the time of change. What another process or window deletes at this moment is left out."""
    found = []
    for path in paths:
        with suppress(OSError):
            found.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(found, reverse=True)]
