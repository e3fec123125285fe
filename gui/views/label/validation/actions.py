"""Validation's entries for menus, shortcuts and the command palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.actions.registry import ActionSpec

if TYPE_CHECKING:
    from gui.views.label.page import LabelPage


def validation_actions(page: LabelPage) -> list[ActionSpec]:
    flow = page.validation

    def here() -> bool:
        return not page.isHidden() and page.context.dataset_id is not None

    def editable() -> bool:
        return here() and page.context.editable

    def rows() -> bool:
        info = page.context.dataset
        return editable() and info is not None and info.rows > 0

    return [
        ActionSpec(
            "label.issues", "Show the issues", page.show_issues, "Ctrl+Shift+I", "warning", "Label", here
        ),
        ActionSpec(
            "label.fix",
            "Fix the chosen issue",
            flow.fix,
            "Ctrl+Shift+X",
            "check",
            "Label",
            lambda: here() and flow.can_fix,
        ),
        ActionSpec(
            "label.meant",
            "Mark the chosen issue as meant",
            flow.accept_kind,
            "",
            "check",
            "Label",
            lambda: editable() and flow.issue is not None and not flow.issue.blocking,
        ),
        ActionSpec("label.near", "Find near-duplicates", flow.find_near, "", "search", "Label", rows),
        ActionSpec(
            "label.splits", "Divide into splits", flow.open_splits, "Ctrl+Alt+S", "split", "Label", rows
        ),
    ]
