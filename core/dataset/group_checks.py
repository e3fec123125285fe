"""What can only be told by comparing rows with one another: copies, contradictions, texts in two splits, one-sided labels.

Rows are compared by the hashes of their texts. Two different texts with the same 64 bits are possible in principle, about once in ten
million datasets of a million texts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.dataset.formats import Format
from core.dataset.row_checks import BIT, UNUSABLE
from core.dataset.row_table import SPLIT_CODES, RowTable

Integers = NDArray[np.int64]

FEW = 10  # below this many usable rows, a run says next to nothing
LEAST = 2
ENDS = 0.95  # of the labels at the ends of the scale: yes/no labels
ONE_SIDED = 0.05
_JUDGED = 40  # below this many rows, one side is small by chance

_A, _B = np.int64(-7046029254386353131), np.int64(-4417276706812531889)  # odd: no hash is lost by multiplying


@dataclass(frozen=True)
class Group:
    """Places of rows in the table, ascending; which of them belong together, and which earlier place each repeats, where that is of
    interest."""

    places: Integers
    numbers: Integers | None = None
    of: Integers | None = None


@dataclass
class Groups:
    found: dict[str, Group] = field(default_factory=dict)
    usable: int = 0
    yes_no: bool = False
    share: float = 0.0  # of the smaller side, with "one_sided"

    def note(self, kind: str, places: Integers, numbers: Integers | None = None) -> None:
        if len(places):
            self.found[kind] = Group(places, numbers)

    def note_copies(self, usable: Integers, keys: Integers) -> NDArray[np.bool_]:
        """The later rows of each key are duplicates. Returns which rows are the first of theirs."""
        order, starts, first = _runs(keys)
        if not first.all():
            leader = _leaders(order, starts)
            self.found["duplicate"] = Group(usable[~first], None, usable[leader[~first]])
        return first

    def note_whole(self, kind: str) -> None:
        """A finding about the dataset as a whole."""
        self.found[kind] = Group(np.empty(0, dtype=np.int64))


def compare(table: RowTable, format: Format) -> Groups:
    """Every finding about several rows of `table`."""
    groups = Groups()
    usable = np.flatnonzero((table.bits & UNUSABLE) == 0)
    groups.usable = len(usable)
    if format is Format.SCORED:
        _scored(groups, table, usable)
    elif format is Format.CATEGORIES:
        _categories(groups, table, usable)
    else:
        _roles(groups, table, usable)
    _shared(groups, table, format)
    if len(usable) < LEAST:
        groups.note_whole("too_few_to_train")
    elif len(usable) < FEW:
        groups.note_whole("too_few")
    return groups


def yes_no(scores: NDArray[np.float64]) -> bool:
    """Whether labels are answers (0 or 1) rather than degrees."""
    return bool(len(scores)) and float(((scores == 0) | (scores == 1)).mean()) >= ENDS


def unordered(one: Integers, other: Integers) -> Integers:
    return _mix(np.minimum(one, other), np.maximum(one, other))


def _mix(*columns: Integers) -> Integers:
    key = np.zeros(len(columns[0]), dtype=np.int64)
    with np.errstate(over="ignore"):
        for column in columns:
            key = (key ^ column) * _A
            key ^= (key >> np.int64(29)) * _B
    return key


def _runs(keys: Integers) -> tuple[Integers, Integers, NDArray[np.bool_]]:
    """(order by key and place, where each run of equal keys starts in it, whether a place is the first of its run)."""
    order = np.argsort(keys, kind="stable")
    sorted_keys = keys[order]
    starts = (
        np.flatnonzero(np.concatenate(([True], sorted_keys[1:] != sorted_keys[:-1])))
        if len(keys)
        else np.empty(0, dtype=np.int64)
    )
    first = np.zeros(len(keys), dtype=bool)
    first[order[starts]] = True
    return order, starts, first


def _leaders(order: Integers, starts: Integers) -> Integers:
    """For each place the first one of its run."""
    leader = np.empty(len(order), dtype=np.int64)
    leader[order] = np.repeat(order[starts], np.diff(np.append(starts, len(order))))
    return leader


def _distinct(values: Integers) -> Integers:
    """The different values, ascending. `np.unique` hashes, which takes several times as long."""
    found = np.sort(values, axis=None)
    return found[np.concatenate((np.ones(1, dtype=bool), found[1:] != found[:-1]))] if len(found) else found


def _common(one: Integers, other: Integers) -> Integers:
    """The values that are in both, ascending."""
    both = np.sort(np.concatenate((_distinct(one), _distinct(other))))
    return both[1:][both[1:] == both[:-1]]


def _member(values: Integers, known: Integers) -> NDArray[np.bool_]:
    """Which of `values` are among `known`, ascending ones."""
    if not len(known):
        return np.zeros(values.shape, dtype=bool)
    places = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return known[places] == values


def _torn(keys: Integers, values: NDArray[np.float64] | Integers) -> tuple[Integers, Integers]:
    """(positions of the rows in runs of one key with different values, ascending, and the number of each one's run)."""
    if not len(keys):
        return keys, keys
    order, starts, _ = _runs(keys)
    sorted_values = values[order]
    low, high = np.minimum.reduceat(sorted_values, starts), np.maximum.reduceat(sorted_values, starts)
    lengths = np.diff(np.append(starts, len(keys)))
    number = np.empty(len(keys), dtype=np.int64)
    number[order] = np.repeat(np.where(low != high, np.arange(len(starts)), -1), lengths)
    torn = np.flatnonzero(number >= 0)
    return torn, number[torn]


# -- scored pairs -------------------------------------------------------------------------------------------------------


def _scored(groups: Groups, table: RowTable, usable: Integers) -> None:
    """Degrees of similarity have no direction, and two people write the same sentence differently: pairs are compared by their
    words in either order, and a second score for a pair is a copy of the row and (if different) a contradiction. Answers, yes or no, may
    be about a relation that has a direction ("beats", "answers") and words for which capitals matter: there the texts and
    their order must be the same, and another answer is a contradiction but no copy. Looser matches are listed apart."""
    score = table.score[usable]
    words, exact = table.words[usable], table.exact[usable]
    loose = unordered(words[:, 0], words[:, 1])
    groups.yes_no = yes_no(score)
    if groups.yes_no:
        strict = _mix(exact[:, 0], exact[:, 1])
        groups.note_copies(usable, _mix(strict, score.view(np.int64)))
        torn, numbers = _torn(strict, score)
        _variants(groups, usable, loose, strict)
    else:
        groups.note_copies(usable, loose)
        torn, numbers = _torn(loose, score)
    groups.note("conflict", usable[torn], numbers)
    _sides(groups, usable, score)


def _variants(groups: Groups, usable: Integers, loose: Integers, strict: Integers) -> None:
    """Rows whose pair was there before, but not as it is written here."""
    if not len(usable):
        return
    order, starts, _ = _runs(loose)
    leader = _leaders(order, starts)
    _, _, first_strict = _runs(strict)
    other = first_strict & (strict != strict[leader])
    if other.any():
        groups.found["variant"] = Group(usable[other], None, usable[leader[other]])


def _sides(groups: Groups, usable: Integers, score: NDArray[np.float64]) -> None:
    if len(score) < LEAST:
        return
    if score.min() == score.max():
        groups.note_whole("one_class")
        return
    high = score >= 0.5
    share = float(min(high.mean(), 1 - high.mean()))
    if len(score) >= _JUDGED and share < ONE_SIDED:
        groups.share = share
        smaller = usable[high if high.mean() < 0.5 else ~high]
        groups.found["one_sided"] = Group(smaller)


# -- pairs, triplets ----------------------------------------------------------------------------------------------------


def _roles(groups: Groups, table: RowTable, usable: Integers) -> None:
    texts = table.texts[usable]
    groups.note_copies(usable, _mix(*texts.T))
    sound = np.flatnonzero((table.bits[usable] & BIT["negative_equals_positive"]) == 0)
    if texts.shape[1] < 3 or not len(sound):
        return
    anchor = texts[sound, 0]
    keys = np.column_stack([_mix(anchor, texts[sound, slot]) for slot in range(1, texts.shape[1])])
    where = _member(keys, _common(keys[:, 0], keys[:, 1:]))
    torn = np.flatnonzero(where.any(axis=1))
    numbers = keys[torn, where[torn].argmax(axis=1)]
    groups.note("conflict", usable[sound[torn]], numbers)


# -- texts with categories ----------------------------------------------------------------------------------------------


def _categories(groups: Groups, table: RowTable, usable: Integers) -> None:
    text, category = table.texts[usable, 0], table.texts[usable, 1]
    first = groups.note_copies(usable, _mix(text, category))
    torn, numbers = _torn(text, category)
    groups.note("conflict", usable[torn], numbers)
    names, sizes = np.unique(category[first], return_counts=True)
    alone = sizes < LEAST
    lone = np.isin(category, names[alone])
    groups.note("lone_text", usable[lone], text[lone])
    if int((~alone).sum()) < LEAST and groups.usable >= LEAST:
        groups.note_whole("few_categories")
    elif len(usable) >= _JUDGED and len(names) > 1 and sizes.max() > (1 - ONE_SIDED) * sizes.sum():
        largest = names[sizes.argmax()]
        others = usable[category != largest]
        groups.share = len(others) / len(usable)
        groups.found["one_sided"] = Group(others)


# -- splits -------------------------------------------------------------------------------------------------------------


def _shared(groups: Groups, table: RowTable, format: Format) -> None:
    """Held-out rows with a text that training has too, and rows of the hold-out with a text of the test set."""
    held = table.split >= SPLIT_CODES["eval"]
    if not held.any() or (held.all() and len(set(table.split.tolist())) < 2):
        return
    columns = slice(0, 1) if format is Format.CATEGORIES else slice(None)
    texts = table.texts[:, columns]
    full = texts != hash("")
    places = np.flatnonzero(held)
    rows = texts[places]
    train = _common(texts[~held][full[~held]], rows)
    test = table.split == SPLIT_CODES["test"]
    in_eval = ~test[places]
    known = _member(rows, train)
    known |= _member(rows, _common(texts[test], rows[in_eval])) & in_eval[:, None]
    known &= full[places]
    hit = known.any(axis=1)
    groups.note("shared_texts", places[hit], rows[hit, known[hit].argmax(axis=1)])
