"""What the starter says goes to standard error: standard output belongs to the command that is started."""

from __future__ import annotations

import sys


class Problem(Exception):
    """The start cannot go on. The text is one or two plain sentences: what, and what to do."""

    def __init__(self, text: str, exit_code: int = 1) -> None:
        super().__init__(text)
        self.exit_code = exit_code


def say(text: str = "") -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
