"""What the tabs of the explore page have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from gui.actions.registry import ActionSpec
from gui.context import Context
from gui.views.explore.lens import Lens

if TYPE_CHECKING:
    from gui.views.explore.send import SendMenu


class ExploreView(QWidget):
    """One tab. It asks the engine only while it is in front, between `activate` and `deactivate`.

    `why_requested` carries two texts whose similarity somebody wants explained; `pair_chosen` two that are looked at, which the panel
    explains where it is open; `heat_requested` texts to compare each with each other, and where they are from;
    `label_requested` the id of a row to open in Label (0: none); `query_requested` a text to look from, or the id of a row (0: none).
    """

    why_requested = Signal(str, str)
    pair_chosen = Signal(str, str)
    heat_requested = Signal(list, str)
    probe_requested = Signal(object)  # Probe: one to add, after a look at it
    train_requested = Signal()
    label_requested = Signal(int)
    query_requested = Signal(str, int)

    def __init__(self, context: Context, lens: Lens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.lens = lens
        self.send: SendMenu | None = None  # of what is selected in the tab; the page opens it at Ctrl+L

    def actions_of_view(self) -> list[ActionSpec]:
        """The tab's entries for menus and the command palette."""
        return []

    def give_room(self, narrow: bool) -> None:
        """The *Why* panel stands at the right (True): what the panel shows as well can go; or it went away."""

    def activate(self) -> None:
        """The tab came to the front: show what is current, and take the keyboard."""

    def deactivate(self) -> None:
        """The tab went away: nothing of it may run on."""
