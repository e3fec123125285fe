"""How everything copies: the menu of a chart or a list with "Copy as text", "Copy as CSV", "Copy picture" and the same into files.

The same entries stand in the context menu of the widgets they are attached to, where Ctrl+C copies as text, and in the command palette.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QAction, QColor, QGuiApplication, QKeySequence, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from gui.actions.registry import ActionSpec
from gui.models import clipboard_text
from gui.theme.manager import current
from gui.widgets.chart_menu import ChartMenu, Table, as_csv, harmless
from gui.widgets.messages import MessageCentre

_MARGIN, _GAP = 16, 10


def as_text(table: Table) -> str:
    """A table to paste into a spreadsheet: tabs between."""
    head, rows = table
    lines = (["" if value is None else str(harmless(value)) for value in row] for row in rows)
    return clipboard_text.to_text([list(head), *lines])


def picture(charts: Sequence[QWidget], caption: str) -> QPixmap:
    """What is on the screen of these widgets, one below the other on the window's ground, under a line that says what it is."""
    shots = [chart.grab() for chart in charts if chart.isVisible()] or [charts[0].grab()]
    sizes = [shot.deviceIndependentSize() for shot in shots]
    line = charts[0].fontMetrics().height() + _GAP if caption else 0
    width = max(size.width() for size in sizes)
    height = line + sum(size.height() for size in sizes) + _GAP * (len(sizes) - 1)
    ratio, whole = charts[0].devicePixelRatioF(), QSizeF(width + 2 * _MARGIN, height + 2 * _MARGIN)
    made = QPixmap((whole * ratio).toSize())
    made.setDevicePixelRatio(ratio)
    made.fill(QColor(current().tokens.window))
    painter = QPainter(made)
    if caption:
        painter.setFont(charts[0].font())
        painter.setPen(QColor(current().tokens.secondary))
        room = QRectF(_MARGIN, _MARGIN, width, line - _GAP)
        words = charts[0].fontMetrics().elidedText(caption, Qt.TextElideMode.ElideRight, int(width))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
    top = float(_MARGIN + line)
    for shot, size in zip(shots, sizes, strict=True):
        painter.drawPixmap(QPointF(_MARGIN, top), shot)
        top += size.height() + _GAP
    painter.end()
    return made


class CopyMenu(ChartMenu):
    """`charts` are in the picture. `text` and `table` give what is shown; they return quickly, and what they return may be worked out in
    another thread: a table's rows, or a function that makes the text. Both give None, or no rows, where nothing is shown."""

    def __init__(
        self,
        messages: MessageCentre,
        charts: Sequence[QWidget],
        table: Callable[[], Table],
        *,
        text: Callable[[], Callable[[], str] | None] | None = None,
        name: str,
        title: str,
        run: Callable[..., object],
        about: Callable[[], str] = lambda: "",
    ) -> None:
        super().__init__(messages, charts[0], table, name=f"{name}.more", title=title, run=run)
        self._charts, self._text, self._about, self._name = tuple(charts), text, about, name
        self._runs = run
        first = self.menu.actions()[0]
        self._entries: tuple[tuple[str, str, Callable[[], None]], ...] = (
            ("text", "Copy as text", self.copy_text),
            ("csv", "Copy as CSV", self.copy_csv),
            ("picture", "Copy picture", self.copy_picture),
            ("save_picture", "Save picture (PNG)…", self.ask_picture),
            ("save_csv", "Save numbers (CSV)…", self.ask_numbers),
        )
        for key, words, act in self._entries[:2]:
            entry = QAction(words, self.menu)
            entry.setObjectName(f"{name}.{key}")
            entry.triggered.connect(lambda _checked=False, act=act: act())
            self.menu.insertAction(first, entry)

    def attach(self, where: QWidget, table: Callable[[], Table] | None = None) -> None:
        """The entries in the widget's context menu, and Ctrl+C on it; with `table` they copy that, for example what is selected."""
        entries = self._entries[:3]
        if table is not None:
            chosen = (lambda: self._copy_table(table(), as_text), lambda: self._copy_table(table(), as_csv))
            entries = tuple(
                (key, words, act)
                for (key, words, _), act in zip(entries, (*chosen, self.copy_picture), strict=True)
            )
        for key, words, act in entries:
            entry = QAction(words, where)
            entry.setObjectName(f"{where.objectName()}.copy.{key}")
            entry.triggered.connect(lambda _checked=False, act=act: act())
            if key == "text":
                entry.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
                entry.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            where.addAction(entry)
        where.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def specs(self, enabled: Callable[[], bool]) -> list[ActionSpec]:
        """The entries of the command palette."""
        return [
            ActionSpec(
                f"explore.{self._name}.{key}",
                f"{self._title}: {words[0].lower()}{words[1:]}",
                act,
                group="Explore",
                enabled=enabled,
            )
            for key, words, act in self._entries
        ]

    def copy_text(self) -> None:
        if self._text is None:
            self._copy_table(self._table(), as_text)
        elif (made := self._text()) is not None:
            self._copy(made)

    def copy_csv(self) -> None:
        self._copy_table(self._table(), as_csv)

    def _copy_table(self, table: Table, form: Callable[[Table], str]) -> None:
        if table[0]:
            self._copy(lambda: form(table))

    def _copy(self, made: Callable[[], str]) -> None:
        """Tens of thousands of lines are written beside the window."""

        def done(text: Any) -> None:
            QGuiApplication.clipboard().setText(text)
            self._messages.note(f"{self._title} copied.")

        self._runs("Copying", lambda _job: made(), on_done=done)

    def _picture(self) -> QPixmap:
        about = self._about()
        return picture(self._charts, f"{self._title} · {about}" if about else self._title)
