"""What a list of a tab offers in its context menu: "Why are these similar?" (key W), its texts as a heat map, and
one of them as a question to both models (key Q)."""

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


def offer_heat(view: ExploreView, where: QWidget, texts: Callable[[], tuple[list[str], str]]) -> QAction:
    """As `offer_why`; `texts` gives what to compare and where it is from."""
    action = QAction("Compare in a heat map", where)
    action.setObjectName(f"{where.objectName()}.heat")
    icons.attach(action, "table", size=16)
    action.triggered.connect(lambda _checked=False: view.heat_requested.emit(*texts()))
    where.addAction(action)
    where.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
    return action


def offer_query(view: ExploreView, where: QWidget, asked: Callable[[], tuple[str, int]]) -> QAction:
    """As `offer_why`; `asked` gives a text and the id of the row it stands in (0: none), to look from in the Query tab (key Q)."""
    action = QAction("Find similar texts", where)
    action.setObjectName(f"{where.objectName()}.query")
    action.setShortcut(QKeySequence("Q"))
    action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    icons.attach(action, "search", size=16)

    def ask() -> None:
        text, row = asked()
        if row or text.strip():
            view.query_requested.emit(text, row)

    action.triggered.connect(lambda _checked=False: ask())
    where.addAction(action)
    where.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
    return action
