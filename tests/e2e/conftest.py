"""What the tests in a real window need."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _own_display() -> None:
    """Two tests at a time have a display each: keys and clicks go to the window in front."""
    displays = os.environ.get("TEST_DISPLAYS", "").split()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    if displays and worker.isdigit():
        os.environ["DISPLAY"] = displays[int(worker) % len(displays)]


_own_display()  # before the first test makes the application


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A fresh copy of the smallest example."""
    target = tmp_path / "fashion-aesthetics"
    source = ROOT / "projects" / "fashion-aesthetics"
    target.mkdir()
    for file in source.iterdir():
        if file.suffix in (".toml", ".csv", ".md"):
            shutil.copyfile(file, target / file.name)
    return target
