"""What the window's tests share: a theme and a context without child processes."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from core.settings import Settings
from gui import main_window
from gui.context import Context
from gui.theme.manager import ThemeManager
from gui.workers.engine_service import EngineService
from gui.workers.training_service import TrainingService


@pytest.fixture(autouse=True)
def _only_pages_in_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test is over before the window builds the pages that it does not look at; the end-to-end tests have all of them."""
    monkeypatch.setattr(main_window, "UNSEEN_MS", 600_000)


@pytest.fixture(autouse=True)
def _no_key_is_held() -> Iterator[None]:
    """A click with Ctrl or Shift leaves the key pressed for Qt, which then selects otherwise in the test that follows."""
    yield
    if QApplication.instance() is not None and QApplication.keyboardModifiers():
        widget = QWidget()
        widget.winId()
        QTest.keyRelease(widget.windowHandle(), Qt.Key.Key_Control)
        assert not QApplication.keyboardModifiers()
        widget.deleteLater()


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
