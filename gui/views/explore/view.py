"""What the tabs of the explore page have in common."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from gui.actions.registry import ActionSpec
from gui.context import Context
from gui.views.explore.lens import Lens


class ExploreView(QWidget):
    """One tab. It asks the engine only while it is in front, between `activate` and `deactivate`.

    `why_requested` carries two texts whose similarity somebody wants explained.
    """

    why_requested = Signal(str, str)
    train_requested = Signal()

    def __init__(self, context: Context, lens: Lens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.lens = lens

    def actions_of_view(self) -> list[ActionSpec]:
        """The tab's entries for menus and the command palette."""
        return []

    def activate(self) -> None:
        """The tab came to the front: show what is current, and take the keyboard."""

    def deactivate(self) -> None:
        """The tab went away: nothing of it may run on."""
