"""The empty states of the label page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QPushButton, QWidget

from core.dataset.formats import Format
from gui.theme import icons
from gui.views.label.empty import EmptyPlace, TablePlace
from gui.views.label.side import DISAGREES, ISSUES

if TYPE_CHECKING:
    from gui.views.label.page import LabelPage


class LabelPlaces(TablePlace):
    """The table and its empty states by name: no_dataset, no_rows, no_hits, none, waiting."""

    def __init__(self, table: QWidget, page: LabelPage) -> None:
        super().__init__(table)
        self._page = page
        self.empty: dict[str, EmptyPlace] = {}
        self._add_empty(
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
        self._add_empty(
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
        self._add_empty(
            "no_hits", EmptyPlace("label.no_hits", "search", "", "Clear search", page.clear_search)
        )
        self._add_empty("none", EmptyPlace("label.none", "table", ""))
        self._add_empty("waiting", EmptyPlace("label.waiting", "search", "Reading the examples…"))

    def _add_empty(self, key: str, place: EmptyPlace) -> None:
        self.empty[key] = place
        self.add(key, place)

    def _say(self, key: str, sentence: str, *, icon: str = "") -> None:
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

    # -- which of them ------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show what the page has: rows, or why there are none."""
        page = self._page
        key = self._key()
        self.show_place(key)
        if key == "none" and page.side.view == ISSUES:
            self._say(key, self._no_issues(), icon="check")
        elif key == "none" and page.side.view == DISAGREES:
            self._say(key, page.scores.nothing(), icon="model")
        elif key == "none":
            self._say(key, _NOTHING.get(page.side.view, "No rows here."), icon="table")
        elif key == "no_hits":
            self._say(key, f"No example contains “{page.rows.view.search[:60]}”.")
        self.allow(page.context.editable)

    def _no_issues(self) -> str:
        watch = self._page.watch
        if watch.report.issues:
            return "No single row stands out. What is true of the whole dataset is listed on the left."
        return "Looking for issues…" if watch.busy else "No issues found in any row."

    def _key(self) -> str:
        page = self._page
        if page.context.dataset_id is None:
            return "no_dataset"
        if page.model.rowCount():
            return "table"
        if page.rows.query.busy:
            return "waiting"
        if not page.counts.get("all"):
            return "no_rows"
        return "no_hits" if page.rows.view.search else "none"


_NOTHING = {
    "unlabelled": "Everything is labelled.",
    "flagged": "No row is flagged. Press F in the number column, or click ⚑ beside a row.",
    "train": "No row is marked for training: each run divides the rows itself.",
    "eval": "No row is marked for the hold-out: each run divides the rows itself.",
    "test": "No row is marked as test.",
    "chosen": "The chosen rows are no longer there.",
}
