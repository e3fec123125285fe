"""Validation of a dataset as it stands in a project: with the limit of its base model, and without what the person called meant."""

from __future__ import annotations

from collections.abc import Iterable

from core.dataset.formats import DatasetInfo, Example
from core.dataset.issues import Issue
from core.dataset.row_checks import TextLimit
from core.dataset.validation import check
from core.models import catalogue
from core.models.text_limit import limit_of
from core.project.meant import accepted
from core.project.queries import Queries


def base_model(project: Queries) -> str:
    """The name or folder of the model that the project trains from."""
    return str(project.recipe().get("base_model") or catalogue.EMBEDDED)


def limit_for(project: Queries) -> TextLimit:
    return limit_of(base_model(project))


def check_project(
    project: Queries, info: DatasetInfo, rows: Iterable[Example] | None = None, model: str = ""
) -> list[Issue]:
    """The issues of a dataset, see `core.dataset.validation.check`. `rows`: where they were read already; `model`: where it is not
    the project's."""
    found = project.training_rows(info.id) if rows is None else rows
    return check(info, found, limit_of(model or base_model(project)), accepted(project, info.id))
