"""The keys of the review on the screen: each a cap and a few words, and a button for the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QLayoutItem, QPushButton, QSizePolicy, QWidget

from gui.theme.manager import tokens
from gui.widgets.basic import brief


@dataclass(frozen=True)
class KeyHint:
    """`press` is what the key sends; `cap` what is drawn on it (as `press` when left out)."""

    press: str
    words: str
    cap: str = ""
    tone: str = ""  # a token: accent, positive, negative
    tip: str = ""
    enabled: bool = True
    on: bool = False


class KeyButton(QPushButton):
    """A key cap with words beside it. Pressing it does what the key does; the keyboard stays where it is."""

    def __init__(self, hint: KeyHint, *, large: bool = False) -> None:
        super().__init__()
        self.large = large
        self.setProperty("kind", "plain")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_hint(hint)

    def show_hint(self, hint: KeyHint) -> None:
        self.hint = hint
        self.setObjectName(f"review.key.{hint.press}")
        self.setAccessibleName(f"{hint.words or hint.press} ({hint.cap or hint.press})")
        self.setToolTip(brief(hint.tip, 200))
        self.setEnabled(hint.enabled)
        self.updateGeometry()
        self.update()

    def _fonts(self) -> tuple[QFont, QFont]:
        words, cap = QFont(self.font()), QFont(self.font())
        words.setPixelSize(14 if self.large else 12)
        cap.setPixelSize(14 if self.large else 12)
        cap.setWeight(QFont.Weight.DemiBold)
        return words, cap

    def _cap_width(self) -> int:
        _, cap = self._fonts()
        least = 28 if self.large else 22
        return max(least, QFontMetrics(cap).horizontalAdvance(self.hint.cap or self.hint.press) + 12)

    def sizeHint(self) -> QSize:
        words, _ = self._fonts()
        text = QFontMetrics(words).horizontalAdvance(self.hint.words)
        gap = 7 if self.hint.words else 0
        return QSize(self._cap_width() + gap + text + 14, 38 if self.large else 28)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        colours, hint = tokens(), self.hint
        words, cap = self._fonts()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = 28 if self.large else 20
        box = QRectF(6.5, (self.height() - height) / 2 + 0.5, self._cap_width() - 1, height - 1)
        faded = colours.line_strong if not hint.enabled else ""
        lit = colours.accent if hint.on else colours.text
        tone = faded or (getattr(colours, hint.tone) if hint.tone else lit)
        painter.setPen(QColor(tone if hint.tone or hint.on else colours.line_strong))
        painter.setBrush(QColor(colours.tint if hint.on else colours.raised))
        painter.drawRoundedRect(box, 5, 5)
        painter.setFont(cap)
        painter.setPen(QColor(tone))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), hint.cap or hint.press)
        painter.setFont(words)
        painter.setPen(QColor(faded or (colours.text if self.large else colours.secondary)))
        left = int(box.right()) + 8
        painter.drawText(
            QRect(left, 0, self.width() - left, self.height()),
            int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft),
            hint.words,
        )


class KeyBar(QWidget):
    """Keys side by side, going on to a second line where the width asks for it."""

    pressed = Signal(str)

    def __init__(self, name: str, *, large: bool = False, centred: bool = False) -> None:
        super().__init__()
        self.setObjectName(name)
        self._large = large
        self._buttons: list[KeyButton] = []
        self._hints: list[KeyHint] = []
        self._flow = FlowLayout(self, centred=centred)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_keys(self, hints: Sequence[KeyHint]) -> None:
        for place, hint in enumerate(hints):
            if place == len(self._buttons):
                made = KeyButton(hint, large=self._large)
                made.clicked.connect(lambda _checked=False, made=made: self.pressed.emit(made.hint.press))
                self._buttons.append(made)
                self._flow.addWidget(made)
            elif self._buttons[place].hint != hint:
                self._buttons[place].show_hint(hint)
            if self._buttons[place].isHidden():
                self._buttons[place].show()
        for extra in self._buttons[len(hints) :]:
            extra.hide()
        if hints != self._hints:
            self._hints = list(hints)
            self._flow.invalidate()
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as its lines at this width."""
        height = self._flow.lines_height(self.width())
        if height != self.minimumHeight() or height != self.maximumHeight():
            self.setFixedHeight(height)

    @property
    def hints(self) -> list[KeyHint]:
        return [made.hint for made in self._buttons if not made.isHidden()]


class FlowLayout(QLayout):
    """Items in lines, as words in a text."""

    def __init__(self, parent: QWidget, *, centred: bool = False, gap: int = 4) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._centred, self._gap = centred, gap
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def lines_height(self, width: int) -> int:
        lines = self._lines(width)
        return sum(height for _, height in lines) + self._gap * max(len(lines) - 1, 0)

    def sizeHint(self) -> QSize:
        shown = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = sum(size.width() for size in shown) + self._gap * max(len(shown) - 1, 0)
        return QSize(width, max((size.height() for size in shown), default=0))

    def minimumSize(self) -> QSize:
        shown = [item.sizeHint() for item in self._items if not item.isEmpty()]
        return QSize(
            max((size.width() for size in shown), default=0),
            max((size.height() for size in shown), default=0),
        )

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        top = rect.top()
        for line, height in self._lines(rect.width()):
            width = sum(item.sizeHint().width() for item in line) + self._gap * (len(line) - 1)
            left = rect.left() + (max(rect.width() - width, 0) // 2 if self._centred else 0)
            for item in line:
                size = item.sizeHint()
                item.setGeometry(QRect(left, top, size.width(), size.height()))
                left += size.width() + self._gap
            top += height + self._gap

    def _lines(self, width: int) -> list[tuple[list[QLayoutItem], int]]:
        lines: list[tuple[list[QLayoutItem], int]] = []
        line: list[QLayoutItem] = []
        used = height = 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            if line and used + self._gap + size.width() > width:
                lines.append((line, height))
                line, used, height = [], 0, 0
            used += size.width() + (self._gap if line else 0)
            height = max(height, size.height())
            line.append(item)
        if line:
            lines.append((line, height))
        return lines


def row_of(*widgets: QWidget) -> QWidget:
    """Widgets side by side, without margins."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    return box
