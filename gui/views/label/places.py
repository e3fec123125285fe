"""The empty states of the label page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QPushButton, QWidget

from core.dataset.formats import Format
from gui.theme import icons
from gui.views.label.empty import EmptyPlace, TablePlace

if TYPE_CHECKING:
    from gui.views.label.page import LabelPage


class LabelPlaces(TablePlace):
    """The table and its empty states by name: no_dataset, no_rows, no_hits, none, waiting."""

    def __init__(self, table: QWidget) -> None:
        super().__init__(table)
        self.empty: dict[str, EmptyPlace] = {}

    def add_empty(self, key: str, place: EmptyPlace) -> None:
        self.empty[key] = place
        self.add(key, place)

    def say(self, key: str, sentence: str, *, icon: str = "") -> None:
        state = self.empty[key].state
        state.sentence.setText(sentence)
        picture = state.findChild(QPushButton)
        if icon and picture is not None and picture.property("shows") != icon:
            picture.setProperty("shows", icon)
            icons.attach(picture, icon, "secondary", size=40)
            picture.setIconSize(QSize(40, 40))

    def focus_target(self) -> QWidget:
        """What the keyboard should go to: the table, or the button of the empty state."""
        empty = self.empty.get(self.shown)
        if empty is None:
            return self._places["table"]
        return empty.state.button if empty.state.button.isVisibleTo(empty) else self._places["table"]

    def allow(self, editable: bool) -> None:
        for key in ("no_dataset", "no_rows"):
            self.empty[key].show_acts(editable)


def label_places(table: QWidget, page: LabelPage) -> LabelPlaces:
    places = LabelPlaces(table)
    places.add_empty(
        "no_dataset",
        EmptyPlace(
            "label.no_dataset",
            "table",
            "This project has no dataset yet. Import files, or start an empty one:",
            "Import files…",
            page.import_requested.emit,
            more=[
                (format.title, lambda format=format: page.create_dataset(format))  # type: ignore[misc]
                for format in Format
            ],
        ),
    )
    places.add_empty(
        "no_rows",
        EmptyPlace(
            "label.no_rows",
            "label",
            "No examples yet. Each row teaches the model what is similar to what.",
            "Add an example",
            page.add_example,
            more=[("Import files…", page.import_requested.emit)],
            key="Ctrl+V",
            hint="pastes rows from a spreadsheet",
        ),
    )
    places.add_empty("no_hits", EmptyPlace("label.no_hits", "search", "", "Clear search", page.clear_search))
    places.add_empty("none", EmptyPlace("label.none", "table", ""))
    places.add_empty("waiting", EmptyPlace("label.waiting", "search", "Reading the examples…"))
    return places
