"""Every figure of labelling: import, table, review, help from the model, validation, export.

    python3 start.py bench labelling [--part PART] [--rows N] [--json]

Frames and keys are measured in a real window: run it on a screen, or under `xvfb-run`. Each part has a process of its own, so that its memory
and its caches are its own.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import subprocess
import sys

from tests.bench import labelling_parts
from tests.bench.report import ROOT, Figure, arguments, tell

PARTS = sorted(module.name for module in pkgutil.iter_modules(labelling_parts.__path__))


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this part; may be given again")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the large table")
    parser.add_argument("--data", default="", help="the folder of real data; ANCHORLAB_DATA when left out")
    options = parser.parse_args()
    wanted = options.part or PARTS
    if len(wanted) == 1:
        module = importlib.import_module(f"tests.bench.labelling_parts.{wanted[0]}")
        return tell(module.figures(options), options.json)
    figures: list[Figure] = []
    for part in wanted:
        figures += _in_a_process(part, options)
    return tell(figures, options.json)


def _in_a_process(part: str, options: argparse.Namespace) -> list[Figure]:
    command = [
        sys.executable,
        "-m",
        "tests.bench.labelling",
        "--part",
        part,
        "--rows",
        str(options.rows),
        "--json",
    ]
    if options.data:
        command += ["--data", options.data]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    line = next((line for line in reversed(done.stdout.splitlines()) if line.startswith('{"figures"')), "")
    if not line:
        raise SystemExit(f"The part {part} ended with status {done.returncode} and without figures.")
    return [Figure(**record) for record in json.loads(line)["figures"]]


if __name__ == "__main__":
    raise SystemExit(main())
