"""A text to read and to change, its words tinted by what they give to a score."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QResizeEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from gui.theme.manager import current, tokens
from gui.views.explore.why.explained import Side
from gui.widgets.diverging import MARKED_STRENGTH, TEXT_STRENGTH, colour_of, ink_on

LEAST_LINES, MOST_LINES = 2, 4  # that are shown


class TintedEdit(QPlainTextEdit):
    """`changed` tells what a person made of the text; `show_text` does not."""

    changed = Signal()
    hovered = Signal(int)  # the piece under the mouse; -1: none

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setPlaceholderText("Type or paste a text")
        self.setTabChangesFocus(True)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._text = self._plain = ""  # as given, and as the editor gives it back
        self._side: Side | None = None
        self._shares: tuple[float, ...] = ()
        self._places: list[tuple[int, int] | None] = []  # of the pieces, in the editor's own counting
        self._mark = -1
        self._most_lines = MOST_LINES
        self._given = False
        self.spare = 0  # pixels that it gives up in a low window
        self.textChanged.connect(self._edited)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._fit())
        current().changed.connect(self._recolour)
        self._fit()

    def _recolour(self, _tokens: object) -> None:
        self._paint()

    # -- the text -------------------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The text as it was given, or what a person made of it."""
        return self._text

    def show_text(self, text: str) -> None:
        self._given = True
        self.setPlainText(text)
        self._given = False
        self._text, self._plain = text, self.toPlainText()
        self.clear_tint()

    def _edited(self) -> None:
        if self._given or self.toPlainText() == self._plain:
            return
        self._text = self._plain = self.toPlainText()
        self.clear_tint()
        self.changed.emit()

    def show_lines(self, most: int) -> None:
        """So many lines at most; the others are scrolled to."""
        if most != self._most_lines:
            self._most_lines = most
            self._fit()

    def _fit(self) -> None:
        line = self.fontMetrics().lineSpacing()
        least = LEAST_LINES if self._most_lines > LEAST_LINES else 1  # in a low window no line is empty
        lines = max(self._lines(), least)
        self.setFixedHeight(lines * line + 2 * round(self.document().documentMargin()) + 18)
        self.spare = (lines - 1) * line

    def _lines(self) -> int:
        """How many lines the text takes at this width, as far as they are shown; lines are laid out only when they are asked for."""
        found, block = 0, self.document().begin()
        while block.isValid() and found < self._most_lines:
            self.document().documentLayout().blockBoundingRect(block)
            found += max(1, block.layout().lineCount())
            block = block.next()
        return min(found, self._most_lines)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # -- tint -----------------------------------------------------------------------------------------------------------

    def clear_tint(self) -> None:
        self._side, self._shares, self._places, self._mark = None, (), [], -1
        self._paint()

    def tint(self, side: Side, shares: Sequence[float]) -> None:
        """`shares` are −1 … 1, one a piece; what the model did not read is grey."""
        self._side, self._shares, self._mark = side, tuple(shares), -1
        counts = units(self._text)
        self._places = [
            (counts[span[0]], counts[span[1]]) if span is not None and span[1] < len(counts) else None
            for span in side.spans
        ]
        self._paint()

    def mark(self, piece: int) -> None:
        """Underline one piece; -1 for none."""
        if piece != self._mark:
            self._mark = piece
            self._paint()

    def _paint(self) -> None:
        found, theme = [], tokens()
        if self._side is not None:
            for piece, (place, share) in enumerate(zip(self._places, self._shares, strict=True)):
                if place is None:
                    continue
                form = QTextCharFormat()
                ground = colour_of(share, theme, MARKED_STRENGTH if piece == self._mark else TEXT_STRENGTH)
                form.setBackground(QColor(ground))
                form.setForeground(QColor(ink_on(ground, theme)))
                if piece == self._mark:
                    form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
                    form.setUnderlineColor(QColor(ink_on(ground, theme)))
                found.append(self._selection(*place, form))
            end = max((place[1] for place in self._places if place is not None), default=0)
            if self._side.truncated and end:
                form = QTextCharFormat()
                form.setForeground(QColor(theme.secondary))
                form.setFontStrikeOut(True)
                found.append(self._selection(end, self.document().characterCount() - 1, form))
        self.setExtraSelections(found)

    def _selection(self, start: int, end: int, form: QTextCharFormat) -> QTextEdit.ExtraSelection:
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        made = QTextEdit.ExtraSelection()
        made.cursor, made.format = cursor, form  # type: ignore[attr-defined]
        return made

    # -- the mouse ------------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        cursor = self.cursorForPosition(event.position().toPoint())
        inside = self.cursorRect(cursor).adjusted(-12, 0, 12, 0).contains(event.position().toPoint())
        at = cursor.position()
        self.hovered.emit(
            next(
                (
                    piece
                    for piece, place in enumerate(self._places)
                    if inside and place is not None and place[0] <= at < place[1]
                ),
                -1,
            )
        )

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit(-1)


def units(text: str) -> list[int]:
    """For each place in `text`, and its end, the place in an editor, which counts in UTF-16 and takes a line end for one."""
    widths = (
        0 if letter == "\r" and text[place + 1 : place + 2] == "\n" else 2 if ord(letter) > 0xFFFF else 1
        for place, letter in enumerate(text)
    )
    return [0, *accumulate(widths)]
