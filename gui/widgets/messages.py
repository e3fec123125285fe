"""The one place where errors and notes reach the person.

`MessageCentre.error(...)` shows a bar in the page; nothing pops up unless a decision is needed. Every shown error is kept in
`shown`, so tests can assert it, and an error nobody expected fails a test.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.errors import AnchorLabError, Cancelled
from gui.widgets.basic import button, label, set_tone, tool_button

_LONGEST = 400  # signs of a text in the bar: it must leave room for the page; the rest can be copied


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


@dataclass(frozen=True)
class Message:
    text: str
    hint: str = ""
    tone: str = "error"  # error, warning, positive, ""
    details: str = ""
    action: str = ""
    do: Callable[[], object] | None = None
    other: str = ""  # a second button, before the first
    do_other: Callable[[], object] | None = None


class MessageCentre(QObject):
    """The funnel: whoever has something to say calls it, the window shows it."""

    posted = Signal(object)  # Message

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.shown: list[Message] = []

    def post(self, message: Message) -> None:
        self.shown.append(message)
        self.posted.emit(message)

    def error(
        self, error: BaseException, *, action: str = "", do: Callable[[], object] | None = None
    ) -> None:
        """Show an error. A cancellation is no error; anything untyped is shown as our own fault, with details to copy."""
        if isinstance(error, Cancelled):
            return
        if isinstance(error, AnchorLabError):
            self.post(Message(error.message, error.hint, "error", error.details, action, do))
            return
        details = "".join(traceback.format_exception(error))
        self.post(
            Message(
                f"Something went wrong inside AnchorLab: {type(error).__name__}.",
                "Your data are saved. Copy the details if you want to report it.",
                "error",
                details,
                action,
                do,
            )
        )

    def note(
        self, text: str, hint: str = "", *, action: str = "", do: Callable[[], object] | None = None
    ) -> None:
        self.post(Message(text, hint, "", "", action, do))

    def warn(
        self, text: str, hint: str = "", *, action: str = "", do: Callable[[], object] | None = None
    ) -> None:
        self.post(Message(text, hint, "warning", "", action, do))


class MessageBar(QFrame):
    """The bar in place: what happened, what to do, and the button that does it."""

    changed = Signal()  # shown or dismissed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messagebar")
        self._message: Message | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.text = label("", "strong", wrap=True, name="message.text")
        self.hint = label("", "secondary", wrap=True, name="message.hint")
        for item in (self.text, self.hint):
            item.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.addWidget(self.text)
        words.addWidget(self.hint)
        row.addLayout(words, 1)
        self.action = button("", name="message.action", clicked=self._act)
        self.other = button("", name="message.other", clicked=self._act_other)
        self.copy = button("Copy details", name="message.copy", clicked=self._copy)
        self.close_button = tool_button("close", "Dismiss", name="message.close", clicked=self.dismiss)
        for control in (self.other, self.action, self.copy, self.close_button):
            row.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    def show_message(self, message: Message) -> None:
        self._message = message
        self.text.setText(_shortened(message.text))
        self.hint.setText(_shortened(message.hint))
        self.hint.setVisible(bool(message.hint))
        for control, words in ((self.action, message.action), (self.other, message.other)):
            control.setText(words)
            control.setAccessibleName(words)
            control.setVisible(bool(words))
        cut = len(message.text) > _LONGEST or len(message.hint) > _LONGEST
        self.copy.setVisible(cut or bool(message.details))
        set_tone(self, message.tone)
        set_tone(self.text, message.tone)
        self.show()
        self.changed.emit()

    def dismiss(self) -> None:
        self._message = None
        self.hide()
        self.changed.emit()

    def _act(self) -> None:
        message = self._message
        self.dismiss()
        if message is not None and message.do is not None:
            message.do()

    def _act_other(self) -> None:
        message = self._message
        self.dismiss()
        if message is not None and message.do_other is not None:
            message.do_other()

    def _copy(self) -> None:
        if self._message is not None:
            QGuiApplication.clipboard().setText(
                f"{self._message.text}\n{self._message.hint}\n\n{self._message.details}".strip()
            )
