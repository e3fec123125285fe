"""Offers "Why are these similar?" on a list: in its context menu, and by the key W."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from gui.theme import icons
from gui.views.explore.view import ExploreView


def offer_why(view: ExploreView, where: QWidget, pair: Callable[[], tuple[str, str] | None]) -> QAction:
    """Add the action to `where`, whose context menu then shows its actions; `pair` tells the two texts, None where there are none."""
    action = QAction("Why are these similar?", where)
    action.setObjectName(f"{where.objectName()}.why")
    action.setShortcut(QKeySequence("W"))
    action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    icons.attach(action, "why", size=16)

    def ask() -> None:
        found = pair()
        if found is not None and all(text.strip() for text in found):
            view.why_requested.emit(*found)

    action.triggered.connect(lambda _checked=False: ask())
    where.addAction(action)
    where.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
    return action
