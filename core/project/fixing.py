"""Plans and divisions as edits of a project."""

from __future__ import annotations

from collections.abc import Mapping

from core.dataset.fix_plan import Plan
from core.project.edits import Compound, DeleteExamples, Edit, SetCells


def edit_of(plan: Plan) -> Edit:
    """One step that does what the plan says."""
    edits: list[Edit] = []
    if plan.cells:
        edits.append(SetCells(plan.cells))
    if plan.delete:
        edits.append(DeleteExamples(plan.delete))
    return edits[0] if len(edits) == 1 else Compound(tuple(edits))


def mark(splits: Mapping[int, str]) -> SetCells:
    """Rows get these splits, by example id."""
    return SetCells([(id, "split", split) for id, split in splits.items()])
