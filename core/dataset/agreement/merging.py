"""Another person's copy of a dataset beside one's own: rows are recognised by their texts, and each finding has its consequence.

The copy may come from anybody: every value is checked before it is taken over.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.dataset.agreement.judgements import cells, judgement, on_scale
from core.dataset.formats import STATUSES, DatasetInfo, Example, Format, slots
from core.dataset.normalise import normalise

_LONGEST_NOTE = 10_000
_SPLITS = ("", "train", "eval", "test")

Key = tuple[str, ...]


@dataclass(frozen=True)
class Theirs:
    """A row that both have: my row's id, what I and they decided."""

    id: int
    mine: str
    theirs: str


@dataclass(frozen=True)
class MergePlan:
    """`taken`: rows only they decided; `judged`: rows that both decided; `new`: rows that I do not have; `unreadable`: rows of the copy
    with values that no row can have."""

    name: str
    taken: tuple[Theirs, ...] = ()
    judged: tuple[Theirs, ...] = ()
    new: tuple[Example, ...] = ()
    notes: tuple[tuple[int, str], ...] = ()
    undecided: int = 0  # rows that both have and they did not decide
    unreadable: int = 0

    @property
    def conflicts(self) -> tuple[Theirs, ...]:
        return tuple(row for row in self.judged if row.mine != row.theirs)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to take over and nothing to settle."""
        return not (self.taken or self.judged or self.new or self.notes)


def source(name: str) -> str:
    return f"merged from {name}"


def plan(
    info: DatasetInfo,
    mine: Iterable[Example],
    their_info: DatasetInfo,
    theirs: Iterable[Example],
    name: str,
) -> MergePlan:
    """Compare two datasets of one format. The same texts twice are matched in their order."""
    known: dict[Key, deque[Example]] = defaultdict(deque)
    for row in mine:
        known[_key(info.format, row)].append(row)
    taken: list[Theirs] = []
    judged: list[Theirs] = []
    new: list[Example] = []
    notes: list[tuple[int, str]] = []
    undecided = unreadable = 0
    for row in theirs:
        if not sound(their_info, row):
            unreadable += 1
            continue
        rows = known.get(_key(info.format, row))
        if not rows:
            new.append(_as_mine(info, row, name))
            continue
        own = rows.popleft()
        ours, other = judgement(info.format, own), judgement(info.format, row)
        if row.note.strip() and not own.note.strip():
            notes.append((own.id, row.note))
        if not other:
            undecided += 1
        else:
            (judged if ours else taken).append(Theirs(own.id, ours, other))
    return MergePlan(name, tuple(taken), tuple(judged), tuple(new), tuple(notes), undecided, unreadable)


def taken_cells(info: DatasetInfo, found: MergePlan) -> list[tuple[int, str, object]]:
    """The cells that change without a question: their decision where I have none, their note where mine is empty."""
    result = [cell for row in found.taken for cell in cells(info.format, info.scale, row.id, row.theirs)]
    return result + [(id, "note", note) for id, note in found.notes]


def sound(info: DatasetInfo, row: Example) -> bool:
    """Whether the row has only values that a row of the dataset can have."""
    texts = len(row.texts) == slots(info.format, info.negatives) and all(
        isinstance(text, str) and _whole(text) for text in row.texts
    )
    score = row.score
    number = score is None or (
        isinstance(score, (int, float)) and math.isfinite(score) and -1e-9 <= score <= 1 + 1e-9
    )
    words = isinstance(row.note, str) and len(row.note) <= _LONGEST_NOTE and _whole(row.note)
    return texts and number and words and row.status in STATUSES


def _whole(text: str) -> bool:
    """Half a character (a lone surrogate) cannot be stored."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _key(format: Format, row: Example) -> Key:
    texts = row.texts[:1] if format is Format.CATEGORIES else row.texts
    return tuple(normalise(text) for text in texts)


def _as_mine(info: DatasetInfo, row: Example, name: str) -> Example:
    score = None if row.score is None else min(max(float(row.score), 0.0), 1.0)
    return replace(
        row,
        score=score,
        raw_score="" if score is None else on_scale(info.scale, score),
        split=row.split if row.split in _SPLITS else "",
        flag=bool(row.flag),
        source=source(name),
        id=0,
        number=0,
    )
