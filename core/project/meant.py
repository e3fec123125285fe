"""What a project remembers about validation: which findings are meant. One text value a dataset, so that undo brings it back."""

from __future__ import annotations

from core.dataset.accepted import Accepted
from core.project.edits import SetMeta
from core.project.queries import Queries

PREFIX = "accepted_issues:"


def accepted(project: Queries, dataset_id: int) -> Accepted:
    return Accepted.of_text(project.meta(f"{PREFIX}{dataset_id}"))


def accept(dataset_id: int, what: Accepted) -> SetMeta:
    """The edit that remembers `what` in the place of all that was remembered before."""
    return SetMeta(f"{PREFIX}{dataset_id}", what.to_text() if what else None)
