"""Every figure of labelling: import, table, review, help from the model, validation, export.

    python3 start.py bench labelling [--part PART] [--rows N] [--json]

Frames and keys are measured in a real window: run it on a screen, or under `xvfb-run`. Each part has a process of its own, so that its memory
and its caches are its own.
"""

from __future__ import annotations

from tests.bench import labelling_parts
from tests.bench.report import arguments, tell_parts


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the large table")
    return tell_parts("labelling", labelling_parts, parser)


if __name__ == "__main__":
    raise SystemExit(main())
