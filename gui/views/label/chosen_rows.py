"""The view of rows that somebody chose elsewhere: precisely those, whatever they say. It is in the list while it is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core.project import Change, View
from core.project.saved_views import CHOSEN_ROWS

if TYPE_CHECKING:
    from gui.views.label.page import LabelPage


_COUNTED = 20_000  # more are said to be all there: counting them would keep the window waiting


class ChosenRows(QObject):
    def __init__(self, page: LabelPage) -> None:
        super().__init__(page)
        self._page = page
        self.ids: frozenset[int] = frozenset()
        self._there = (
            0  # how many of them are in the dataset: an undo takes them away, a redo brings them back
        )
        page.rows.special[CHOSEN_ROWS] = self._of_view
        page.rows.changed.connect(self._show_button)
        page.context.dataset_changed.connect(self._forget)
        page.context.data_changed.connect(self._heard)
        self._show_button()

    def _of_view(self) -> Collection[int]:
        return self.ids

    def take(self, ids: Iterable[int]) -> None:
        """What the view shows from now on."""
        self.ids = frozenset(ids)
        self._count()

    def show_rows(self, ids: Iterable[int]) -> None:
        """Only these rows, in the table."""
        self._page.review.show(False)
        self.take(ids)
        self._page.rows.show_view(CHOSEN_ROWS, "", View())
        self._page.focus_table()

    def _forget(self) -> None:
        self.take(())

    def _heard(self, change: Change) -> None:
        if self.ids and change.kinds & {"rows", "datasets"}:
            self._count()

    def _count(self) -> None:
        context = self._page.context
        if context.project is None or context.dataset_id is None or not self.ids:
            self._there = 0
        elif len(self.ids) > _COUNTED:
            self._there = len(self.ids)
        else:
            self._there = len(context.project.by_dataset(list(self.ids)).get(context.dataset_id, ()))
        self._show_button()

    def _show_button(self) -> None:
        button = self._page.side.views[CHOSEN_ROWS]
        button.setVisible(self._page.side.view == CHOSEN_ROWS or self._there > 0)
        button.show_count(f"{self._there:,}")
