"""An editor that gives a text back exactly as it got it, unless somebody typed into it."""

from __future__ import annotations

import re

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QPlainTextEdit, QToolTip

# Characters that an editor lays out without making anybody wait; no model reads nearly as many.
LONGEST = 20_000
_BREAKS = re.compile("\r\n|[\r\u2028\u2029\ufdd0\ufdd1]")


class TextEdit(QPlainTextEdit):
    """The toolkit's editor knows one kind of line end and one kind of space, so its own text is not what was put in.

    `stored` is the text as it is kept elsewhere, `held` that text or what somebody made of it. A text longer than
    `LONGEST` shows its start and cannot be edited here.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stored = ""
        self._editable = True

    def hold(self, text: str) -> None:
        """Show another text, or the same one afresh."""
        self.keep(text)
        shown = _start(text)
        if self.toPlainText() != _as_shown(shown):
            self.setPlainText(shown)

    def keep(self, text: str) -> None:
        """`text` is what is kept now; what stands in the editor stays."""
        self.stored = text
        self._lock()

    @property
    def too_long(self) -> bool:
        return len(self.stored) > LONGEST

    @property
    def touched(self) -> bool:
        """Whether what stands here is not what is kept."""
        return not self.too_long and self.toPlainText() != _as_shown(self.stored)

    @property
    def held(self) -> str:
        return self.document().toRawText().replace("\u2029", "\n") if self.touched else self.stored

    def set_editable(self, editable: bool) -> None:
        self._editable = editable
        self._lock()

    def _lock(self) -> None:
        self.setReadOnly(self.too_long or not self._editable)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """What is pasted or dropped."""
        if source.hasText() and len(source.text()) > LONGEST:
            place = self.mapToGlobal(self.cursorRect().bottomLeft())
            QToolTip.showText(place, "Too long to be edited here: paste it on the cell in the table.", self)
            return
        super().insertFromMimeData(source)


def _start(text: str) -> str:
    rest = len(text) - LONGEST
    if rest <= 0:
        return text
    return f"{text[:LONGEST]}\n… {rest:,} characters more: too long to be edited here"


def _as_shown(text: str) -> str:
    """What the toolkit's editor says that it holds after it was given `text`."""
    return _BREAKS.sub("\n", text).replace("\u00a0", " ")
