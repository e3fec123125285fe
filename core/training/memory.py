"""Keep the memory of one step for the next instead of giving it back to the system. Torch-free.

A step on the CPU allocates and frees hundreds of megabytes. glibc returns large pieces to the kernel, which hands them out again
page by page, cleared: with a small model that is a third of the step. The thresholds are process-wide, see mallopt(3).
"""

from __future__ import annotations

import contextlib
import ctypes
import platform
from collections.abc import Iterator

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_LARGE = 1 << 30


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """While this lasts freed memory stays with the process; afterwards what is free goes back. Does nothing without glibc."""
    library = _glibc()
    if library is None:
        yield
        return
    library.mallopt(_MMAP_THRESHOLD, _LARGE)
    library.mallopt(_TRIM_THRESHOLD, _LARGE)
    try:
        yield
    finally:
        library.mallopt(_MMAP_THRESHOLD, 32 << 20)
        library.mallopt(_TRIM_THRESHOLD, 64 << 20)
        library.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if platform.libc_ver()[0] != "glibc":
        return None
    try:
        library = ctypes.CDLL(None)
        return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
    except OSError:
        return None
