"""What the tests in a real window need."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


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
