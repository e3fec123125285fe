"""Files that are either the old version or the new one, never half of each, and folders that are whole or not there."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import DiskFull, FileProblem

_PATIENCE = 0.5 if os.name == "nt" else 0.0  # seconds


@contextmanager
def explained(path: Path, doing: str = "write") -> Iterator[None]:
    """Turn an `OSError` about `path` into the sentence that a person can act on.

    Raises:
        DiskFull: no room left.
        FileProblem: any other refusal of the file system.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                f"There is no disk space left to {doing} {path}.",
                "Free some space and try again; nothing was lost.",
            ) from error
        reason = error.strerror or type(error).__name__
        raise FileProblem(
            f"Cannot {doing} {path}: {reason}.", "Check the path and its permissions."
        ) from error


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to a neighbour of `path`, flush it to the disk and move it into place.

    Raises:
        DiskFull, FileProblem: `path` is left as it was.
    """
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = neighbour(path)
        try:
            with temporary.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            if path.exists():
                temporary.chmod(stat.S_IMODE(path.stat().st_mode))
            put(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def put(new: Path, path: Path) -> None:
    """Move a finished file or folder into the place of `path`. On Windows a program that reads either of them, such as a virus
    scanner or a window that lists runs, keeps them from being moved: there it is tried for a moment.

    Raises:
        OSError: it stays where it is.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            new.replace(path)
            return
        except PermissionError:
            if time.monotonic() >= until:
                raise
            time.sleep(0.02)


def neighbour(path: Path) -> Path:
    """A new, empty file beside `path`, hidden, that those may read who may read any new file of the person (`mkstemp` makes
    private ones, which a colleague cannot open in a shared folder)."""
    made = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.tmp")
    made.touch(exist_ok=False)
    return made


def sync(path: Path) -> None:
    """Flush what a file or a folder holds to the disk itself. Windows flushes no folders; nothing happens there.

    Raises:
        DiskFull, FileProblem
    """
    folder = path.is_dir()
    if folder and os.name == "nt":
        return
    with explained(path, "flush"):
        handle = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_text(path: Path, text: str) -> None:
    """`write_bytes` for UTF-8 text, newlines as they are.

    A byte of a path that is no text (a folder named on an old disk) is written as \\udce9: JSON reads it back as it was.
    """
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder to fill that becomes `out` when the block ends, and vanishes when the block raises. `out` is never half of itself.

    Raises:
        FileProblem: `out` is a file or a folder with something in it; nothing of it is touched.
        DiskFull: no room; nothing is left behind.
    """
    with explained(out):
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise FileProblem(f"{out} exists and is not empty.", "Choose a new folder or an empty one.")
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".tmp", dir=out.parent))
        try:
            place = beside / "new"
            place.mkdir()
            yield place
            if out.exists():
                out.rmdir()
            put(place, out)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
