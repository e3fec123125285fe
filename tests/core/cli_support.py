"""Running the command line inside a test and in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core import paths
from core.cli import main

PAIRS = "anchor,positive\n" + "".join(
    f"question {n} about {w},answer {n} on {w}\n" for n in range(12) for w in "abc"
)
SCORED = "text_a,text_b,score\n" + "".join(f"word {n},thing {n % 7},{n % 2}\n" for n in range(24))


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


class Cli:
    """`cli("check", folder, "--json")` runs in this process and checks that no traceback was shown."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *words: object) -> Result:
        self.capsys.readouterr()
        status = main([str(word) for word in words])
        captured = self.capsys.readouterr()
        assert "Traceback" not in captured.err + captured.out
        return Result(status, captured.out, captured.err)

    def fails(self, status: int, *words: object) -> str:
        """The one sentence of a command that must fail, which names what to do as well; twice, as text and as JSON."""
        plain = self(*words)
        assert plain.status == status, plain
        assert plain.out == "" or words[0] in ("check", "train")
        (line,) = plain.err.splitlines()
        assert line.startswith("anchorlab: ") and line.endswith(".")
        as_json = self(*words, "--json")
        assert as_json.status == status
        assert line in as_json.err
        record = as_json.events[-1] if words[0] == "train" else as_json.json
        message = record["message"] if words[0] == "train" else record["error"]
        assert f"anchorlab: {' '.join(message.split())}" in " ".join(line.split())
        return line


def command(*words: object) -> tuple[list[str], dict[str, str]]:
    """Command and environment of a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(paths.ROOT), "OMP_NUM_THREADS": "1"}
    return [sys.executable, "-m", "core.cli", *map(str, words)], environment


def in_process(*words: object, cwd: Path | None = None) -> Result:
    line, environment = command(*words)
    done = subprocess.run(
        line, env=environment, cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )
    return Result(done.returncode, done.stdout, done.stderr)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def make_pairs(folder: Path) -> Path:
    """A project of 36 pairs; the file it came from, pairs.csv, lies beside it."""
    data = write(folder / "pairs.csv", PAIRS)
    assert main(["new", str(folder / "pairs"), "--from", str(data)]) == 0
    return folder / "pairs"


def make_plain_text(folder: Path) -> Path:
    """A project as an example ships, text only: 24 scored pairs."""
    place = folder / "plain"
    place.mkdir()
    write(place / "data.csv", SCORED)
    write(
        place / "project.toml",
        '[project]\nname = "Plain"\n\n[[dataset]]\nname = "words"\nformat = "scored"\nfile = "data.csv"\n\n'
        "[recipe]\nepochs = 2\n",
    )
    return place
