"""What the window's tests share: a theme and a context without child processes."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest
from PySide6.QtWidgets import QApplication

from core.settings import Settings
from gui.context import Context
from gui.theme.manager import ThemeManager
from gui.workers.engine_service import EngineService
from gui.workers.training_service import TrainingService


@pytest.fixture
def theme(qapp: QApplication) -> ThemeManager:
    """The application's one theme, light."""
    found = qapp.findChild(ThemeManager)
    manager = found if isinstance(found, ThemeManager) else ThemeManager(qapp, "light")
    manager.set_mode("light")
    return manager


@pytest.fixture
def context(theme: ThemeManager) -> Iterator[Context]:
    """A window's shared state with services that only say that they are off."""
    made = Context(Settings(), theme)
    made.engine = cast(EngineService, SimpleNamespace(state="off", busy=False))
    made.training = cast(TrainingService, SimpleNamespace(state="idle", active=False))
    yield made
    made.release()
    made.jobs.close()
