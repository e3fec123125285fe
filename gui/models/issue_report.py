"""The issues of a dataset as the window shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.dataset.issues import NAMES, Issue

# Rows without a score have a view of their own; they are work to do, not something wrong.
NOT_AN_ISSUE = "unlabelled"
_FEW = 20  # in a small dataset every row is worth a mark
_SIDE_BY_SIDE = {"conflict"}  # rows that one looks at together
_ABOUT_ALL = {"one_sided"}  # about the dataset, whatever rows it shows


@dataclass(frozen=True)
class IssueReport:
    """The issues of a dataset, with the rows of each as a set; `rows` are those with an issue that sets them apart.

    What most rows share (quotes that all contain their sentence) is a trait of the dataset: listed, counted once, but marked
    on no row, where it would only hide the rest.
    """

    issues: tuple[Issue, ...] = ()
    members: dict[str, frozenset[int]] = field(default_factory=dict)
    rows: frozenset[int] = frozenset()
    traits: frozenset[str] = frozenset()  # kinds
    together: dict[str, dict[int, int]] = field(default_factory=dict)  # kind -> id -> which rows contradict

    @property
    def count(self) -> int:
        """Rows with an issue, and one for each finding about the dataset as a whole."""
        return len(self.rows) + sum(not issue.ids or issue.kind in self.traits for issue in self.issues)

    @property
    def blocking(self) -> bool:
        return any(issue.blocking for issue in self.issues)

    def of_row(self, id: int) -> list[Issue]:
        return [issue for issue in self.issues if id in self.members[issue.kind]]

    def of_kind(self, kind: str) -> Issue | None:
        return next((issue for issue in self.issues if issue.kind == kind), None)


def name(issue: Issue) -> str:
    """A few words for a narrow list."""
    return NAMES.get(issue.kind, issue.title)


def report(found: Iterable[Issue], rows: int, before: IssueReport | None = None) -> IssueReport:
    """The findings about a dataset of so many rows. Sets that are as they were are taken from the report `before`."""
    issues = tuple(issue for issue in found if issue.kind != NOT_AN_ISSUE)
    known = {issue.kind: issue.ids for issue in before.issues} if before else {}
    members = {
        issue.kind: before.members[issue.kind]
        if before and known.get(issue.kind) == issue.ids
        else frozenset(issue.ids)
        for issue in issues
    }
    traits = frozenset(
        issue.kind
        for issue in issues
        if not issue.blocking and (issue.kind in _ABOUT_ALL or len(issue.ids) > max(rows / 2, _FEW))
    )
    marked = frozenset().union(*(ids for kind, ids in members.items() if kind not in traits))
    together = {issue.kind: _together(issue) for issue in issues if issue.kind in _SIDE_BY_SIDE}
    return IssueReport(issues, members, marked, traits, together)


def _together(issue: Issue) -> dict[int, int]:
    """A number for each row, in the order in which the first rows of their groups stand."""
    order: dict[int, int] = {}
    return {
        id: order.setdefault(group, len(order)) for id, group in zip(issue.ids, issue.group_of, strict=True)
    }
