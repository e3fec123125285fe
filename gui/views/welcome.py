"""The first page: recent projects, the examples, *New* and *Import a file*."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from core.project.examples import ExampleProject, list_examples
from gui.context import Context
from gui.theme import icons
from gui.views.page import Page
from gui.widgets.basic import Chip, ElidedLabel, button, label, set_tone

_FORMAT_ICONS = {"pairs": "pairs", "scored": "scored", "triplets": "triplets", "categories": "table"}


class Tile(QFrame):
    """A card that is a button: icon, title, two lines of description."""

    chosen = Signal()

    def __init__(
        self, icon: str, title: str, text: str, *, name: str, chip: str = "", lines: int = 2
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("kind", "tile")
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(12)
        picture = button("", kind="plain")
        icons.attach(picture, icon, "accent", size=20)
        picture.setIconSize(QSize(20, 20))
        picture.setFixedSize(24, 24)
        picture.setStyleSheet("border: 0; background: transparent; padding: 0; min-height: 0;")
        picture.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        picture.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(ElidedLabel(title, "strong"), 1)
        if chip:
            head.addWidget(Chip(chip))
        words.addLayout(head)
        if lines == 1:
            words.addWidget(ElidedLabel(text, "caption"))
        else:
            body = label(text, "caption", wrap=True)
            body.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            words.addWidget(body, 1)
        row.addLayout(words, 1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)


class WelcomePage(Page):
    new_requested = Signal()
    import_requested = Signal()
    open_requested = Signal()
    example_requested = Signal(object)  # ExampleProject
    recent_requested = Signal(object)  # Path

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer.addWidget(scroll)
        inside = QWidget()
        inside.setObjectName("scrolled")
        scroll.setWidget(inside)
        centre = QHBoxLayout(inside)
        centre.setContentsMargins(24, 24, 24, 24)
        column_widget = QWidget()
        column_widget.setMaximumWidth(920)
        centre.addStretch(1)
        centre.addWidget(column_widget, 100)
        centre.addStretch(1)
        column = QVBoxLayout(column_widget)
        column.setContentsMargins(0, 16, 0, 0)
        column.setSpacing(8)
        column.addWidget(label("What does similar mean to you?", "title"))
        column.addWidget(
            label(
                "Label a few examples, press Train, and compare your model with the one you started from. "
                "Everything stays on this machine.",
                "secondary",
                wrap=True,
            )
        )
        column.addSpacing(12)
        starts = QHBoxLayout()
        starts.setSpacing(8)
        starts.addWidget(
            button("New project", "plus", kind="primary", name="welcome.new", clicked=self.new_requested.emit)
        )
        starts.addWidget(
            button("Import a file", "import", name="welcome.import", clicked=self.import_requested.emit)
        )
        starts.addWidget(
            button("Open a project", "folder", name="welcome.open", clicked=self.open_requested.emit)
        )
        starts.addStretch(1)
        column.addLayout(starts)
        column.addSpacing(20)
        self._recent_title = label("Recent", "section")
        column.addWidget(self._recent_title)
        self._recent_box = QVBoxLayout()
        self._recent_box.setSpacing(8)
        column.addLayout(self._recent_box)
        self._recent_space = QWidget()
        self._recent_space.setFixedHeight(16)
        column.addWidget(self._recent_space)
        column.addWidget(label("Examples", "section"))
        column.addWidget(
            label("Five small projects, ready to train. Open one and change anything.", "caption")
        )
        column.addSpacing(4)
        self._examples = QGridLayout()
        self._examples.setSpacing(8)
        column.addLayout(self._examples)
        column.addStretch(1)
        self._tiles: list[Tile] = []
        self._columns = 0
        for example in list_examples():
            self._tiles.append(self._example_tile(example))
        self._arrange(2)
        self.activate()

    def _example_tile(self, example: ExampleProject) -> Tile:
        tile = Tile(
            _FORMAT_ICONS[example.format.value],
            example.title,
            example.description,
            name=f"welcome.example.{example.name}",
            chip=example.format.title,
        )
        tile.chosen.connect(lambda: self.example_requested.emit(example))
        return tile

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for number, tile in enumerate(self._tiles):
            self._examples.addWidget(tile, number // columns, number % columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(2 if self.width() >= 720 else 1)

    def activate(self) -> None:
        """Read the recent projects anew; folders that are gone are greyed, not forgotten (a disk may be unplugged)."""
        while (item := self._recent_box.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()  # out of its place it would lie over everything until it is deleted
                widget.deleteLater()
        recent = [Path(name) for name in self.context.settings.recent][:5]
        for folder in recent:
            there = folder.is_dir()
            tile = Tile(
                "folder",
                folder.name,
                str(folder) if there else f"{folder} — not found",
                name=f"welcome.recent.{folder.name}",
                lines=1,
            )
            tile.setEnabled(there)
            set_tone(tile, "" if there else "missing")
            tile.chosen.connect(lambda folder=folder: self.recent_requested.emit(folder))
            self._recent_box.addWidget(tile)
        for part in (self._recent_title, self._recent_space):
            part.setVisible(bool(recent))
