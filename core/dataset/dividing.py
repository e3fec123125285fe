"""Marks every row train, eval or test in the asked shares, so that no text stands in two splits."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from core.dataset.formats import Example, Format, texts_of
from core.dataset.grouping import joined
from core.dataset.normalise import normalise

SPLITS = ("train", "eval", "test")
TOGETHER = ("text", "anchor", "none")
TOLERANCE = 0.02  # of all rows: a share so near needs no explanation
_HELD = {"train": "training", "eval": "the hold-out", "test": "the test set"}


@dataclass(frozen=True)
class Wish:
    """The shares add up to 1. `together`: rows with a common text ("text"), with the same first text ("anchor") or only the row
    itself ("none") come into one split. `stratify`: about the same mix of high and low scores, or of categories, in each.
    `keep_test`: the rows marked test stay as they are, and no row joins them."""

    train: float = 0.8
    eval: float = 0.1
    test: float = 0.1
    seed: int = 42
    together: str = "text"
    stratify: bool = True
    keep_test: bool = False

    def share(self, split: str) -> float:
        return {"train": self.train, "eval": self.eval, "test": self.test}[split]


@dataclass(frozen=True)
class Division:
    """`splits` by example id; `mix` is the share of high scores in each split, for scored pairs; `shared` counts normalised
    texts that stand in several splits; `notes` are sentences for the person."""

    splits: Mapping[int, str]
    counts: Mapping[str, int]
    mix: Mapping[str, float]
    shared: int
    notes: tuple[str, ...]


def divide(rows: Sequence[Example], format: Format, wish: Wish) -> Division:
    """The same division for the same rows and seed. Rejected rows are in no split.

    Raises:
        ValueError: shares that do not add up to 1, or no such grouping.
    """
    if abs(wish.train + wish.eval + wish.test - 1) > 1e-6 or min(wish.train, wish.eval, wish.test) < 0:
        raise ValueError("the shares must add up to 1")
    if wish.together not in TOGETHER:
        raise ValueError(f"no grouping {wish.together!r}")
    rows = [row for row in rows if row.status != "rejected"]
    texts = _texts(rows, format)
    kept = {index for index, row in enumerate(rows) if wish.keep_test and row.split == "test"}
    free = [index for index in range(len(rows)) if index not in kept]
    numbers = _groups(texts, free, wish.together)
    classes = _classes(rows, format) if wish.stratify else [0] * len(rows)
    open_splits = ("train", "eval") if wish.keep_test else SPLITS
    total = sum(wish.share(split) for split in open_splits) or 1.0
    shares = {split: wish.share(split) / total for split in open_splits}
    if not any(shares.values()):
        shares["train"] = 1.0
    placed = _place(free, numbers, classes, shares, wish.seed)
    placed.update(dict.fromkeys(kept, "test"))
    counts = Counter(placed.values())
    shared = _shared(texts, placed)
    notes = [
        *_kept(texts, kept, placed, wish),
        *_off(len(free), counts, shares, numbers, wish.together),
        *_sharing(shared, wish, bool(kept)),
    ]
    return Division(
        {rows[index].id: split for index, split in placed.items()},
        {split: counts[split] for split in SPLITS},
        _mix(rows, placed) if format is Format.SCORED else {},
        shared,
        tuple(notes),
    )


def _texts(rows: Sequence[Example], format: Format) -> list[list[str]]:
    """The normalised texts of each row, the anchor first; blank ones tie nothing together."""
    known: dict[str, str] = {}

    def of(text: str) -> str:
        if text not in known:
            known[text] = normalise(text)
        return known[text]

    return [[of(text) for text in texts_of(format, row.texts)] for row in rows]


def _groups(texts: Sequence[Sequence[str]], free: Sequence[int], together: str) -> list[int]:
    """A group number for each of `free`."""
    if together == "none":
        return list(range(len(free)))
    if together == "anchor":
        return joined([[text for text in texts[index][:1] if text] for index in free])
    return joined([[text for text in texts[index] if text] for index in free])


def _classes(rows: Sequence[Example], format: Format) -> list[int]:
    if format is Format.SCORED:
        return [2 if row.score is None else int(row.score >= 0.5) for row in rows]
    if format is Format.CATEGORIES:
        names: dict[str, int] = {}
        return [names.setdefault(normalise(row.texts[1]), len(names)) for row in rows]
    return [0] * len(rows)


def _place(
    free: Sequence[int],
    numbers: Sequence[int],
    classes: Sequence[int],
    shares: Mapping[str, float],
    seed: int,
) -> dict[int, str]:
    """A split for each of `free`: groups from the largest down, each to the split that lacks its kind of rows most."""
    members: dict[int, list[int]] = {}
    for index, number in zip(free, numbers, strict=True):
        members.setdefault(number, []).append(index)
    order = list(members.values())
    draw = random.Random(f"{seed}/splits")
    draw.shuffle(order)
    order.sort(key=len, reverse=True)
    sizes = Counter(classes[index] for index in free)
    room = {split: share * len(free) for split, share in shares.items() if share > 0}
    lack = {split: {kind: shares[split] * count for kind, count in sizes.items()} for split in room}
    target = {split: {kind: max(value, 1e-9) for kind, value in lack[split].items()} for split in room}
    placed: dict[int, str] = {}
    for group in order:
        kinds = Counter(classes[index] for index in group) if len(group) > 1 else {classes[group[0]]: 1}
        fitting = [split for split in room if room[split] >= len(group) / 2]
        best = max(fitting or room, key=partial(_need, room, lack, target, kinds, bool(fitting)))
        for kind, count in kinds.items():
            lack[best][kind] -= count
        room[best] -= len(group)
        placed.update(dict.fromkeys(group, best))
    return placed


def _need(
    room: Mapping[str, float],
    lack: Mapping[str, Mapping[int, float]],
    target: Mapping[str, Mapping[int, float]],
    kinds: Mapping[int, int],
    fits: bool,
    split: str,
) -> tuple[float, float]:
    """How much a split lacks rows of these kinds, relative to what it is to have; where nothing fits, what has most room."""
    if not fits:
        return room[split], 0.0
    return sum(count * lack[split][kind] / target[split][kind] for kind, count in kinds.items()), room[split]


def _shared(texts: Sequence[Sequence[str]], placed: Mapping[int, str]) -> int:
    home: dict[str, str] = {}
    torn = set()
    for index, split in placed.items():
        for text in texts[index]:
            if text and home.setdefault(text, split) != split:
                torn.add(text)
    return len(torn)


def _mix(rows: Sequence[Example], placed: Mapping[int, str]) -> dict[str, float]:
    high: Counter[str] = Counter()
    labelled: Counter[str] = Counter()
    for index, split in placed.items():
        score = rows[index].score
        if score is not None:
            labelled[split] += 1
            high[split] += score >= 0.5
    return {split: high[split] / count for split, count in labelled.items()}


# -- what to tell -------------------------------------------------------------------------------------------------------


def _kept(texts: Sequence[Sequence[str]], kept: set[int], placed: Mapping[int, str], wish: Wish) -> list[str]:
    if not kept:
        return []
    words = []
    if wish.together == "text":
        tested = {text for index in kept for text in texts[index] if text}
        tied = sum(
            split != "test" and any(text in tested for text in texts[i]) for i, split in placed.items()
        )
        if tied:
            words.append(
                f"{_rows(tied).capitalize()} share{'s' if tied == 1 else ''} a text with the frozen test set. Delete them, or unfreeze the test set."
            )
    return words


def _off(
    rows: int, counts: Mapping[str, int], shares: Mapping[str, float], numbers: Sequence[int], together: str
) -> list[str]:
    """Why a share is not what was asked for."""
    if not rows:
        return []
    off = [split for split, share in shares.items() if abs(counts.get(split, 0) / rows - share) > TOLERANCE]
    if not off:
        return []
    largest = max(Counter(numbers).values(), default=0)
    got = ", ".join(
        f"{_HELD[split]} has {counts.get(split, 0) / rows:.0%} instead of {shares[split]:.0%}"
        for split in off
    )
    got = got[:1].upper() + got[1:]
    if largest > TOLERANCE * rows and together != "none" and largest > 1:
        tie = "share texts" if together == "text" else "have the same anchor"
        more = (
            " Keep rows with the same anchor together instead, to divide them." if together == "text" else ""
        )
        return [
            f"{got}: the largest group of rows that {tie} has {_rows(largest)} of {rows:,} and stays in one piece.{more}"
        ]
    return [f"{got}: there are only {_rows(rows)} to divide."]


def _sharing(shared: int, wish: Wish, frozen: bool) -> list[str]:
    if not shared or (wish.together == "text" and frozen):
        return []
    are = "1 text stands" if shared == 1 else f"{shared:,} texts stand"
    return [f"{are} in several splits: results will look better than they are."]


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
