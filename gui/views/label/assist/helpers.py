"""The helpers of the label page: their tabs, and the actions that bring them to the front."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gui.actions.registry import ActionSpec
from gui.views.label.assist.labeller import Labeller
from gui.views.label.assist.negatives import NegativesTab
from gui.views.label.assist.similar import SimilarTab

if TYPE_CHECKING:
    from gui.views.label.page import LabelPage


@dataclass(frozen=True)
class Helpers:
    page: LabelPage
    labeller: Labeller
    similar: SimilarTab
    negatives: NegativesTab

    def show(self, key: str) -> None:
        """Bring a tab to the front, whether the panel was shown or not."""
        if not self.page.assist.isVisibleTo(self.page):
            self.page.toggle_details()
        self.page.assist.choose(key)


def add_helpers(page: LabelPage) -> Helpers:
    """Make the tabs beside the details."""
    labeller = Labeller(
        page.context, page.table, page.commands, lambda: page.rows.ask(), lambda: page.rows.query.busy
    )
    similar = SimilarTab(page.context, labeller, page.import_requested.emit)
    page.assist.add_tab("similar", "Similar", "similar", similar)
    negatives = NegativesTab(page.context, labeller, lambda: page.model.ids)
    page.assist.add_tab("negatives", "Negatives", "negatives", negatives)
    return Helpers(page, labeller, similar, negatives)


def helper_actions(page: LabelPage, here: Callable[[], bool]) -> list[ActionSpec]:
    helpers = page.helpers

    def similar() -> None:
        helpers.show("similar")
        helpers.similar.focus_list()

    def negatives() -> None:
        helpers.show("negatives")
        helpers.negatives.focus_list()

    def usable() -> bool:
        return here() and page.context.editable

    return [
        ActionSpec(
            "label.negatives.many",
            "Accept hard negatives for all rows of the view…",
            helpers.negatives.accept_many,
            "",
            "negatives",
            "Label",
            usable,
        ),
        ActionSpec(
            "label.negatives",
            "Hard negatives of this example",
            negatives,
            "Ctrl+Shift+J",
            "negatives",
            "Label",
            here,
        ),
        ActionSpec(
            "label.similar", "Similar texts of this example", similar, "Ctrl+J", "similar", "Label", here
        ),
    ]
