"""A text to be judged: large, calm, in as many lines as it needs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from core.dataset.formats import Role
from gui.theme.manager import current, tokens
from gui.widgets.basic import brief, label
from gui.widgets.roles import SIGNED, RoleHeading

LONGEST = 8000  # characters that are laid out; the whole text is in the details
_SIZES = ((90, 30), (150, 26), (260, 22), (600, 18), (1400, 16))
_SMALLEST = 14
_LEADING = 1.32


def size_for(texts: Sequence[str], *, compact: bool = False) -> int:
    """The type size in which all of them together look at home; one size for an example, so that nothing shouts."""
    length = max((len(text) for text in texts), default=0) + sum(map(len, texts)) // 3
    size = next((size for most, size in _SIZES if length <= most), _SMALLEST)
    return max(size - size // 5, _SMALLEST) if compact else size


class BigText(QWidget):
    """Plain text on as many lines as the width asks for."""

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._text = ""
        self._size = _SIZES[0][1]
        self._layout: QTextLayout | None = None
        self._laid: tuple[int, float] = (-1, 0.0)

    def text(self) -> str:
        return self._text

    def show_text(self, text: str, size: int) -> None:
        if (text, size) == (self._text, self._size) and self._layout is not None:
            return
        self._text, self._size = text, size
        self._layout, self._laid = None, (-1, 0.0)
        self.setAccessibleName(brief(text, 200))
        self._fit()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as the lines are at this width: no layout has to guess."""
        height = int(self._lay_out(self.width())) + 2
        if height != self.minimumHeight() or height != self.maximumHeight():
            self.setFixedHeight(height)

    def _lay_out(self, width: int) -> float:
        if self._layout is None:
            self._layout = self._make()
        if self._laid[0] == width:
            return self._laid[1]
        line_height = self._size * _LEADING
        top = 0.0
        self._layout.beginLayout()
        while (line := self._layout.createLine()).isValid():
            line.setLineWidth(max(width, 20))
            line.setPosition(QPointF(0, top + (line_height - line.height()) / 2))
            top += line_height
        self._layout.endLayout()
        self._laid = (width, max(top, line_height))
        return self._laid[1]

    def _make(self) -> QTextLayout:
        rest = len(self._text) - LONGEST
        shown = self._text[:LONGEST] + (f" … ({rest:,} characters more, in the details)" if rest > 0 else "")
        shown = shown.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\u2028")
        font = QFont(self.font())
        font.setPixelSize(self._size)
        font.setWeight(QFont.Weight.Normal)
        layout = QTextLayout(shown or "(empty)", font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.setCacheEnabled(True)
        return layout

    def paintEvent(self, event: QPaintEvent) -> None:
        self._lay_out(self.width())
        assert self._layout is not None
        colours = tokens()
        painter = QPainter(self)
        painter.setPen(QColor(colours.text if self._text else colours.secondary))
        self._layout.draw(painter, QPointF(0, 0), [], event.rect())


class TextCard(QFrame):
    """A text under its role; the one that is asked about has the accent's edge, and says what the keys would do."""

    def __init__(self, name: str, title: str, role: Role) -> None:
        super().__init__()
        self.setObjectName("review.card")
        self.role = role
        self.heading = RoleHeading(title, role)
        self.plain = label("", "secondary", name=f"{name}.plain")
        self.plain.hide()
        self.state = label("", "caption", name=f"{name}.state")
        self.text = BigText(name)
        self.ask = label("", "caption", wrap=True, name=f"{name}.ask")
        column = QVBoxLayout(self)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.heading, 1)
        head.addWidget(self.plain, 1)
        head.addWidget(self.state)
        column.addLayout(head)
        column.addWidget(self.text)
        column.addWidget(self.ask)
        self.ask.hide()
        self._active = False
        self._role_shown = True
        self.set_compact(False)
        current().changed.connect(self.update)

    def show_text(self, text: str, size: int) -> None:
        self.text.show_text(text, size)

    def set_compact(self, compact: bool) -> None:
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(24, *((8, 24, 10) if compact else (14, 24, 18)))
        layout.setSpacing(2 if compact else 6)

    def show_role(self, shown: bool, title: str = "") -> None:
        """Without its role a card has a neutral edge and this title: a second judgement must not see the first."""
        if shown == self._role_shown and title == self.plain.text():
            return
        self._role_shown = shown
        self.plain.setText(title)
        self.heading.setVisible(shown)
        self.plain.setVisible(not shown)
        self.update()

    def show_state(self, words: str, *, active: bool = False, ask: str = "") -> None:
        if self.state.text() != words:
            self.state.setText(words)
        if self.ask.text() != ask:
            self.ask.setText(ask)
        if self.ask.isHidden() == bool(ask):
            self.ask.setVisible(bool(ask))
        if active != self._active:
            self._active = active
            self.update()

    @property
    def active(self) -> bool:
        return self._active

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = QColor(colours.accent if self._active else colours.line)
        painter.setPen(edge)
        painter.setBrush(QColor(colours.surface))
        frame = self.rect().adjusted(0, 0, -1, -1)
        painter.drawRoundedRect(frame, 10, 10)
        if self._active:
            painter.drawRoundedRect(frame.adjusted(1, 1, -1, -1), 9, 9)
        if self.role in SIGNED and self._role_shown:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.role(self.role)))
            painter.drawRoundedRect(9, 16, 4, self.height() - 32, 2, 2)
