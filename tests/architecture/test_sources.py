"""Rules about the text of the sources: short files, and nothing that could run what a data file says."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = sorted(path for package in ("core", "gui") for path in (ROOT / package).rglob("*.py"))
LONGEST = 500  # lines
DANGEROUS_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal"}
DANGEROUS_CALLS = {"eval", "exec", "__import__"}
DANGEROUS_METHODS = {("os", "system"), ("os", "popen")}


def problems(source: str) -> list[str]:
    """Every construct that could run text from outside, as "line N: what"."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            names = []
        found += [
            (node.lineno, f"import {name}") for name in names if name.partition(".")[0] in DANGEROUS_MODULES
        ]
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in DANGEROUS_CALLS:
            found.append((node.lineno, f"{called.id}()"))
        if (
            isinstance(called, ast.Attribute)
            and isinstance(called.value, ast.Name)
            and (called.value.id, called.attr) in DANGEROUS_METHODS
        ):
            found.append((node.lineno, f"{called.value.id}.{called.attr}()"))
        for keyword in node.keywords:
            literal = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            if keyword.arg == "shell" and literal is not False:
                found.append((node.lineno, "shell=True"))
            if keyword.arg in ("weights_only", "allow_pickle") and literal is not (
                keyword.arg == "weights_only"
            ):
                found.append((node.lineno, f"{keyword.arg}={literal}"))
    return [f"line {line}: {what}" for line, what in sorted(found)]


def test_there_are_sources() -> None:
    assert len(SOURCES) > 10


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= LONGEST, "too long to read in one go: split it"
    assert problems(source) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import pickle", ["line 1: import pickle"]),
        ("from pickle import loads", ["line 1: import pickle"]),
        ("x = 1\neval('x')", ["line 2: eval()"]),
        ("exec('x')", ["line 1: exec()"]),
        ("import subprocess\nsubprocess.run('x', shell=True)", ["line 2: shell=True"]),
        ("run('x', shell=flag)", ["line 1: shell=True"]),
        ("import os\nos.system('x')", ["line 2: os.system()"]),
        ("torch.load(p, weights_only=False)", ["line 1: weights_only=False"]),
        ("numpy.load(p, allow_pickle=True)", ["line 1: allow_pickle=True"]),
        ("dialog.exec()\nmodel.eval()\nrun(['x'], shell=False)\nnumpy.load(p, allow_pickle=False)", []),
    ],
)
def test_the_check_itself(source: str, expected: list[str]) -> None:
    assert problems(source) == expected
