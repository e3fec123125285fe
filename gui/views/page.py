"""What the four pages have in common."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.actions.registry import ActionSpec
from gui.context import Context


class Page(QWidget):
    """One destination of the navigation rail. Built once a window, shown whenever its button is pressed."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.context = context

    def actions_of_page(self) -> list[ActionSpec]:
        """The page's entries for menus and the command palette; registered once by the window."""
        return []

    @property
    def waiting(self) -> bool:
        """Whether the person sees that something is still being read."""
        return False

    def activate(self) -> None:
        """The page has become the visible one."""

    def deactivate(self) -> None:
        """Another page takes over."""
