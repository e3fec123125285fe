"""One starter at a time works on `.venv`. The operating system releases the lock when its holder dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bootstrap.say import say


@contextmanager
def alone(path: Path, poll: float = 0.2) -> Iterator[int]:
    """Hold `path` exclusively and give its file number; says so once when another start has to be waited for."""
    with path.open("a+b") as stream:
        told = False
        while not _lock(stream.fileno()):
            if not told:
                say("Another start is preparing the environment; waiting for it …")
                told = True
            time.sleep(poll)
        try:
            yield stream.fileno()
        finally:
            _unlock(stream.fileno())


if sys.platform == "win32":
    import msvcrt

    def _lock(number: int) -> bool:
        os.lseek(number, 0, os.SEEK_SET)
        try:
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(number: int) -> None:
        os.lseek(number, 0, os.SEEK_SET)
        msvcrt.locking(number, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(number: int) -> bool:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(number: int) -> None:
        fcntl.flock(number, fcntl.LOCK_UN)
