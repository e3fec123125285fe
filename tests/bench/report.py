"""How every benchmark tells its figures: a table for people, JSON with `--json`."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Figure:
    """`ok` is None where there is no target."""

    name: str
    value: float
    unit: str
    target: str = ""
    ok: bool | None = None


def at_most(name: str, value: float, unit: str, limit: float) -> Figure:
    return Figure(name, round(value, 4), unit, f"≤ {limit:g}", value <= limit)


def at_least(name: str, value: float, unit: str, limit: float) -> Figure:
    return Figure(name, round(value, 4), unit, f"≥ {limit:g}", value >= limit)


def arguments(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser


def commit() -> str:
    """The commit of the code that measures, with a + where it was changed since; "" outside a repository."""
    git = shutil.which("git")
    if git is None:
        return ""
    asked = [git, "-C", str(ROOT), "describe", "--always", "--abbrev=10", "--dirty=+"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


def tell(figures: list[Figure], as_json: bool) -> int:
    """Print the figures. Returns the exit status: 1 when a target is missed."""
    if as_json:
        print(json.dumps({"figures": [asdict(figure) for figure in figures]}, ensure_ascii=False))
    else:
        wide = max(len(figure.name) for figure in figures)
        for figure in figures:
            mark = {True: "ok", False: "MISSED", None: ""}[figure.ok]
            print(f"{figure.name:<{wide}}  {figure.value:>10.3f} {figure.unit:<6} {figure.target:<8} {mark}")
    return 1 if any(figure.ok is False for figure in figures) else 0


def tell_parts(name: str, parts: ModuleType, parser: argparse.ArgumentParser) -> int:
    """The benchmark `tests.bench.NAME`, whose parts are the modules in `parts`, each with `figures(options)`: one in this process, several
    in a process each, so that their memory and their caches are their own. `parser` has --rows; --part and --data are added here."""
    known = sorted(module.name for module in pkgutil.iter_modules(parts.__path__))
    parser.add_argument("--part", choices=known, action="append", help="only this part; may be given again")
    parser.add_argument("--data", default="", help="the folder of real data; ANCHORLAB_DATA when left out")
    options = parser.parse_args()
    wanted = options.part or known
    if len(wanted) == 1:
        module = importlib.import_module(f"{parts.__name__}.{wanted[0]}")
        return tell(module.figures(options), options.json)
    figures: list[Figure] = []
    failed: list[str] = []
    for number, part in enumerate(wanted, 1):
        began = time.monotonic()
        print(f"{name}, part {number} of {len(wanted)}: {part} …", file=sys.stderr, flush=True)
        found = _in_a_process(name, part, options)
        print(f"  {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        figures += found
        failed += [] if found else [part]
    status = tell(figures, options.json) if figures else 1
    if failed:
        print(f"Ended without figures: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else status


def _in_a_process(name: str, part: str, options: argparse.Namespace) -> list[Figure]:
    """The figures of one part; none when it failed, whatever the others found."""
    command = [
        sys.executable,
        "-m",
        f"tests.bench.{name}",
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
    return [Figure(**record) for record in json.loads(line)["figures"]] if line else []
