"""What is wrong or suspicious in a dataset, with the rows it is about."""

from __future__ import annotations

from collections.abc import Iterable

from core.dataset.accepted import NOTHING, Accepted
from core.dataset.checker import Checker
from core.dataset.formats import DatasetInfo, Example
from core.dataset.issues import Issue
from core.dataset.row_checks import TextLimit


def check(
    info: DatasetInfo,
    rows: Iterable[Example],
    limit: TextLimit | None = None,
    accepted: Accepted = NOTHING,
) -> list[Issue]:
    """The issues of `rows` in one pass, those that block training first. Rejected rows are not looked at.

    `limit`: what the base model reads, to find texts longer than that. `accepted`: what a person called meant and is not listed.
    Who asks again after each change keeps a `Checker` instead.
    """
    checker = Checker(info, limit)
    checker.add(rows)
    return checker.issues(accepted)
