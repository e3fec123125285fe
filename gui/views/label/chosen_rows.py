"""The view of rows that somebody chose elsewhere: precisely those, whatever they say. It is in the list while it is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core.project import View
from core.project.saved_views import CHOSEN_ROWS

if TYPE_CHECKING:
    from gui.views.label.page import LabelPage


class ChosenRows(QObject):
    def __init__(self, page: LabelPage) -> None:
        super().__init__(page)
        self._page = page
        self.ids: frozenset[int] = frozenset()
        page.rows.special[CHOSEN_ROWS] = self._of_view
        page.rows.changed.connect(self._show_button)
        page.context.dataset_changed.connect(self._forget)
        self._show_button()

    def _of_view(self) -> Collection[int]:
        return self.ids

    def take(self, ids: Iterable[int]) -> None:
        """What the view shows from now on."""
        self.ids = frozenset(ids)

    def show_rows(self, ids: Iterable[int]) -> None:
        """Only these rows."""
        self.take(ids)
        self._page.rows.show_view(CHOSEN_ROWS, "", View())
        self._page.focus_table()

    def _forget(self) -> None:
        self.ids = frozenset()
        self._show_button()

    def _show_button(self) -> None:
        button = self._page.side.views[CHOSEN_ROWS]
        shown = self._page.side.view == CHOSEN_ROWS
        button.setVisible(shown or bool(self.ids))
        button.show_count(f"{len(self.ids):,}")
