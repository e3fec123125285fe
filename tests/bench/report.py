"""How every benchmark tells its figures: a table for people, JSON with `--json`."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

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
