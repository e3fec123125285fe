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
        *_decisions(helpers, usable),
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


def _decisions(helpers: Helpers, usable: Callable[[], bool]) -> list[ActionSpec]:
    """What the keys in the lists do, for the palette. Possible while the list is in sight and a text is chosen in it."""

    def label(key: str, title: str, icon: str) -> ActionSpec:
        tab = helpers.similar
        return ActionSpec(
            f"label.similar.{key.lower()}",
            title,
            lambda: tab.buttons.press(key),
            "",
            icon,
            "Label",
            lambda: usable() and tab.isVisible() and bool(tab.list.chosen()),
        )

    def decide(kind: str, title: str, icon: str) -> ActionSpec:
        tab = helpers.negatives
        return ActionSpec(
            f"label.negatives.{kind}",
            title,
            lambda: tab.decide(kind),
            "",
            icon,
            "Label",
            lambda: usable() and tab.isVisible() and bool(tab.list.chosen()),
        )

    return [
        label("P", "Similar text: it is a positive (P in the list)", "plus"),
        label("N", "Similar text: it is a negative (N in the list)", "minus"),
        decide("negative", "Proposed text: it is a negative (N in the list)", "minus"),
        decide("positive", "Proposed text: it is really a positive (P in the list)", "plus"),
        decide("skip", "Proposed text: skip it (S in the list)", "close"),
    ]
