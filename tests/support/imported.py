"""What was imported stays, so the garbage collector need not look at it again.

A process that has imported torch holds more than a million objects; one collection looks at all of them for a third of a second, and the
trainer asks for one at the end of every run: more than half of what training a tiny model takes.
"""

from __future__ import annotations

import gc
import sys

MANY = 200  # modules

_known = 0


def pytest_runtest_logfinish() -> None:
    """After a test that imported a lot."""
    global _known
    if len(sys.modules) >= _known + MANY:
        _known = len(sys.modules)
        gc.collect()  # else the garbage of the test would stay for ever, too
        gc.freeze()
