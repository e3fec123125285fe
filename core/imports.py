"""Importing torch and its family in two thirds of the time.

Their import makes a million objects that live as long as the process. Python's garbage collector walks over them again and again while they come,
at every full collection later, and once more when the process ends, and never finds anything to free: on two cores that was 1.2 to 1.5 of 4 seconds.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept() -> Iterator[None]:
    """What is imported inside is not looked at by the garbage collector, neither now nor later."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_on:
            gc.enable()
