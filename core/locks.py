"""An advisory lock on a file that the operating system releases when its holder dies, however it dies."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import BinaryIO

from core.atomic import explained


class FileLock:
    """Hold `path` exclusively across processes. The file stays behind; only the lock matters."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stream: BinaryIO | None = None

    @property
    def held(self) -> bool:
        return self._stream is not None

    def acquire(self) -> bool:
        """Take the lock without waiting. True when it is ours.

        Raises:
            FileProblem: the lock file itself cannot be opened.
        """
        if self._stream is not None:
            return True
        with explained(self.path, "lock"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.is_symlink():  # what it leads to would be emptied
                raise OSError(errno.ELOOP, "it is a link to another file")
            stream = self.path.open("a+b")
        if not _lock(stream):
            stream.close()
            return False
        try:
            os.ftruncate(stream.fileno(), 0)
            os.write(stream.fileno(), str(os.getpid()).encode())
        except OSError:
            pass  # the number only helps a person who looks; on a full disk the lock holds without it
        self._stream = stream
        return True

    def release(self) -> None:
        if self._stream is not None:
            _unlock(self._stream)
            self._stream.close()
            self._stream = None


def is_locked(path: Path) -> bool:
    """Whether some living process holds the lock on `path`."""
    if not path.exists():
        return False
    with path.open("a+b") as stream:
        if not _lock(stream):
            return True
        _unlock(stream)
        return False


if sys.platform == "win32":
    import msvcrt

    # Locking a byte far past the end leaves the file's content readable for others.
    _FAR = 0x7FFF_FFFF

    def _lock(stream: BinaryIO) -> bool:
        stream.seek(_FAR)
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(stream: BinaryIO) -> None:
        stream.seek(_FAR)
        msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(stream: BinaryIO) -> bool:
        try:
            fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _unlock(stream: BinaryIO) -> None:
        fcntl.flock(stream.fileno(), fcntl.LOCK_UN)
