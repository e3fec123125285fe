"""What can be done with any chart: copy or save the picture, save the numbers behind it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from core import atomic
from core.errors import AnchorLabError, FileProblem
from gui.widgets.basic import tool_button
from gui.widgets.messages import Message, MessageCentre

Table = tuple[Sequence[str], Iterable[Sequence[Any]]]  # header and rows

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how what a spreadsheet works out begins


def harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it; everything else stays."""
    risky = isinstance(value, str) and value.lstrip(" ")[:1] in _FORMULA and value.strip()
    return f"'{value}" if risky else value


def as_csv(table: Table) -> str:
    """The numbers as the events have them, unrounded; a gap is an empty cell, and no text is a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")  # which also quotes a lone carriage return in a text
    writer.writerow(table[0])
    writer.writerows(["" if value is None else harmless(value) for value in row] for row in table[1])
    return stream.getvalue()


class ChartMenu:
    """Adds a button with a menu to a chart. `chart` is what is in the picture, `table` gives its numbers.

    With `run` (a context's) long tables are written off the window's thread.
    """

    def __init__(
        self,
        messages: MessageCentre,
        chart: QWidget,
        table: Callable[[], Table],
        *,
        name: str,
        title: str,
        run: Callable[..., object] | None = None,
    ) -> None:
        self._messages, self._chart, self._table, self._title = messages, chart, table, title
        self._run = run
        self.button: QToolButton = tool_button("more", f"More for the chart “{title}”", name=name)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.button)
        self.button.setMenu(self.menu)
        self.menu.addAction("Copy picture", self.copy_picture)
        self.menu.addAction("Save picture (PNG)…", self.ask_picture)
        self.menu.addAction("Save numbers (CSV)…", self.ask_numbers)

    def copy_picture(self) -> None:
        QGuiApplication.clipboard().setPixmap(self._picture())

    def _picture(self) -> QPixmap:
        return self._chart.grab()

    def ask_picture(self) -> None:
        name = self._ask("png", "Pictures (*.png)")
        if name is not None:
            self.save_picture(name)

    def ask_numbers(self) -> None:
        name = self._ask("csv", "Tables (*.csv)")
        if name is not None:
            self.save_numbers(name)

    def _ask(self, suffix: str, filter: str) -> Path | None:
        suggestion = Path.home() / f"{self._title.lower().replace(' ', '-')}.{suffix}"
        name, _ = QFileDialog.getSaveFileName(self._chart, f"Save “{self._title}”", str(suggestion), filter)
        if not name:
            return None
        path = Path(name)
        return path if path.suffix else path.with_suffix(f".{suffix}")

    def save_picture(self, path: Path) -> None:
        if self._picture().save(str(path), "PNG"):
            self._saved(path)
        else:
            self._messages.error(FileProblem(f"Cannot write the picture {path}.", "Choose another folder."))

    def save_numbers(self, path: Path) -> None:
        table = self._table()
        if self._run is not None:
            self._run(
                f"Saving {path.name}",
                lambda _job: atomic.write_text(path, as_csv(table)),
                on_done=lambda _none: self._saved(path),
            )
            return
        try:
            atomic.write_text(path, as_csv(table))
        except AnchorLabError as error:
            self._messages.error(error)
        else:
            self._saved(path)

    def _saved(self, path: Path) -> None:
        self._messages.post(Message(f"Saved {path}.", "", "positive"))
