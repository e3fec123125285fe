"""Fixes that move rows between splits, so that no text stands in two of them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass

from core.dataset.fix_plan import PREVIEW, Line, Plan, rows_of
from core.dataset.formats import Example, Format, texts_of
from core.dataset.grouping import joined
from core.dataset.normalise import normalise

_TITLES = {"": "Automatic", "train": "Training", "eval": "Hold-out", "test": "Test"}


@dataclass(frozen=True)
class _Row:
    id: int
    number: int
    split: str
    texts: tuple[str, ...]  # normalised


def plan_splits(key: str, rows: Iterable[Example], format: Format, *, frozen: bool = False) -> Plan:
    """`rows` are all of the dataset. With `frozen` no row leaves the test set and none joins it."""
    read = [_read(row, format) for row in rows if row.status != "rejected"]
    moves = _to_training(read, frozen) if key == "to_train" else _to_most(read, frozen)
    by_id = {row.id: row for row in read if row.id in moves}
    cells = tuple((id, "split", split) for id, split in moves.items())
    lines = tuple(
        Line(by_id[id].number, "Split", _TITLES[by_id[id].split], _TITLES[split])
        for id, split in list(moves.items())[:PREVIEW]
    )
    after = Counter(moves.get(row.id, row.split) or "train" for row in read)
    counts = ", ".join(f"{_TITLES[split].lower()} {after[split]:,}" for split in ("train", "eval", "test"))
    notes = [f"Then: {counts}."] if moves else []
    if left := _still_shared(read, moves):
        notes.append(
            f"{rows_of(left)} share a text with the frozen test set and stay. Delete them, or unfreeze the test set."
            if frozen
            else f"{rows_of(left)} still share a text with another split."
        )
    return Plan(f"Move {rows_of(len(moves))} to another split", cells, (), lines, tuple(notes))


def _read(row: Example, format: Format) -> _Row:
    texts = {normalise(text) for text in texts_of(format, row.texts)}
    return _Row(row.id, row.number, row.split, tuple(texts - {""}))


def _side(split: str) -> str:
    return split if split in ("eval", "test") else "train"


def _to_training(rows: list[_Row], frozen: bool) -> dict[int, str]:
    """Training takes every held-out row that it shares a text with, step by step; then the test set those of the hold-out."""
    training = "train" if any(row.split == "train" for row in rows) else ""
    moves: dict[int, str] = {}
    free = [row for row in rows if row.split == "eval" or (row.split == "test" and not frozen)]
    _pull(moves, free, (row for row in rows if _side(row.split) == "train"), training)
    if not frozen:  # else what the hold-out shares with the test set stays: in training it would be no better
        held = [row for row in free if row.split == "eval" and row.id not in moves]
        tests = [row for row in rows if row.split == "test" and row.id not in moves]
        _pull(moves, held, tests, "test")
    return moves


def _pull(moves: dict[int, str], free: Iterable[_Row], start: Iterable[_Row], split: str) -> None:
    """Move to `split` every free row that is connected with the rows of `start` through texts."""
    having: dict[str, list[_Row]] = {}
    for row in free:
        for text in row.texts:
            having.setdefault(text, []).append(row)
    waiting = deque(text for row in start for text in row.texts if text in having)
    while waiting:
        for row in having.pop(waiting.popleft(), ()):
            if row.id not in moves:
                moves[row.id] = split
                waiting.extend(text for text in row.texts if text in having)


def _to_most(rows: list[_Row], frozen: bool) -> dict[int, str]:
    """Each group of connected rows goes where most of its rows are; with equal counts to training, then to the hold-out."""
    moves: dict[int, str] = {}
    training = "train" if any(row.split == "train" for row in rows) else ""
    for group in _groups(rows):
        sides = Counter(_side(row.split) for row in group)
        if len(sides) < 2:
            continue
        if frozen:
            sides.pop("test", None)
        target = max(("train", "eval", "test"), key=lambda side: sides.get(side, 0))
        for row in group:
            if _side(row.split) != target and not (frozen and row.split == "test"):
                moves[row.id] = training if target == "train" else target
    return moves


def _groups(rows: list[_Row]) -> list[list[_Row]]:
    groups: dict[int, list[_Row]] = {}
    for row, number in zip(rows, joined([row.texts for row in rows]), strict=True):
        groups.setdefault(number, []).append(row)
    return list(groups.values())


def _still_shared(rows: list[_Row], moves: dict[int, str]) -> int:
    """Rows outside the test set, or held out of training, that share a text with another side afterwards."""
    sides: dict[str, set[str]] = {}
    for row in rows:
        for text in row.texts:
            sides.setdefault(text, set()).add(_side(moves.get(row.id, row.split)))
    torn = {text for text, found in sides.items() if len(found) > 1}
    return sum(
        any(text in torn for text in row.texts)
        for row in rows
        if _side(moves.get(row.id, row.split)) != "test"
    )
