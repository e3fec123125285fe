#!/usr/bin/env python3
"""Start AnchorLab. Needs nothing but Python 3.11, 3.12 or 3.13.

    python3 start.py                 open the window (the first time: make .venv and install into it)
    python3 start.py test [ARGS]     run every check; ARGS go to pytest
    python3 start.py bench NAME      run the benchmark tests/bench/NAME.py
    python3 start.py lock            write the lock files anew from what .venv holds
    python3 start.py ARGS            anything else goes to the command: anchorlab ARGS

This file must be readable for any Python, so that a wrong one gets a sentence instead of a syntax error.
"""

import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.stderr.write(
        "AnchorLab needs Python 3.11, 3.12 or 3.13, and this is Python "
        + ".".join(str(part) for part in sys.version_info[:2])
        + " (" + str(sys.executable) + "). Start it with another one, for example: python3.12 start.py\n"
    )  # fmt: skip
    sys.exit(1)

if __name__ == "__main__":
    from bootstrap.main import main

    sys.exit(main(sys.argv[1:]))
