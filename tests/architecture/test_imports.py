"""Who may import whom, proved by importing everything where the forbidden packages do not exist."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
WINDOW = ["PySide6", "shiboken6", "pyqtgraph", "gui"]
LEARNING = ["torch", "sentence_transformers", "transformers", "datasets", "accelerate"]


def python(*arguments: str, timeout: float = 180) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def modules_on_disk(package: str) -> set[str]:
    names = set()
    for path in (ROOT / package).rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[-1] != "__main__":
            names.add(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


@pytest.mark.parametrize(("package", "banned"), [("core", WINDOW), ("gui", LEARNING)], ids=["core", "gui"])
def test_every_module_imports_without(package: str, banned: list[str]) -> None:
    done = python("-m", "tests.support.import_all", package, *banned)
    assert done.returncode == 0, done.stderr
    # A folder without __init__.py is skipped in silence by the walk: it would be checked by nobody.
    assert modules_on_disk(package) <= set(done.stdout.split())


def test_a_forbidden_import_is_noticed(tmp_path: Path) -> None:
    package = tmp_path / "sample"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "fine.py").write_text("import json\n")
    (package / "wrong.py").write_text("def f():\n    import torch\nf()\n")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
        "from tests.support.import_all import main; main('sample', ['torch'])"
    )
    done = python("-c", program)
    assert done.returncode == 1
    assert "sample.wrong: torch may not be imported here" in done.stderr


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        (
            "gui.app",
            [
                "torch",
                "sentence_transformers",
                "transformers",
                "datasets",
                "pandas",
                "pyarrow",
                "pyqtgraph",
                "numpy",
                "http",
                "ssl",
            ],
        ),
        (
            "core.cli",
            ["torch", "sentence_transformers", "transformers", "datasets", "pandas", "pyarrow", "numpy"],
        ),
    ],
)
def test_the_start_stays_light(module: str, heavy: list[str]) -> None:
    program = f"import sys, {module}; print(*[name for name in {heavy!r} if name in sys.modules])"
    done = python("-c", program)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_import_contracts() -> None:
    done = python("-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout
