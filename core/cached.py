"""Files below a project's cache, read and written with care: a project can come from somebody else, or be damaged.

Everything in a cache is safe to delete, so a link in it is taken away instead of followed: it could lead to the person's own files. What
is no plain file (a pipe never ends), larger than it can be, or not what it should be counts as not there.
"""

from __future__ import annotations

import io
import math
import stat
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.atomic import explained
from core.errors import FileProblem

Array = NDArray[Any]

_KINDS = "biuf"  # of values: truth, whole numbers, real numbers
_DAMAGED = (OSError, ValueError, TypeError, KeyError, EOFError, SyntaxError, RuntimeError, ArithmeticError)


def own(root: Path, *names: str) -> Path:
    """The folder or file `root/names…`; a link on the way below `root` is taken away, never what it leads to.

    Raises:
        FileProblem: it cannot be taken away, or the folder that the cache belongs to went away; it must not come back with nothing in it
            but a cache.
    """
    if not root.parent.is_dir():
        raise FileProblem(
            f"The folder {root.parent} is no longer there.", "Put it back where it was, or close the project."
        )
    place = root
    for name in names:
        place /= name
        if place.is_symlink():
            with explained(place, "take away the link"):
                place.unlink()
    return place


def plain(path: Path, most_bytes: int | None = None) -> bool:
    """Whether this is a file itself, not a link or a pipe, and not larger than that."""
    try:
        found = path.lstat()
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(found.st_mode) and (most_bytes is None or found.st_size <= most_bytes)


def text(path: Path, most_bytes: int) -> str | None:
    """The UTF-8 text of a file; None where there is none."""
    if not plain(path, most_bytes):
        return None
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def array(path: Path) -> Array | None:
    """The numbers of a .npy file; None where it holds none, or not as many as it says."""
    if not plain(path):
        return None
    try:
        with path.open("rb") as stream:
            return _array(stream, path.stat().st_size)
    except _DAMAGED:
        return None


def arrays(path: Path, most_bytes: int) -> dict[str, Array] | None:
    """The arrays of an .npz file that is not compressed; None where it is none, or one of them is damaged."""
    if not plain(path, most_bytes):
        return None
    found: dict[str, Array] = {}
    try:
        with zipfile.ZipFile(path) as stored:
            for one in stored.infolist():
                if one.compress_type != zipfile.ZIP_STORED or one.file_size > most_bytes:
                    return None
                data = stored.read(one)
                read = _array(io.BytesIO(data), len(data))
                if read is None:
                    return None
                found[one.filename.removesuffix(".npy")] = read
    except (*_DAMAGED, zipfile.BadZipFile):
        return None
    return found


def _array(stream: BinaryIO, size: int) -> Array | None:
    """What the head promises must be there before any memory is taken for it; nothing but numbers is read."""
    version = np.lib.format.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        return None
    head = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = head(stream)
    if dtype.kind not in _KINDS or math.prod(shape) * dtype.itemsize != size - stream.tell():
        return None
    stream.seek(0)
    return np.lib.format.read_array(stream, allow_pickle=False)
