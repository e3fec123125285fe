"""What a list of hits offers in its context menu: "Make a probe of these hits…" (key B)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from core.project.probes import FIRST, MOST_TEXTS, Probe
from gui.theme import icons
from gui.views.explore.view import ExploreView


def offer_probe(view: ExploreView, where: QWidget, hits: Callable[[], tuple[str, Sequence[str]]]) -> QAction:
    """Add the action to `where`; `hits` tells the query, "" where there is none, and the texts it should find."""
    action = QAction("Make a probe of these hits…", where)
    action.setObjectName(f"{where.objectName()}.probe")
    action.setShortcut(QKeySequence("B"))
    action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    icons.attach(action, "explore", size=16)

    def ask() -> None:
        query, texts = hits()
        if query.strip():
            expected = tuple(dict.fromkeys(text for text in texts if text.strip()))[:MOST_TEXTS]
            view.probe_requested.emit(Probe(0, query, "", k=max(FIRST, len(expected)), expected=expected))

    action.triggered.connect(lambda _checked=False: ask())
    where.addAction(action)
    where.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
    return action
