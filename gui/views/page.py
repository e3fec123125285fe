"""What the four pages have in common."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.actions.registry import ActionSpec
from gui.context import Context

# What a page out of sight needs is read one by one before: each takes a moment, all together a tenth of a second.
AHEAD = {
    "train": ("pyqtgraph", "gui.views.train.page"),
    "runs": ("gui.views.runs.page",),
    "explore": tuple(
        f"gui.views.explore.{name}"
        for name in (
            "why.panel",
            "query.view",
            "pairs.view",
            "scores.view",
            "map.view",
            "heat.view",
            "probes.view",
            "page",
        )
    ),
}


class Page(QWidget):
    """One destination of the navigation rail. Built once a window, shown whenever its button is pressed."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.context = context

    def actions_of_page(self) -> list[ActionSpec]:
        """The page's entries for menus and the command palette; registered once by the window."""
        return []

    def grow(self) -> bool:
        """Build one part more of a page that is not whole yet; False when nothing is missing."""
        return False

    @property
    def waiting(self) -> bool:
        """Whether the person sees that something is still being read."""
        return False

    def activate(self) -> None:
        """The page has become the visible one."""

    def deactivate(self) -> None:
        """Another page takes over."""
