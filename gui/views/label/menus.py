"""The menus that open on the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from gui.models.table_columns import SPLIT_TITLES, STATUS_TITLES
from gui.theme import icons
from gui.views.label.column_menu import column_menu
from gui.views.label.commands import LabelCommands
from gui.views.label.table import ExampleView

if TYPE_CHECKING:
    from gui.views.label.page import LabelPage


class TableMenus:
    """Opens each of them where the table is asked for it."""

    def __init__(self, page: LabelPage) -> None:
        self._page = page
        table = page.table
        table.split_requested.connect(
            lambda _row, at: self._choose("Split", _fill_splits, page.commands.set_split, at)
        )
        table.status_requested.connect(
            lambda _row, at: self._choose("Status", _fill_status, page.commands.set_status, at)
        )
        table.head.customContextMenuRequested.connect(self._open_column_menu)
        table.customContextMenuRequested.connect(self._open_row_menu)

    def _choose(
        self,
        title: str,
        fill: Callable[[QMenu, Callable[[str], object]], None],
        chosen: Callable[[str], object],
        at: QPoint,
    ) -> None:
        """One value for the selected rows."""
        if self._page.context.editable:
            menu = QMenu(title, self._page)
            menu.setObjectName(f"label.{title.lower()}_menu")
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            fill(menu, chosen)
            menu.popup(at)

    def _open_column_menu(self, at: QPoint) -> None:
        page = self._page
        column_menu(page, page.model, page.columns).popup(page.table.head.viewport().mapToGlobal(at))

    def _open_row_menu(self, at: QPoint) -> None:
        page, table = self._page, self._page.table
        index = table.indexAt(at)
        if index.isValid():
            if not table.selectionModel().isSelected(index):
                table.go_to(index.row(), index.column())
            row_menu(page, table, page.commands, page.context.editable).popup(
                table.viewport().mapToGlobal(at)
            )


def _fill_status(menu: QMenu, chosen: Callable[[str], object]) -> None:
    for key, title in STATUS_TITLES.items():
        action = menu.addAction(title)
        action.setObjectName(f"label.status.{key or 'none'}")
        action.triggered.connect(lambda _checked=False, key=key: chosen(key))


def _fill_splits(menu: QMenu, chosen: Callable[[str], object]) -> None:
    for key, title in SPLIT_TITLES.items():
        action = menu.addAction(title)
        action.setObjectName(f"label.split.{key or 'auto'}")
        action.triggered.connect(lambda _checked=False, key=key: chosen(key))


def row_menu(parent: QWidget, view: ExampleView, commands: LabelCommands, editable: bool) -> QMenu:
    """What can be done with the selection."""
    menu = QMenu(parent)
    menu.setObjectName("label.row_menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    rows = view.selected().count

    def add(title: str, icon: str, do: Callable[[], object], key: str = "", *, edits: bool = True) -> None:
        action = menu.addAction(title)
        action.setObjectName(f"label.menu.{title.split()[0].lower()}")
        if icon:
            icons.attach(action, icon, size=16)
        if key:  # shown only: the table itself listens to these keys
            action.setText(f"{title}\t{QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)}")
        action.setEnabled(editable or not edits)
        action.triggered.connect(lambda _checked=False: do())

    here = view.currentIndex()
    add("Edit", "label", lambda: view.edit_cell(here.row(), here.column()), "F2")
    add("Copy", "copy", commands.copy, "Ctrl+C", edits=False)
    add("Paste", "", commands.paste, "Ctrl+V")
    add("Fill down", "", commands.fill_down, "Ctrl+Shift+D")
    add("Clear cells", "", commands.clear_cells, "Del")
    menu.addSeparator()
    add("Flag or unflag", "flag", commands.toggle_flags, "Ctrl+Shift+F")
    splits = menu.addMenu("Split")
    splits.setEnabled(editable)
    _fill_splits(splits, commands.set_split)
    status = menu.addMenu("Status")
    status.setEnabled(editable)
    _fill_status(status, commands.set_status)
    words = "Pin as probe" if rows == 1 else f"Pin {rows:,} rows as probes"
    add(words, "explore", commands.pin_as_probes)
    add("Watch what the anchors find", "search", commands.pin_as_queries)
    add("Explore this row", "search", commands.explore, "Alt+E", edits=False)
    menu.addSeparator()
    add("Delete example" if rows == 1 else f"Delete {rows:,} examples", "trash", commands.delete)
    return menu
