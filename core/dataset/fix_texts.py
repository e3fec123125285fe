"""Fixes that change texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.dataset.fix_plan import Line, Plan, first, joined, rows_of
from core.dataset.formats import Column, DatasetInfo, Example, Role
from core.dataset.identity import compact, nearly_equal, words_of
from core.dataset.mojibake import repaired
from core.dataset.normalise import normalise

if TYPE_CHECKING:
    from core.dataset.fixes import Shortener

_CHARACTERS_PER_TOKEN = 4
Change = tuple[Example, Column, str]


def repair(info: DatasetInfo, rows: Sequence[Example]) -> Plan:
    changes = [
        (row, column, better)
        for row, column, text in _cells(info, rows)
        if (better := repaired(text)) != text
    ]
    return _plan(f"Repair {rows_of(len(rows))}", changes)


def shorten(info: DatasetInfo, rows: Sequence[Example], limit: Shortener | None) -> Plan:
    """Cut the texts to what the model reads; without its tokenizer to so many characters, at a space."""
    changes = []
    for row, column, text in _cells(info, rows):
        if column.role is not Role.CATEGORY:
            kept = limit.cut(text) if limit is not None else _cut_roughly(text)
            if kept != text:
                changes.append((row, column, kept))
    return _plan(f"Shorten the texts of {rows_of(len(rows))}", changes)


def _cut_roughly(text: str, limit: int = 256) -> str:
    longest = limit * _CHARACTERS_PER_TOKEN
    if len(text) <= longest:
        return text
    space = text.rfind(" ", longest // 2, longest)
    return text[: space if space > 0 else longest].rstrip()


def cut_positive(info: DatasetInfo, rows: Sequence[Example]) -> Plan:
    """The anchors without the words of their positives."""
    column = info.columns[0]
    changes: list[Change] = []
    left = 0
    for row in rows:
        rest = _without(row.texts[0], row.texts[1])
        if rest is None:
            left += 1
        else:
            changes.append((row, column, rest))
    notes = []
    if left:
        notes.append(
            f"In {rows_of(left)} nothing would be left of the anchor, or the positive is written otherwise there: "
            f"{'it stays' if left == 1 else 'they stay'}."
        )
    return _plan(f"Cut the positive out of {len(changes):,} anchors", changes, notes)


def _without(anchor: str, positive: str) -> str | None:
    """None where the positive does not stand there as it is, or no word would remain."""
    parts = [re.escape(part) for part in positive.split()]
    found = re.compile(r"\s+".join(parts), re.IGNORECASE)
    rest = found.sub(" ", anchor)
    rest = re.sub(r"[ \t]{2,}", " ", rest).strip(" \t\n-–—:,;.|")
    wanted, remaining = normalise(positive), normalise(rest)
    if not parts or rest == anchor or wanted in remaining or not re.search(r"\w", words_of(remaining)):
        return None
    return rest


def clear_negatives(info: DatasetInfo, rows: Sequence[Example]) -> Plan:
    """Empty the negatives that are, or nearly are, the positive or the anchor of their row."""
    changes: list[Change] = []
    for row in rows:
        near = [compact(text) for text in row.texts[:2]]
        same = {normalise(text) for text in row.texts[:2]}
        for column in info.columns[2:]:
            text = row.texts[column.slot]
            if normalise(text) in same or any(nearly_equal(compact(text), other) for other in near):
                changes.append((row, column, ""))
    return _plan(f"Clear {_negatives(len(changes))}", changes)


def denied(key: str, info: DatasetInfo, free: Sequence[Example], rows: Sequence[Example]) -> Plan:
    """Texts that are a positive of an anchor in one of `rows` and a negative of it in another: delete the rows that say negative, or
    clear the negative there."""
    positives = {(normalise(row.texts[0]), normalise(row.texts[1])) for row in rows}
    changes = [
        (row, column, "")
        for row in free
        for column in info.columns[2:]
        if (normalise(row.texts[0]), normalise(row.texts[column.slot])) in positives
    ]
    if key == "clear":
        return _plan(f"Clear {_negatives(len(changes))}", changes)
    going = list({row.id: row for row, _, _ in changes}.values())
    lines = [Line(row.number, "", joined(row.texts), None) for row in going]
    return Plan(f"Delete {rows_of(len(going))}", (), tuple(row.id for row in going), first(lines))


def settle_categories(free: Sequence[Example], rows: Sequence[Example]) -> Plan:
    """Every text gets the category it has most often."""
    by_text: dict[str, list[str]] = {}
    written: dict[str, str] = {}
    for row in rows:
        name = normalise(row.texts[1])
        written.setdefault(name, row.texts[1])
        by_text.setdefault(normalise(row.texts[0]), []).append(name)
    best = {text: Counter(names).most_common(1)[0][0] for text, names in by_text.items()}
    changes = []
    for row in free:
        wanted = best[normalise(row.texts[0])]
        if normalise(row.texts[1]) != wanted:
            changes.append((row, row.texts[1], written[wanted]))
    lines = [Line(row.number, "Category", before, after, row.texts[0]) for row, before, after in changes]
    cells = tuple((row.id, "category", after) for row, _, after in changes)
    return Plan(f"Settle the categories of {rows_of(len(changes))}", cells, (), first(lines))


def _negatives(count: int) -> str:
    return "1 negative" if count == 1 else f"{count:,} negatives"


def _cells(info: DatasetInfo, rows: Sequence[Example]) -> list[tuple[Example, Column, str]]:
    return [
        (row, column, row.texts[column.slot]) for row in rows for column in info.columns if column.slot >= 0
    ]


def _plan(name: str, changes: Sequence[Change], notes: Sequence[str] = ()) -> Plan:
    lines = [Line(row.number, column.title, row.texts[column.slot], text) for row, column, text in changes]
    cells = tuple((row.id, column.key, text) for row, column, text in changes)
    return Plan(name, cells, (), first(lines), tuple(notes))
