"""The ways out of each kind of issue, and what each would do to the rows concerned. Nothing is changed here.

Rows of a frozen test set are left as they are, and a note says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from core.dataset import fix_scores, fix_texts
from core.dataset.fix_plan import PREVIEW, Fix, Line, Plan, joined, rows_of
from core.dataset.formats import DatasetInfo, Example, Format
from core.dataset.issues import Issue

_DELETE_COPIES = Fix("delete", "Delete the later copies", "The first row of each stays as it is.")
_DELETE = Fix("delete", "Delete the rows", "All of these rows go.")
_CLEAR_NEGATIVE = Fix(
    "clear",
    "Clear the negative",
    "The cell is emptied and the row waits, among the unlabelled, for another one.",
)

_FIXES: dict[str, tuple[Fix, ...]] = {
    "empty_cell": (_DELETE,),
    "duplicate": (_DELETE_COPIES,),
    "variant": (_DELETE_COPIES,),
    "near_duplicate": (_DELETE_COPIES,),
    "lone_text": (_DELETE,),
    "negative_equals_positive": (_DELETE, _CLEAR_NEGATIVE),
    "negative_equals_anchor": (_DELETE, _CLEAR_NEGATIVE),
    "near_negative": (_DELETE, _CLEAR_NEGATIVE),
    "score_out_of_range": (
        Fix("clamp", "Move to the nearest end", "A score above the scale becomes the highest, one below it the lowest."),
        Fix("rescale", "Read them on their own scale", "Where these scores were evidently given on another scale, they are converted."),
        Fix("clear", "Clear the scores", "The rows wait among the unlabelled."),
    ),
    "identical_low": (Fix("top", "Give the highest score", "Identical texts are as similar as can be."),),
    "anchor_contains_positive": (
        Fix("cut", "Cut the positive out of the anchor", "Where other words are left, the anchor keeps those."),
        _DELETE,
    ),
    "mojibake": (Fix("repair", "Repair the characters", "Each garbled stretch becomes what was meant; nothing else changes."),),
    "truncated": (Fix("shorten", "Shorten to what the model reads", "The end that the model passes over is cut off."),),
    "shared_texts": (
        Fix("to_train", "Move them to training", "Held-out rows that share a text with training rows become training rows, and those that share one with them."),
        Fix("to_most", "Move each text where most of its rows are", "Rows that share texts, directly or through others, come into one split."),
    ),
}  # fmt: skip

_CONFLICTS = {
    Format.SCORED: (
        Fix("mean", "Take the mean score", "All rows of a pair get the mean of their scores."),
        Fix("median", "Take the median score", "All rows of a pair get the middle one of their scores."),
        Fix("majority", "Take the most frequent score", "Where none is most frequent, the earliest row decides."),
        Fix("clear", "Clear the scores", "The rows wait among the unlabelled, to be decided again."),
    ),
    Format.CATEGORIES: (
        Fix("majority", "Take the most frequent category", "Where none is most frequent, the earliest row decides."),
        _DELETE,
    ),
    Format.TRIPLETS: (
        Fix("delete", "Delete the rows that deny it", "Rows in which such a text is the negative go; those in which it is the positive stay."),
        Fix("clear", "Clear the negative", "Where such a text is the negative, the cell is emptied and the row waits for another one."),
    ),
}  # fmt: skip


class Shortener(Protocol):
    limit: int

    def cut(self, text: str) -> str: ...


def fixes_of(kind: str, format: Format) -> tuple[Fix, ...]:
    """The ways out of a kind of issue; none where only the person can know what is right."""
    return _CONFLICTS.get(format, ()) if kind == "conflict" else _FIXES.get(kind, ())


def plan_fix(
    key: str,
    issue: Issue,
    info: DatasetInfo,
    rows: Callable[[Sequence[int]], Iterable[Example]],
    *,
    frozen: bool = False,
    limit: Shortener | None = None,
) -> Plan:
    """What the fix `key` would do about `issue`.

    Args:
        rows: gives the examples with some ids, in that order.
        frozen: the rows marked test may not change.
        limit: the model's, for "shorten".

    The fixes of "shared_texts" look at other rows too: see `core.dataset.fix_splits`.
    """
    fix = next((fix for fix in fixes_of(issue.kind, info.format) if fix.key == key), None)
    if fix is None:
        raise ValueError(f"{issue.kind} has no fix {key!r}")
    if fix in (_DELETE, _DELETE_COPIES):
        return _delete(issue, rows, frozen)
    found = list(rows(issue.ids))
    kept = [row for row in found if frozen and row.split == "test"]
    free = [row for row in found if not (frozen and row.split == "test")]
    made = _changes(key, issue, info, free, found, limit)
    return Plan(made.name, made.cells, made.delete, made.lines, (*made.notes, *_left_alone(len(kept))))


def _changes(
    key: str,
    issue: Issue,
    info: DatasetInfo,
    free: list[Example],
    found: list[Example],
    limit: Shortener | None,
) -> Plan:
    match issue.kind, key:
        case "conflict", _ if info.format is Format.SCORED:
            groups = dict(zip(issue.ids, issue.group_of, strict=True))
            return fix_scores.settle(key, info, found, groups, {row.id for row in free})
        case "conflict", "majority":
            return fix_texts.settle_categories(free, found)
        case "conflict", _:
            return fix_texts.denied(key, info, free, found)
        case "score_out_of_range", _:
            return fix_scores.into_range(key, info, free)
        case "identical_low", _:
            return fix_scores.highest(info, free)
        case "anchor_contains_positive", _:
            return fix_texts.cut_positive(info, free)
        case "mojibake", _:
            return fix_texts.repair(info, free)
        case "truncated", _:
            return fix_texts.shorten(info, free, limit)
        case _, "clear":
            return fix_texts.clear_negatives(info, free)
    raise ValueError(f"no plan for {key!r} of {issue.kind}")


def _delete(issue: Issue, rows: Callable[[Sequence[int]], Iterable[Example]], frozen: bool) -> Plan:
    kept: set[int] = set()
    if frozen:
        kept = {row.id for row in rows(issue.ids) if row.split == "test"}
    going = tuple(id for id in issue.ids if id not in kept)
    of = dict(zip(issue.ids, issue.of))
    shown = going[:PREVIEW]
    earlier = {row.id: f"row {row.number:,}" for row in rows([of[id] for id in shown if id in of])}
    lines = tuple(
        Line(row.number, "", joined(row.texts), None, earlier.get(of.get(row.id, 0), ""))
        for row in rows(shown)
    )
    return Plan(f"Delete {rows_of(len(going))}", (), going, lines, _left_alone(len(kept)))


def _left_alone(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    return (
        f"{rows_of(count)} of the frozen test set stay{'s' if count == 1 else ''} as {'it is' if count == 1 else 'they are'}.",
    )
