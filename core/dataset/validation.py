"""What is wrong or suspicious in a dataset, with the rows it is about."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from core.dataset.formats import DatasetInfo, Example, Format, slots
from core.dataset.issues import Issue, describe_issue
from core.dataset.normalise import normalise

FEW = 10  # below this many usable rows, a run says next to nothing
LEAST = 2

_POSITIVE, _NEGATIVE = 2.0, 3.0  # verdicts beside the scores 0–1


def check(info: DatasetInfo, rows: Iterable[Example]) -> list[Issue]:
    """The issues of `rows` in one pass, those that block training first. Texts are compared normalised.

    An issue's `ids` are example ids: for duplicates the later copies (deleting them keeps one), for conflicts every row
    of the group.
    """
    found = _Findings(info)
    for row in rows:
        found.add(row)
    issues = [describe_issue(kind, tuple(ids), info) for kind, ids in found.finish().items()]
    return sorted(issues, key=lambda issue: not issue.blocking)


class _Findings:
    """Texts are numbered and a pair of texts is one integer: a million rows fit in little memory."""

    def __init__(self, info: DatasetInfo) -> None:
        self.scored = info.format is Format.SCORED
        self.listed = info.format is Format.CATEGORIES
        self.categories: dict[int, dict[int, int]] = {}  # category -> text -> id of its first row
        self.slots = slots(info.format, info.negatives)
        self.ids: dict[str, list[int]] = {}
        self.normal: dict[str, tuple[str, int]] = {}
        self.numbers: dict[str, int] = {}
        self.seen: set[tuple[float, ...]] = set()
        self.scores: set[float] = set()
        self.usable = 0
        self.pairs, self.verdicts, self.pair_ids = array("q"), array("d"), array("q")

    def add(self, row: Example) -> None:
        if row.status == "rejected":
            return  # no training sees it
        known = [self._known(text) for text in row.texts]
        if len(known) < self.slots or not all(text for text, _ in known):
            self._note("empty_cell", row)
            return  # the other checks would only repeat it
        keys = [number for _, number in known]
        if self.scored:
            self._scored(row, keys)
        elif self.listed:
            self._category(row, keys)
        else:
            self._roles(row, keys)
            if known[1][0] in known[0][0]:
                self._note("anchor_contains_positive", row)

    def _scored(self, row: Example, keys: list[int]) -> None:
        if row.score is None:
            self._note("unlabelled", row)
        elif not 0.0 <= row.score <= 1.0:  # NaN is not in range either
            self._note("score_out_of_range", row)
        else:
            self.usable += 1
            self.scores.add(row.score)
            low, high = sorted(keys[:2])  # similarity has no direction
            self._verdict(low, high, row.score, row)
            self._unique((low, high, row.score), row)

    def _category(self, row: Example, keys: list[int]) -> None:
        self.usable += 1
        text, category = keys
        self._unique((text, category), row)
        self._verdict(text, text, float(category), row)
        self.categories.setdefault(category, {}).setdefault(text, row.id)

    def _roles(self, row: Example, keys: list[int]) -> None:
        self.usable += 1
        anchor, positive, negatives = keys[0], keys[1], set(keys[2:])
        self._unique(tuple(keys), row)
        if anchor in negatives:
            self._note("negative_equals_anchor", row)
        if positive in negatives:
            self._note("negative_equals_positive", row)
        elif negatives:
            self._verdict(anchor, positive, _POSITIVE, row)
            for negative in negatives:
                self._verdict(anchor, negative, _NEGATIVE, row)

    def finish(self) -> dict[str, list[int]]:
        first: dict[int, float] = {}
        torn = {
            pair
            for pair, verdict in zip(self.pairs, self.verdicts)
            if first.setdefault(pair, verdict) != verdict
        }
        if torn:
            self.ids["conflict"] = list(
                dict.fromkeys(i for pair, i in zip(self.pairs, self.pair_ids) if pair in torn)
            )
        if self.listed:
            alone = [texts for texts in self.categories.values() if len(texts) < LEAST]
            if alone:
                self.ids["lone_text"] = sorted(id for texts in alone for id in texts.values())
            if len(self.categories) - len(alone) < LEAST and self.usable >= LEAST:
                self.ids["few_categories"] = []
        if len(self.scores) == 1 and self.usable >= LEAST:
            self.ids["one_class"] = []
        if self.usable < LEAST:
            self.ids["too_few_to_train"] = []
        elif self.usable < FEW:
            self.ids["too_few"] = []
        return self.ids

    def _verdict(self, one: int, other: int, verdict: float, row: Example) -> None:
        self.pairs.append(one << 31 | other)
        self.verdicts.append(verdict)
        self.pair_ids.append(row.id)

    def _unique(self, key: tuple[float, ...], row: Example) -> None:
        if key in self.seen:
            self._note("duplicate", row)
        self.seen.add(key)

    def _note(self, kind: str, row: Example) -> None:
        self.ids.setdefault(kind, []).append(row.id)

    def _known(self, text: str) -> tuple[str, int]:
        known = self.normal.get(text)
        if known is None:
            key = normalise(text)
            known = self.normal[text] = (key, self.numbers.setdefault(key, len(self.numbers)))
        return known
