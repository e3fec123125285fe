"""A label page on a real project, and keys as a person presses them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.dataset.formats import Example, Format, Scale
from core.project import Project, Reader
from gui.context import Context
from gui.views.label.page import LabelPage

PAIRS = [
    Example(("shade plants", "Hosta, full shade")),
    Example(("bees love it", "Phacelia seed")),
    Example(("herbs for pasta", "Basil, thyme\nand oregano")),
    Example(("<b>bold</b>", "flowers in January"), flag=True),
    Example(("slugs leave it", "Geranium"), split="eval"),
]
SCORED = [
    Example(("soft girl", "pastel cardigan"), score=1.0, raw_score="1"),
    Example(("pastoral vibe", "linen dress"), score=0.5, raw_score="0.5"),
    Example(("futuristic", "tracksuit"), score=0.0, raw_score="0"),
    Example(("dark academia", "tweed blazer")),
]


@dataclass
class Bench:
    """The page with what it works on."""

    bot: QtBot
    context: Context
    page: LabelPage

    @property
    def stored(self) -> list[Example]:
        """What a second connection reads from the disk."""
        assert self.context.folder is not None and self.context.dataset_id is not None
        with Reader(self.context.folder) as reader:
            return list(reader.rows(self.context.dataset_id))

    @property
    def shown(self) -> list[str]:
        """The first text of every row of the table."""
        model = self.page.model
        return [str(model.index(row, 1).data()) for row in range(model.rowCount())]

    @property
    def messages(self) -> list[str]:
        return [message.text for message in self.context.messages.shown]

    def at(self, row: int, column: str) -> None:
        self.page.table.go_to(row, self.page.model.column(column))
        self.page.table.setFocus()

    def focus(self) -> QWidget:
        widget = QApplication.focusWidget()
        assert widget is not None
        return widget

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.focus(), key, modifier)

    def type(self, text: str) -> None:
        """Each key goes to whatever has the focus by then: the first one may open an editor."""
        for letter in text:
            QTest.keyClicks(self.focus(), letter)

    def settle(self) -> None:
        """Wait until no query and no check is on its way."""
        self.bot.waitUntil(lambda: not self.page.rows.query.busy and not self.page.watch.busy, timeout=20_000)

    def select_rows(self, *rows: int) -> None:
        self.page.table.select_rows(list(rows))
        self.page.table.setFocus()


def clipboard(text: str | None = None) -> str:
    """The clipboard's text, after putting `text` there."""
    board = QGuiApplication.clipboard()
    if text is not None:
        board.setText(text)
    return board.text()


def bench(
    bot: QtBot,
    context: Context,
    folder: Path,
    format: Format,
    examples: Sequence[Example],
    *,
    scale: Scale | None = None,
    write: bool = True,
    negatives: int = 1,
) -> Bench:
    """A shown page on a new project with one dataset."""
    project = Project.create(folder, "Garden")
    project.create_dataset("Main", format, negatives, scale or Scale(), examples)
    if not write:
        project.close()
        project = Project.open(folder, write=False)
    context.adopt(project)
    page = LabelPage(context)
    bot.addWidget(page, before_close_func=lambda page: page.deactivate())
    page.resize(1204, 720)
    with bot.waitExposed(page):
        page.show()
    page.activateWindow()
    bot.waitUntil(page.isActiveWindow)
    page.activate()
    made = Bench(bot, context, page)
    made.settle()
    return made
