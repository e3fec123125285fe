"""The label page's entries for menus, shortcuts and the command palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.actions.registry import ActionSpec
from gui.views.label.assist.helpers import helper_actions
from gui.views.label.scores import score_actions
from gui.views.label.suggesting import suggest_actions
from gui.views.label.validation.actions import validation_actions

if TYPE_CHECKING:
    from gui.views.label.page import LabelPage


def label_actions(page: LabelPage) -> list[ActionSpec]:
    """Possible while the page is visible, so that their keys mean nothing elsewhere."""

    def here() -> bool:
        return not page.isHidden() and page.context.dataset_id is not None

    def editable() -> bool:
        return here() and page.context.editable

    return [
        *score_actions(page.scores, here),
        *helper_actions(page, here),
        *suggest_actions(page.suggesting, here, page.helpers.show),
        ActionSpec(
            "label.add", "Add an example", page.add_example, "Ctrl+N | Ins", "plus", "Label", editable
        ),
        ActionSpec("label.find", "Search the examples", page.start_search, "Ctrl+F", "search", "Label", here),
        ActionSpec(
            "label.flag",
            "Flag the selected examples",
            page.commands.toggle_flags,
            "Ctrl+Shift+F",
            "flag",
            "Label",
            editable,
        ),
        ActionSpec(
            "label.probe",
            "Pin the selected examples as probes",
            page.commands.pin_as_probes,
            "",
            "explore",
            "Label",
            editable,
        ),
        ActionSpec(
            "label.query_probe",
            "Pin the selected anchors as queries that should find their texts",
            page.commands.pin_as_queries,
            "",
            "search",
            "Label",
            editable,
        ),
        ActionSpec(
            "label.explore", "Explore this row", page.commands.explore, "Alt+E", "search", "Label", here
        ),
        ActionSpec(
            "label.delete",
            "Delete the selected examples",
            page.commands.delete,
            "",
            "trash",
            "Label",
            editable,
        ),
        ActionSpec(
            "label.paste",
            "Paste rows from a spreadsheet",
            page.commands.paste,
            "",
            "copy",
            "Label",
            editable,
        ),
        *validation_actions(page),
        ActionSpec(
            "label.details",
            "Show or hide the details",
            page.toggle_details,
            "Ctrl+D",
            "details",
            "Label",
            here,
        ),
    ]
