"""The menu in which the table's columns are ticked; it stays open meanwhile."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from gui.models.column_choice import ColumnChoice
from gui.models.example_table import ExampleTable


class StayingMenu(QMenu):
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        action = self.activeAction()
        if action is not None and action.isEnabled() and action.isCheckable():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)


def fill_columns(menu: QMenu, model: ExampleTable, choice: ColumnChoice) -> None:
    """One entry a column; the first text stays, a table without any says nothing."""
    first = next((column.key for column in model.all_columns if column.kind == "text"), "")
    for column in model.all_columns:
        if column.kind == "number":
            continue
        action = menu.addAction(column.title.replace("&", "&&"))
        action.setObjectName(f"label.column.{column.key}")
        action.setCheckable(True)
        action.setChecked(choice.shown(column))
        action.setEnabled(column.key != first)
        action.toggled.connect(lambda on, key=column.key: choice.choose({key: on}))
    menu.addSeparator()
    for offer in choice.offers:
        action = menu.addAction(offer.title.replace("&", "&&"))
        action.setObjectName("label.column.offer")
        action.setCheckable(True)
        action.setChecked(offer.shown())
        action.toggled.connect(lambda _on, offer=offer: offer.toggle())
    usual = menu.addAction("The usual columns")
    usual.setObjectName("label.column.usual")

    def reset() -> None:
        choice.usual()
        menu.close()

    usual.triggered.connect(lambda _checked=False: reset())


def column_menu(parent: QWidget, model: ExampleTable, choice: ColumnChoice) -> QMenu:
    menu = StayingMenu("Columns", parent)
    menu.setObjectName("label.columns_menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    fill_columns(menu, model, choice)
    return menu
