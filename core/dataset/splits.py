"""Which rows are trained on and which are held out, so that a result is not the memory of a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.dataset.formats import Example, Format, texts_of
from core.dataset.grouping import by_anchor, by_text, shared_texts
from core.dataset.picking import pick
from core.dataset.stratified import by_category

TOLERANCE = 0.02  # a hold-out within two points of the asked share needs no explanation


@dataclass(frozen=True)
class Split:
    """Indices into the rows, ascending. `notes` are sentences for the person."""

    train: list[int]
    holdout: list[int]
    notes: list[str] = field(default_factory=list)
    grouped_by: str = "none"  # text, anchor, given, none


def split(rows: Sequence[Example], format: Format, share: float, seed: int) -> Split:
    """Hold out about `share` of the rows (0 ≤ share < 1), the same ones for the same `seed`.

    Rows marked *eval* are the hold-out where there are any (`grouped_by` "given"); rows marked *test* are on neither side and
    rows marked *train* are never held out. Otherwise rows that share a normalised text, directly or through other rows, stay
    together; where that ties almost everything into one group, only the rows of one anchor do, and a note says how many texts
    are then on both sides. Scored pairs keep scores below and from 0.5 on both sides where their groups allow it; of texts with categories about
    the same share of each category is held out.
    """
    usable = [index for index, row in enumerate(rows) if row.split != "test"]
    given = [index for index in usable if rows[index].split == "eval"]
    if given:
        return _given([replace(row, texts=texts_of(format, row.texts)) for row in rows], usable, given)
    if share <= 0:
        return Split(usable, [])
    if format is Format.CATEGORIES:
        return _by_category(rows, usable, share, seed)
    pinned = [rows[index].split == "train" for index in usable]
    if len(usable) < 2 or all(pinned):
        reason = "every row is marked train" if usable and all(pinned) else "there are too few rows"
        return Split(usable, [], [f"Nothing is held out: {reason}."])
    classes = [_class(rows[index]) if format is Format.SCORED else None for index in usable]
    target = share * len(usable)
    for kind, grouping in (("text", by_text), ("anchor", by_anchor)):
        groups = grouping([rows[index] for index in usable])
        chosen = pick(groups, pinned, classes, target, max(1.0, TOLERANCE * len(usable)), seed)
        if chosen and len(chosen) >= target / 2:
            return _finish(rows, usable, chosen, kind, share)
    chosen = pick(list(range(len(usable))), pinned, classes, target, 1.0, seed)
    return _finish(rows, usable, chosen, "none", share)


def _by_category(rows: Sequence[Example], usable: list[int], share: float, seed: int) -> Split:
    found = [rows[index] for index in usable]
    chosen, without = by_category(found, [row.split == "train" for row in found], share, seed)
    if not chosen:
        return Split(
            usable, [], ["Nothing is held out: a category needs four texts or more to be on both sides."]
        )
    train = [index for position, index in enumerate(usable) if position not in chosen]
    notes = []
    if without:
        are = "1 category is" if without == 1 else f"{without:,} categories are"
        notes.append(f"{are} too small to be measured as well, so all of their texts are trained on.")
    reached = len(chosen) / len(usable)
    if abs(reached - share) > TOLERANCE:
        notes.append(
            f"The hold-out is {len(chosen)} of {len(usable)} rows ({reached:.0%} instead of {share:.0%}), because each "
            "category on it has two texts there at least."
        )
    return Split(train, [usable[position] for position in sorted(chosen)], notes, "text")


def _class(row: Example) -> bool | None:
    return None if row.score is None else row.score >= 0.5


def _given(rows: Sequence[Example], usable: list[int], given: list[int]) -> Split:
    chosen = set(given)
    train = [index for index in usable if index not in chosen]
    notes = [f"The {_rows(len(given))} marked eval are the hold-out."]
    shared = shared_texts([rows[i] for i in train], [rows[i] for i in given])
    if shared:
        notes.append(f"{_texts(shared)} both in them and in the training rows.")
    return Split(train, given, notes, "given")


def _finish(rows: Sequence[Example], usable: list[int], chosen: set[int], kind: str, share: float) -> Split:
    train = [index for position, index in enumerate(usable) if position not in chosen]
    holdout = [index for position, index in enumerate(usable) if position in chosen]
    if not holdout:
        return Split(train, [], ["Nothing is held out: the rows marked train leave no group to choose."])
    notes = []
    if kind != "text":
        shared = shared_texts([rows[i] for i in train], [rows[i] for i in holdout])
        grouped = "rows are grouped by their anchor only" if kind == "anchor" else "rows are drawn one by one"
        notes.append(
            f"The texts tie almost all rows together, so {grouped}: {_texts(shared).lower()} on both sides."
        )
    reached = len(holdout) / len(usable)
    if abs(reached - share) > TOLERANCE:
        why = (
            "the groups of rows that share a text are large"
            if len(usable) * TOLERANCE >= 1
            else "there are few rows"
        )
        notes.append(
            f"The hold-out is {len(holdout)} of {len(usable)} rows ({reached:.0%} instead of {share:.0%}), because {why}."
        )
    return Split(train, holdout, notes, kind)


def _rows(count: int) -> str:
    return "row" if count == 1 else f"{count:,} rows"


def _texts(count: int) -> str:
    return "1 text is" if count == 1 else f"{count:,} texts are"
