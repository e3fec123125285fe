"""The line above the tabs of the explore page. Its tools say what they are where there is room for words beside their icons."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QToolButton

_ROOMY = 1100  # pixels


class Head(QFrame):
    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("explorehead")
        self._tools: list[QToolButton] = []

    def name(self, tool: QToolButton, words: str) -> None:
        tool.setText(f"\u2009{words}")  # a thin space: Qt sets the icon too close
        self._tools.append(tool)

    def minimumSizeHint(self) -> QSize:
        """What it needs where there is no room for words."""
        needed = super().minimumSizeHint()
        words = sum(tool.minimumSizeHint().width() - tool.height() for tool in self._tools if _tells(tool))
        return QSize(needed.width() - words, needed.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        style = (
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            if self.width() >= _ROOMY
            else Qt.ToolButtonStyle.ToolButtonIconOnly
        )
        for tool in self._tools:
            tool.setToolButtonStyle(style)


def _tells(tool: QToolButton) -> bool:
    return tool.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
