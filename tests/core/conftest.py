"""What several test files of the core share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from core.engine.client import EngineClient


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a one-layer model with random weights: a run on it takes a fraction of a second."""
    from tests.core import tiny_model

    return tiny_model.build(tmp_path_factory.mktemp("tiny") / "model", seed=1)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineClient]:
    """A warm engine process for every test that only asks it something: its start takes seconds."""
    from core.engine.client import EngineClient

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANCHORLAB_HOME", str(tmp_path_factory.mktemp("home")))
        client = EngineClient(threads=1)
        client.start()
        assert client.wait_warm(60)
    yield client
    client.close()
