"""Keeps the issues of one dataset current: rows come, change and go, and the list is right again at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from core.dataset.accepted import NOTHING, Accepted
from core.dataset.formats import DatasetInfo, Example, Format, slots, texts_of
from core.dataset.group_checks import Group, compare
from core.dataset.issues import BLOCKING, Facts, Issue, describe_issue
from core.dataset.row_checks import BIT, KINDS, RowChecks, TextLimit
from core.dataset.row_table import SPLIT_CODES, Integers, RowTable

_PORTION = 4096  # rows that become columns together

# in the order in which they are listed; the blocking ones come first whatever their place here
_ORDER = (
    *KINDS[:5],
    "too_few_to_train",
    "few_categories",
    "conflict",
    "duplicate",
    "variant",
    "near_negative",
    "anchor_contains_positive",
    "identical_low",
    "mojibake",
    "truncated",
    "shared_texts",
    "lone_text",
    "one_class",
    "one_sided",
    "too_few",
)


class Checker:
    """Texts are compared by what `core.dataset.identity` and `normalise` make of them. Memory: about a hundred bytes a row."""

    def __init__(self, info: DatasetInfo, limit: TextLimit | None = None) -> None:
        self.info = info
        self.limit = limit
        self._checks = RowChecks(info)
        self._slots = slots(info.format, info.negatives)
        self._scored = info.format is Format.SCORED
        self._table = RowTable.empty(self._slots, self._scored)

    def add(self, rows: Iterable[Example]) -> None:
        """Rows that are not here yet. Rejected ones are no part of what training sees and are passed over."""
        parts, portion = [], []
        for row in rows:
            if row.status != "rejected":
                portion.append(row)
            if len(portion) == _PORTION:
                parts.append(self._columns(portion))
                portion = []
        parts.append(self._columns(portion))
        self._table = self._table.joined(parts)

    def update(self, ids: Sequence[int], rows: Iterable[Example]) -> None:
        """The rows with these ids changed, came or went; `rows` are those of them that are there now."""
        self._table = self._table.without(np.array(list(ids), dtype=np.int64))
        self.add(rows)

    def issues(self, accepted: Accepted = NOTHING) -> list[Issue]:
        """Every finding, those that block training first.

        An issue's `ids` are example ids: for duplicates the later copies (deleting them keeps one), for conflicts every row of
        the group.
        """
        groups = compare(self._table, self.info.format)
        found = {kind: Group(np.flatnonzero(self._table.bits & bit)) for kind, bit in BIT.items()}
        found = {kind: group for kind, group in found.items() if len(group.places)} | groups.found
        limit = self.limit
        facts = Facts(
            groups.yes_no, groups.share, limit.limit if limit else 0, limit.estimated if limit else False
        )
        issues = []
        for kind in _ORDER:
            group = self._left(kind, found.get(kind), accepted)
            if group is not None:
                issues.append(
                    describe_issue(
                        kind, self._ids(group.places), self.info, facts, _numbered(group), self._ids(group.of)
                    )
                )
        return sorted(issues, key=lambda issue: not issue.blocking)

    def _left(self, kind: str, group: Group | None, accepted: Accepted) -> Group | None:
        """The group without what is meant; None where nothing is left to say."""
        if group is None or kind in BLOCKING:
            return group
        if kind in accepted.kinds:
            return None
        meant = accepted.rows.get(kind, ())
        if not meant or not len(group.places):
            return group
        out = np.isin(self._table.ids[group.places], np.fromiter(meant, dtype=np.int64))
        if kind == "conflict" and group.numbers is not None:  # who accepts one side accepts the contradiction
            out = np.isin(group.numbers, group.numbers[out])
        parts = (None if part is None else part[~out] for part in (group.places, group.numbers, group.of))
        places, numbers, of = parts
        return Group(places, numbers, of) if places is not None and len(places) else None

    def _ids(self, places: Integers | None) -> tuple[int, ...]:
        return () if places is None else tuple(self._table.ids[places].tolist())

    def _columns(self, rows: list[Example]) -> RowTable:
        made = []
        long = self._too_long(rows)
        for row in rows:
            known = [self._checks.known(text) for text in row.texts[: self._slots]]
            bits = self._checks.of_row(row, known)
            if long and any(text in long for text in row.texts):
                bits |= BIT["truncated"]
            missing = [self._checks.known("")] * (self._slots - len(known))
            known += missing
            hashes = [text.same for text in known]
            if self._scored:
                hashes += [text.words for text in known] + [text.exact for text in known]
            score = float("nan") if row.score is None else row.score
            made.append((row.id, bits, SPLIT_CODES.get(row.split, 0), score, hashes))
        return RowTable.of(made, self._slots, self._scored)

    def _too_long(self, rows: Sequence[Example]) -> set[str]:
        if self.limit is None or self.limit.limit <= 2:
            return set()
        least = self.limit.limit - 2  # a token is at least one character
        texts = {text for row in rows for text in texts_of(self.info.format, row.texts) if len(text) > least}
        return self.limit.too_long(texts) if texts else texts


def _numbered(group: Group) -> tuple[int, ...]:
    """The number of each row's group, from 0."""
    if group.numbers is None:
        return ()
    return tuple(np.unique(group.numbers, return_inverse=True)[1].tolist())
