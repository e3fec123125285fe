"""Every figure of the explore page: query, pairs, scores, why, map, heat map, probes.

    python3 start.py bench explorer [--part PART] [--rows N] [--json]

Frames are measured in a real window: run it on a screen, or under `xvfb-run`. Each part has a process of its own, so that its memory and
its caches are its own.
"""

from __future__ import annotations

from tests.bench import explorer_parts
from tests.bench.report import arguments, tell_parts


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--rows", type=int, default=1_000_000, help="texts of the largest search and map")
    return tell_parts("explorer", explorer_parts, parser)


if __name__ == "__main__":
    raise SystemExit(main())
