"""An error that nobody expected fails the test instead of vanishing in a message bar or waiting for a click.

`gui.widgets.messages` is the one place that talks to the person; what goes through it is recorded here. Tests that expect a message
ask for the fixture `messages` and look into it; in every other test a message of tone "error" is a failure. Modal message
boxes are answered with Cancel and count as errors: they do not go through that one place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class Told:
    text: str
    hint: str = ""
    tone: str = "error"
    details: str = ""


class Messages(list[Told]):
    """What the person would have been told during this test, oldest first."""

    expected = False

    @property
    def errors(self) -> list[Told]:
        return [message for message in self if message.tone == "error"]


@pytest.fixture(autouse=True)
def _messages(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Messages]:
    seen = Messages()
    if not any(part in ("gui", "e2e") for part in request.node.path.parts):
        yield seen
        return
    _record(monkeypatch, seen)
    _refuse_modal_boxes(monkeypatch, seen)
    yield seen
    if seen.errors and not seen.expected:
        lines = "\n  ".join(f"{told.text} {told.hint}\n{told.details}".strip() for told in seen.errors)
        pytest.fail(f"unexpected error shown to the person:\n  {lines}", pytrace=False)


@pytest.fixture
def messages(_messages: Messages) -> Messages:
    """The messages shown during this test; asking for them says that errors are expected."""
    _messages.expected = True
    return _messages


def _record(monkeypatch: pytest.MonkeyPatch, seen: Messages) -> None:
    from gui.widgets.messages import MessageCentre

    post = MessageCentre.post

    def recording(centre: MessageCentre, message: Any) -> None:
        seen.append(Told(message.text, message.hint, message.tone, message.details))
        post(centre, message)

    monkeypatch.setattr(MessageCentre, "post", recording)


def _refuse_modal_boxes(monkeypatch: pytest.MonkeyPatch, seen: Messages) -> None:
    """A message box opened past the funnel is recorded as an error and answered with its default button."""
    from PySide6.QtWidgets import QMessageBox

    def execute(box: QMessageBox) -> int:
        seen.append(Told(f"modal box: {box.text()}", box.informativeText()))
        return int(QMessageBox.StandardButton.Cancel.value)

    def static(parent: object, title: str, text: str, *rest: object) -> QMessageBox.StandardButton:
        seen.append(Told(f"modal box: {title}: {text}"))
        return QMessageBox.StandardButton.Cancel

    monkeypatch.setattr(QMessageBox, "exec", execute)
    for name in ("critical", "warning", "information", "question"):
        monkeypatch.setattr(QMessageBox, name, staticmethod(static))
