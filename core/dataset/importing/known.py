"""Which rows of an import a dataset has already: the same file brought in again, or its next edition."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from core.dataset.formats import Example
from core.dataset.normalise import normalise

EVERY = 2048  # rows between two calls of a tick
_SAME_SCORE = 1e-9

Tick = Callable[[int, int], None]  # (done, total); may raise Cancelled


@dataclass(frozen=True)
class Known:
    """Every row of the import, by its place there, is exactly one of the three."""

    new: list[int] = field(default_factory=list)
    identical: list[int] = field(default_factory=list)
    changed: list[tuple[int, int]] = field(default_factory=list)  # (place, id of the row in the dataset)

    @property
    def any(self) -> bool:
        """Whether there is anything to ask the person about."""
        return bool(self.identical or self.changed)


def compare(
    rows: Sequence[Example], existing: Iterable[Example], count: int = 0, tick: Tick | None = None
) -> Known:
    """Match imported rows with those of a dataset (`count` of them) that have the same texts after normalising.

    A pair of rows is *identical* when texts, score and split are the same; an imported row without a score or split says nothing
    about them. Otherwise it is *changed*. Of rows that are there twice, two imported ones are matched.
    """
    total = count + len(rows)
    index = _Index()
    for done, row in enumerate(existing):
        if tick is not None and done % EVERY == 0:
            tick(done, total)
        index.add(row)
    known = Known()
    left: list[tuple[int, int]] = []  # (place, key) of rows without an identical one
    for place, row in enumerate(rows):
        if tick is not None and place % EVERY == 0:
            tick(count + place, total)
        key = _key(row)
        if index.take_identical(key, row):
            known.identical.append(place)
        else:
            left.append((place, key))
    for place, key in left:
        id = index.take(key)
        if id is None:
            known.new.append(place)
        else:
            known.changed.append((place, id))
    if tick is not None:
        tick(total, total)
    return known


def _key(row: Example) -> int:
    return hash(tuple(map(normalise, row.texts)))


class _Index:
    """The rows of a dataset by their texts. Of the texts only 64-bit hashes are kept: a million rows take about 150 MB less than
    they would otherwise, and two different rows share one by chance in one import of a million among millions."""

    def __init__(self) -> None:
        self._places: dict[int, int | list[int]] = {}
        self._ids = array("q")
        self._texts = array("q")
        self._scores = array("d")  # NaN: unlabelled
        self._splits: list[str] = []

    def add(self, row: Example) -> None:
        place = len(self._ids)
        self._ids.append(row.id)
        self._texts.append(hash(row.texts))
        self._scores.append(float("nan") if row.score is None else row.score)
        self._splits.append(row.split)
        key = _key(row)
        there = self._places.get(key)
        if there is None:
            self._places[key] = place
        elif isinstance(there, list):
            there.append(place)
        else:
            self._places[key] = [there, place]

    def take_identical(self, key: int, row: Example) -> bool:
        """Whether a row like that is there that no other row of the import was matched with."""
        for place in self._of(key):
            same = self._texts[place] == hash(row.texts) and self._same_score(place, row.score)
            if same and row.split in ("", self._splits[place]):
                self._forget(key, place)
                return True
        return False

    def take(self, key: int) -> int | None:
        """The id of a row with these texts, by any spelling, that is still unmatched."""
        places = self._of(key)
        if not places:
            return None
        first = places[0]
        self._forget(key, first)
        return self._ids[first]

    def _of(self, key: int) -> list[int]:
        there = self._places.get(key)
        return [] if there is None else there if isinstance(there, list) else [there]

    def _forget(self, key: int, place: int) -> None:
        there = self._places[key]
        if isinstance(there, list) and len(there) > 1:
            there.remove(place)
        else:
            del self._places[key]

    def _same_score(self, place: int, score: float | None) -> bool:
        return score is None or abs(self._scores[place] - score) < _SAME_SCORE
