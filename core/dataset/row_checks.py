"""What can be told from one row alone, as bits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from core.dataset.formats import DatasetInfo, Example, Format, slots
from core.dataset.identity import nearly_equal, words_of
from core.dataset.mojibake import is_garbled
from core.dataset.normalise import normalise

KINDS = (
    "empty_cell",
    "unlabelled",
    "score_out_of_range",
    "negative_equals_positive",
    "negative_equals_anchor",
    "near_negative",
    "anchor_contains_positive",
    "identical_low",
    "mojibake",
    "truncated",
)
BIT = {kind: 1 << place for place, kind in enumerate(KINDS)}
UNUSABLE = BIT["empty_cell"] | BIT["unlabelled"] | BIT["score_out_of_range"]

_KEPT = 100_000  # texts whose forms are remembered; more would cost more memory than time
_CHARACTERS_PER_TOKEN = 4
_PUNCTUATION = 12  # characters that two texts may differ in beside their letters


class TextLimit(Protocol):
    """How much of a text the model reads. `estimated`: the tokens were not counted."""

    limit: int
    estimated: bool

    def too_long(self, texts: Iterable[str]) -> set[str]: ...


class EstimatedLimit:
    """For a model whose tokens cannot be counted here: about four characters a token, as in English."""

    estimated = True

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def too_long(self, texts: Iterable[str]) -> set[str]:
        return {text for text in texts if len(text) > self.limit * _CHARACTERS_PER_TOKEN}


class Known(NamedTuple):
    """The forms of one text: normalised, and the hashes that stand for it in comparisons."""

    normal: str
    same: int  # hash of `normal`
    words: int  # of its words alone; 0 but for scored pairs
    exact: int  # of the text as it is written
    garbled: bool


class RowChecks:
    """The checks of one dataset's rows."""

    def __init__(self, info: DatasetInfo) -> None:
        self._format = info.format
        self._slots = slots(info.format, info.negatives)
        self._known: dict[str, Known] = {}

    def known(self, text: str) -> Known:
        found = self._known.get(text)
        if found is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            normal = normalise(text)
            words = hash(words_of(normal)) if self._format is Format.SCORED else 0
            found = Known(normal, hash(normal), words, hash(text), is_garbled(text))
            self._known[text] = found
        return found

    def of_row(self, row: Example, known: Sequence[Known]) -> int:
        """The bits of what is wrong with the row; `known` are the forms of its texts."""
        found = BIT["mojibake"] if any(text.garbled for text in known) else 0
        if len(known) < self._slots or not all(text.normal for text in known):
            return found | BIT["empty_cell"]  # most other checks would only repeat it
        if self._format is Format.SCORED:
            return found | _scored(row, known)
        if self._format is Format.CATEGORIES:
            return found
        if known[1].normal in known[0].normal:
            found |= BIT["anchor_contains_positive"]
        return found | _negatives(known) if len(known) > 2 else found


def _scored(row: Example, known: Sequence[Known]) -> int:
    if row.score is None:
        return BIT["unlabelled"]
    if not 0.0 <= row.score <= 1.0:  # NaN is not in range either
        return BIT["score_out_of_range"]
    return BIT["identical_low"] if row.score < 1.0 and known[0].words == known[1].words else 0


def _negatives(known: Sequence[Known]) -> int:
    found = 0
    anchor, positive = known[0], known[1]
    for negative in known[2:]:
        if negative.same == positive.same:
            found |= BIT["negative_equals_positive"]
        if negative.same == anchor.same:
            found |= BIT["negative_equals_anchor"]
        if negative.same in (positive.same, anchor.same):
            continue
        if _near(negative.normal, positive.normal) or _near(negative.normal, anchor.normal):
            found |= BIT["near_negative"]
    return found


def _near(one: str, other: str) -> bool:
    """Texts of very different lengths are not looked at: their letters would be, too."""
    return abs(len(one) - len(other)) <= _PUNCTUATION and nearly_equal(
        words_of(one).replace(" ", ""), words_of(other).replace(" ", "")
    )
