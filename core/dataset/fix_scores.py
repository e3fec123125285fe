"""Fixes that change scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from statistics import fmean, median

from core.dataset.fix_plan import Line, Plan, first, joined, rows_of
from core.dataset.formats import DatasetInfo, Example, Scale
from core.dataset.scores import detect_scale, shown


def settle(
    key: str, info: DatasetInfo, rows: Sequence[Example], group_of: Mapping[int, int], free: Set[int]
) -> Plan:
    """One score for all rows of a group: mean, median, majority; or none (clear). Rows that are not `free` count but stay: where
    there are such, their score is the one."""
    groups: dict[int, list[Example]] = {}
    for row in rows:
        groups.setdefault(group_of[row.id], []).append(row)
    changes: list[tuple[Example, str]] = []
    torn = 0
    for members in groups.values():
        value, certain = _settled(key, info.scale, members, free)
        torn += not certain
        changes += [(row, value) for row in members if row.id in free and not _is(row, value, info.scale)]
    notes = []
    if torn:
        pairs = "1 pair" if torn == 1 else f"{torn:,} pairs"
        notes.append(
            f"For {pairs} no score is the most frequent one: the earliest row decides. Look at them, or clear the scores."
        )
    return _plan(f"Settle {len(groups):,} contradiction{'' if len(groups) == 1 else 's'}", changes, notes)


def _settled(key: str, scale: Scale, members: Sequence[Example], free: Set[int]) -> tuple[str, bool]:
    """(the raw score for the group, whether nothing spoke against it)"""
    if key == "clear":
        return "", True
    fixed = [row for row in members if row.id not in free]
    if fixed:
        return raw(fixed[0].score or 0.0, scale), True
    scores = [row.score or 0.0 for row in members]
    if key == "mean":
        return raw(fmean(scores), scale), True
    if key == "median":
        return raw(median(scores), scale), True
    (best, often), *others = Counter(scores).most_common()  # equal counts stay in the order of the rows
    return raw(best, scale), not (others and others[0][1] == often)


def into_range(key: str, info: DatasetInfo, rows: Sequence[Example]) -> Plan:
    """Scores outside the scale: clamped to it, read on their own scale (rescale), or cleared."""
    scale = info.scale
    if key == "clear":
        return _plan(f"Clear {_scores(len(rows))}", [(row, "") for row in rows], [])
    if key == "clamp":
        changes = [(row, raw(0.0 if row.score is None or row.score < 0 else 1.0, scale)) for row in rows]
        return _plan(f"Move {_scores(len(rows))} into range", changes, [])
    values = [scale.from_unit(row.score) for row in rows if row.score is not None and row.score == row.score]
    found = detect_scale(values)
    if found is None or found == scale or len(values) < len(rows):
        return Plan(
            "Convert scores",
            notes=("No scale fits these scores. Move them to the nearest end, or clear them.",),
        )
    changes = [
        (row, raw(min(max(found.to_unit(scale.from_unit(row.score)), 0.0), 1.0), scale))
        for row in rows
        if row.score is not None
    ]
    return _plan(
        f"Convert {_scores(len(rows))}", changes, [f"They look like scores on the scale {shown(found)}."]
    )


def highest(info: DatasetInfo, rows: Sequence[Example]) -> Plan:
    top = raw(1.0, info.scale)
    return _plan(f"Give {rows_of(len(rows))} the highest score", [(row, top) for row in rows], [])


def raw(score: float, scale: Scale) -> str:
    """A score as a person would type it."""
    return f"{round(scale.from_unit(score), 4):g}"


def _is(row: Example, value: str, scale: Scale) -> bool:
    return (
        (row.score is None)
        if not value
        else row.score is not None
        and raw(row.score, scale) == value
        and row.score == scale.to_unit(float(value))
    )


def _scores(count: int) -> str:
    return "1 score" if count == 1 else f"{count:,} scores"


def _plan(name: str, changes: Sequence[tuple[Example, str]], notes: Sequence[str]) -> Plan:
    lines = [
        Line(row.number, "Score", row.raw_score or "–", value or "–", joined(row.texts))
        for row, value in changes
    ]
    return Plan(
        name, tuple((row.id, "score", value) for row, value in changes), (), first(lines), tuple(notes)
    )
