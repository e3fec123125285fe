"""A dialog that nobody expected fails the test instead of waiting for a click that never comes.

`gui.widgets.messages` is the one place that talks to the person. It keeps a list `observers` of callables that get
`(level, text, hint)`; where an observer returns True the dialog is not shown. Tests that expect a message ask for the
fixture `messages` and look into it; in every other test a message of level "error" is a failure.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class Message:
    level: str  # "error", "warning", "info"
    text: str
    hint: str = ""


class Messages(list[Message]):
    """What the person would have been told during this test, oldest first."""

    expected = False

    def observe(self, level: str, text: str, hint: str = "") -> bool:
        self.append(Message(level, text, hint))
        return True

    @property
    def errors(self) -> list[Message]:
        return [message for message in self if message.level == "error"]


def _funnel() -> Any:
    """`gui.widgets.messages`, where it exists and Qt may be imported."""
    try:
        if importlib.util.find_spec("gui.widgets.messages") is None:
            return None
        return importlib.import_module("gui.widgets.messages")
    except ModuleNotFoundError:
        return None


@pytest.fixture(autouse=True)
def _messages(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Messages]:
    seen = Messages()
    if not any(part in ("gui", "e2e") for part in request.node.path.parts):
        yield seen
        return
    module = _funnel()
    observers = getattr(module, "observers", None)
    if observers is not None:
        observers.append(seen.observe)
    _refuse_modal_boxes(monkeypatch, seen)
    yield seen
    if observers is not None:
        observers.remove(seen.observe)
    if seen.errors and not seen.expected:
        lines = "\n  ".join(f"{message.text} {message.hint}".strip() for message in seen.errors)
        pytest.fail(f"unexpected error shown to the person:\n  {lines}", pytrace=False)


@pytest.fixture
def messages(_messages: Messages) -> Messages:
    """The messages shown during this test; asking for them says that errors are expected."""
    _messages.expected = True
    return _messages


def _refuse_modal_boxes(monkeypatch: pytest.MonkeyPatch, seen: Messages) -> None:
    """A message box opened past the funnel is recorded as an error and answered with its default button."""
    from PySide6.QtWidgets import QMessageBox

    def execute(box: QMessageBox) -> int:
        seen.append(Message("error", f"modal box: {box.text()}", box.informativeText()))
        return int(QMessageBox.StandardButton.Cancel.value)

    def static(parent: object, title: str, text: str, *rest: object) -> QMessageBox.StandardButton:
        seen.append(Message("error", f"modal box: {title}: {text}"))
        return QMessageBox.StandardButton.Cancel

    monkeypatch.setattr(QMessageBox, "exec", execute)
    for name in ("critical", "warning", "information", "question"):
        monkeypatch.setattr(QMessageBox, name, staticmethod(static))
