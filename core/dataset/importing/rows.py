"""The rows of an import in little memory: texts in tuples, everything else in columns; examples are made when somebody asks."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from math import isnan, nan
from typing import overload

from core.dataset.formats import Example

_AT_ONCE = 10_000


class Rows(Sequence[Example]):
    """Examples that are stored nowhere yet (id and number 0). A million triplets take about 60 MB beside their texts."""

    def __init__(self, source: str) -> None:
        # a file's name may hold bytes that are no text, which nothing can store
        self.source = source.encode("utf-8", "replace").decode("utf-8")
        self.texts: list[tuple[str, ...]] = []
        self.splits: list[str] = []  # these are empty where no row has any
        self.scores: array[float] = array("d")  # NaN: unlabelled
        self.raws: list[str] = []
        self.notes: list[str] = []
        self.beside: list[tuple[str, bool, str, str]] = []  # status, flag, note, source
        self._released = 0

    def __len__(self) -> int:
        return len(self.texts) + self._released

    def release(self) -> None:
        """Let go of the rows when they are saved; only their number is kept.

        For a worker: giving back the memory of a million rows at once would stop every other thread for a tenth of a second.
        """
        for column in (self.splits, self.raws, self.notes, self.beside):
            while column:
                del column[-_AT_ONCE:]
        while self.texts:
            self._released += len(self.texts[-_AT_ONCE:])
            del self.texts[-_AT_ONCE:]
        self.scores = array("d")

    @overload
    def __getitem__(self, place: int) -> Example: ...
    @overload
    def __getitem__(self, place: slice) -> list[Example]: ...
    def __getitem__(self, place: int | slice) -> Example | list[Example]:
        if isinstance(place, slice):
            return [self._example(index) for index in range(*place.indices(len(self)))]
        return self._example(range(len(self))[place])

    def __iter__(self) -> Iterator[Example]:
        if self.splits or self.scores or self.notes or self.beside:
            return map(self._example, range(len(self)))
        source = self.source
        return (Example(texts, source=source) for texts in self.texts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(_same, self, other))

    __hash__ = None  # type: ignore[assignment]

    def _example(self, index: int) -> Example:
        score = self.scores[index] if self.scores else nan
        status, flag, note, source = self.beside[index] if self.beside else ("", False, "", "")
        return Example(
            self.texts[index],
            None if isnan(score) else score,
            self.raws[index] if self.raws else "",
            self.splits[index] if self.splits else "",
            flag=flag,
            note=note or (self.notes[index] if self.notes else ""),
            source=source or self.source,
            status=status,
        )


def _same(a: object, b: object) -> bool:
    return a == b
