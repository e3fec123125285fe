"""What several test files of the core share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a one-layer model with random weights: a run on it takes a fraction of a second."""
    from tests.core import tiny_model

    return tiny_model.build(tmp_path_factory.mktemp("tiny") / "model", seed=1)
