"""What a model said about the rows of a dataset, in the project's cache: for the explorer and for reports, under one key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.dataset.formats import DatasetInfo, Example, Format
from core.engine.kept_arrays import Array, KeptArrays, key_of
from core.similarity.labelled import RANDOM_PAIR, Rows, Scored

_KEPT = 12  # models and states of the rows
_NAMES = ("ids", "similarity", "margin", "nearest")
_RANDOM = RANDOM_PAIR.names or ()
_AT_ONCE = 1000  # rows


@dataclass(frozen=True)
class Told:
    """One model's scores: ids that ascend, and the numbers by their places; the random pairs are `RANDOM_PAIR`s."""

    ids: Array
    similarity: Array
    margin: Array
    nearest: Array
    background: Array

    def scored(self, title: str, rows: Rows) -> Scored:
        numbers = {"similarity": self.similarity, "margin": self.margin, "nearest": self.nearest}
        return Scored.of(title, rows, self.ids, numbers, self.background)


NOTHING = Told(
    np.empty(0, np.int64),
    np.empty(0, np.float32),
    np.empty(0, np.float32),
    np.empty(0, np.float32),
    np.empty(0, RANDOM_PAIR),
)


def keys_of(
    info: DatasetInfo, examples: Sequence[Example], marks: Sequence[str], parts: Sequence[Sequence[int]] = ()
) -> tuple[str, ...]:
    """A name for the scores of these rows under each model, `marks` being the models' fingerprints, `parts` those
    with random pairs of their own; "" where that is not known."""
    rows = key_of((*_parts(info, examples), *(np.array(part, np.int64).tobytes() for part in parts)))
    return tuple(key_of((rows, mark)) if mark else "" for mark in marks)


def kept(project: Path, key: str) -> Told | None:
    """The scores of this name, if they are there."""
    found = _store(project).load(key) if key else None
    sets = [_NAMES, [f"random_{name}" for name in _RANDOM]]
    if found is None or set(found) != {name for names in sets for name in names}:
        return None
    if any(array.ndim != 1 for array in found.values()):
        return None
    if any(len({len(found[name]) for name in names}) > 1 for names in sets):
        return None
    if not _sound(found):
        return None
    background = np.empty(len(found[sets[1][0]]), RANDOM_PAIR)
    for name in _RANDOM:
        background[name] = found[f"random_{name}"]
    return Told(found["ids"], found["similarity"], found["margin"], found["nearest"], background)


def _sound(found: dict[str, Array]) -> bool:
    """Whether the ids ascend and no score is infinite: what is damaged or made by hand is asked for again."""
    ids = found["ids"]
    if ids.dtype.kind != "i" or not (np.diff(ids) > 0).all():
        return False
    scores = [found[name] for name in ("similarity", "margin", "nearest", "random_similarity")]
    return all(one.dtype.kind == "f" and not np.isinf(one).any() for one in scores)


def keep(project: Path, new: Iterable[tuple[str, Told]]) -> None:
    """
    Raises:
        DiskFull, FileProblem
    """
    for key, told in new:
        if key:
            random = {f"random_{name}": told.background[name] for name in _RANDOM}
            _store(project).save(key, {**{name: getattr(told, name) for name in _NAMES}, **random})


def _parts(info: DatasetInfo, examples: Sequence[Example]) -> Iterator[str | bytes]:
    """What the scores depend on: every row's id and texts; which texts are in the middles of categories."""
    yield info.format.value
    yield np.array([row.id for row in examples], np.int64).tobytes()
    if info.format is Format.CATEGORIES:
        yield np.array([row.status == "rejected" for row in examples], bool).tobytes()
    for start in range(0, len(examples), _AT_ONCE):
        yield "\0".join("\0".join(row.texts) for row in examples[start : start + _AT_ONCE])


def _store(project: Path) -> KeptArrays:
    return KeptArrays(project, "scored", _KEPT)
