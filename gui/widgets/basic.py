"""Small building blocks: plain-text labels, cards, chips, key caps, buttons, lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.theme import icons

_LONGEST_LINE = 2000  # signs of an elided line that are looked at; no screen shows more


def label(text: str = "", kind: str = "", *, tone: str = "", wrap: bool = False, name: str = "") -> QLabel:
    """A label that shows its text as it is: `<b>` stays four characters."""
    result = WrappingLabel() if wrap else QLabel()
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setText(text)
    if kind:
        result.setProperty("kind", kind)
    if tone:
        result.setProperty("tone", tone)
    if name:
        result.setObjectName(name)
    return result


class WrappingLabel(QLabel):
    """Several lines of plain text. A word without end (a hash, a file's name) may be broken too, so that it cannot widen
    the window; `text()` is what was set."""

    _ENDLESS = re.compile(r"[^\s/\-\u200b]{24}(?=[^\s/\-\u200b])")

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.setWordWrap(True)

    def setText(self, text: str) -> None:
        self._text = text
        super().setText(self._ENDLESS.sub("\\g<0>\u200b", text))

    def text(self) -> str:
        return self._text


def set_tone(widget: QWidget, tone: str) -> None:
    """Change the `tone` property and have the style sheet look at it again."""
    if widget.property("tone") != tone:
        widget.setProperty("tone", tone)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class ElidedLabel(QLabel):
    """One line of plain text that shortens with an ellipsis; the tool tip then holds all of it."""

    def __init__(self, text: str = "", kind: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        if kind:
            self.setProperty("kind", kind)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, QFontMetrics(self.font()).height())

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._line()) + 2, metrics.height())

    def _line(self) -> str:
        return " ".join(self.text()[:_LONGEST_LINE].split())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        cut = QFontMetrics(self.font()).horizontalAdvance(self._line()) > self.width()
        self.setToolTip(plain_tip(self.text()) if cut else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        metrics = painter.fontMetrics()
        line = metrics.elidedText(self._line(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), line)


_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0e-\x1b\x7f]")


def brief(text: str, longest: int = 48) -> str:
    """One line of at most `longest` signs, for places that cannot grow: without signs that turn the words around it the other way."""
    line = " ".join(_TURNING.sub("", text[:_LONGEST_LINE]).split())
    whole = len(line) <= longest and len(text) <= _LONGEST_LINE
    return line if whole else line[: longest - 1] + "…"


def plain_tip(text: str) -> str:
    """A tool tip that cannot turn into rich text: Qt guesses from the first characters, so they are escaped."""
    escaped = (
        text[:2000].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")
    )
    return f"<p style='white-space:pre-wrap'>{escaped}</p>"


def button(
    text: str = "",
    icon: str = "",
    *,
    kind: str = "",
    name: str = "",
    tip: str = "",
    clicked: Callable[[], object] | None = None,
) -> QPushButton:
    """A push button; `kind` is primary, plain, link, danger, nav, view, menu or nothing (outlined)."""
    result = QPushButton(
        f"\u2009{text}" if icon and text else text
    )  # a thin space: Qt sets the icon too close
    if kind:
        result.setProperty("kind", kind)
    if icon:
        icons.attach(result, icon, "on_accent" if kind == "primary" else "secondary", size=16)
    if name:
        result.setObjectName(name)
    if tip:
        result.setToolTip(tip)
    result.setAccessibleName(text or tip)
    result.setCursor(Qt.CursorShape.PointingHandCursor if kind == "link" else Qt.CursorShape.ArrowCursor)
    if clicked is not None:
        result.clicked.connect(lambda _checked=False: clicked())
    return result


def tool_button(
    icon: str, tip: str, *, name: str = "", kind: str = "plain", clicked: Callable[[], object] | None = None
) -> QToolButton:
    """A square button with an icon; its tip is its accessible name."""
    result = QToolButton()
    result.setProperty("kind", kind)
    icons.attach(result, icon, size=18)
    result.setIconSize(QSize(18, 18))
    result.setToolTip(tip)
    result.setAccessibleName(tip)
    if name:
        result.setObjectName(name)
    if clicked is not None:
        result.clicked.connect(lambda _checked=False: clicked())
    return result


class Card(QFrame):
    """A surface with a one-pixel line; `body` is its vertical layout, the optional title line has room on the right."""

    def __init__(
        self, title: str = "", *, margins: int = 16, spacing: int = 8, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(margins, 12, margins, 12)
        self.body.setSpacing(spacing)
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        self.title = label(title, "section")
        if title:
            self.head.addWidget(self.title)
            self.head.addStretch(1)
            self.body.addLayout(self.head)


class Chip(QLabel):
    """A short state in a rounded outline."""

    def __init__(self, text: str = "", tone: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chip")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self.show_state(text, tone)

    def show_state(self, text: str, tone: str = "") -> None:
        self.setText(text)
        if self.parent() is not None or not text:  # shown without a parent it would be a window of its own
            self.setVisible(bool(text))
        set_tone(self, tone)


def keycap(text: str) -> QLabel:
    """A key drawn beside what it does."""
    result = QLabel(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setObjectName("keycap")
    result.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
    return result


def separator(vertical: bool = False) -> QFrame:
    result = QFrame()
    result.setObjectName("separator")
    if vertical:
        result.setFixedWidth(1)
    else:
        result.setFixedHeight(1)
    return result


def tab_order(*widgets: QWidget) -> None:
    """Tab goes through them in this order; without it, in the order in which they were made."""
    for before, after in pairwise(widgets):
        QWidget.setTabOrder(before, after)


class EmptyState(QWidget):
    """An icon, one sentence, one button: what a page shows while it has nothing to show."""

    def __init__(
        self,
        icon: str,
        sentence: str,
        action: str = "",
        clicked: Callable[[], object] | None = None,
        *,
        primary: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(12)
        layout.addStretch(1)
        picture = button("", kind="plain")
        picture.setEnabled(False)
        icons.attach(picture, icon, "secondary", size=40)
        picture.setIconSize(QSize(40, 40))
        picture.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        picture.setStyleSheet("background: transparent; border: 0;")
        layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        self.sentence = label(sentence, "secondary", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.sentence.setMaximumWidth(420)
        self.sentence.setMinimumWidth(200)
        # Between stretches, not aligned: an aligned label that wraps gets the height of its first line only.
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self.sentence, 100)
        middle.addStretch(1)
        layout.addLayout(middle)
        self.button = button(action, kind="primary" if primary else "", clicked=clicked)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.button.setVisible(
            bool(action)
        )  # only now: without a parent it would open as a window of its own
        layout.addStretch(1)

    def add(self, widget: QWidget) -> None:
        """One thing more, under the button."""
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(layout.count() - 1, widget, 0, Qt.AlignmentFlag.AlignHCenter)
