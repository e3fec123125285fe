"""`python -m gui [DIR]`."""

from __future__ import annotations

import sys


def _start() -> int:
    try:
        from gui.app import main
    except ImportError as error:  # a library of the system is missing: say so without Qt
        sys.stderr.write(
            f"The window cannot start: {error}.\nRun `python3 start.py` once more to repair the installation.\n"
        )
        return 1
    return main()


if __name__ == "__main__":
    sys.exit(_start())
