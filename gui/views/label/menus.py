"""The menus that open on the table."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from gui.models.table_columns import SPLIT_TITLES, STATUS_TITLES
from gui.theme import icons
from gui.views.label.commands import LabelCommands
from gui.views.label.table import ExampleView


def split_menu(parent: QWidget, chosen: Callable[[str], object]) -> QMenu:
    """Where the selected rows belong."""
    menu = QMenu("Split", parent)
    menu.setObjectName("label.split_menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    _fill_splits(menu, chosen)
    return menu


def status_menu(parent: QWidget, chosen: Callable[[str], object]) -> QMenu:
    """What a person decided about the selected rows."""
    menu = QMenu("Status", parent)
    menu.setObjectName("label.status_menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    _fill_status(menu, chosen)
    return menu


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
    menu.addSeparator()
    add("Delete example" if rows == 1 else f"Delete {rows:,} examples", "trash", commands.delete)
    return menu
