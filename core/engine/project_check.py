"""Validation of a dataset as it stands in a project: with the limit of its base model, and without what the person called meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from core.dataset.fix_plan import Plan
from core.dataset.fix_splits import plan_splits
from core.dataset.fixes import plan_fix
from core.dataset.formats import DatasetInfo, Example
from core.dataset.issues import Issue
from core.dataset.row_checks import TextLimit
from core.dataset.validation import check
from core.errors import DataProblem
from core.models import catalogue
from core.models.text_limit import TokenLimit, limit_of
from core.project.frozen import is_frozen
from core.project.meant import accepted
from core.project.queries import Queries
from core.project.slices import examples_of


def base_model(project: Queries) -> str:
    """The name or folder of the model that the project trains from; the usual one where its settings are damaged, which the
    recipe says."""
    try:
        return str(project.recipe().get("base_model") or catalogue.EMBEDDED)
    except DataProblem:
        return catalogue.EMBEDDED


def limit_for(project: Queries) -> TextLimit:
    return limit_of(base_model(project))


def plan_for(
    project: Queries,
    info: DatasetInfo,
    issue: Issue,
    key: str,
    watched: Callable[[Iterable[Example]], Iterable[Example]],
) -> Plan:
    """What the fix `key` would do about `issue` now. `watched` sees every row that is read, and may end the reading."""
    frozen = is_frozen(project, info.id)
    if issue.kind == "shared_texts":
        return plan_splits(key, watched(project.rows(info.id)), info.format, frozen=frozen)
    limit = limit_for(project) if issue.kind == "truncated" else None

    def rows(ids: Sequence[int]) -> Iterable[Example]:
        return watched(examples_of(project, ids))

    return plan_fix(
        key, issue, info, rows, frozen=frozen, limit=limit if isinstance(limit, TokenLimit) else None
    )


def check_project(
    project: Queries, info: DatasetInfo, rows: Iterable[Example] | None = None, model: str = ""
) -> list[Issue]:
    """The issues of a dataset, see `core.dataset.validation.check`. `rows`: where they were read already; `model`: where it is not
    the project's."""
    found = project.training_rows(info.id) if rows is None else rows
    return check(info, found, limit_of(model or base_model(project)), accepted(project, info.id))
