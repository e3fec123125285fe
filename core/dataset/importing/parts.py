"""Several files of one data set, such as those of its train, dev and test split, read one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from core.dataset.importing.limits import SAMPLE_ROWS
from core.dataset.importing.source import Record, Reject, Source, Ticker
from core.errors import ImportProblem

SPLIT = "split"
_WHOLE = 1000  # of the progress, for each part


class PartsSource(Source):
    """The rows of all parts; a column `split` says which part a row is from. Its lines are those of the part."""

    def __init__(self, path: Path, found: str, parts: Sequence[tuple[str, Source]]) -> None:
        super().__init__(path)
        self.found = found
        self.kind = "folder"
        self._parts = list(parts)
        first = parts[0][1]
        self.columns = [name for name in first.columns if all(name in part.columns for _, part in parts)]
        if not self.columns:
            raise ImportProblem(
                f"The files in {path.name} have no columns in common.", "Import them one by one."
            )
        self._own_split = SPLIT in self.columns
        names = list(self.columns)
        if not self._own_split:
            self.columns.append(SPLIT)
        self.nested = any(part.nested for _, part in parts)
        self.lists = frozenset(
            place
            for place, name in enumerate(names)
            if any(part.columns.index(name) in part.lists for _, part in parts)
        )
        self.choices = frozenset({"repair"})  # every part is read as it looks
        self.encoding, self.confidence = first.encoding, first.confidence
        self.delimiter, self.quoting, self.header = first.delimiter, first.quoting, first.header
        for split, part in parts:
            picks = [part.columns.index(name) for name in names]
            rows = part.sample[: max(1, SAMPLE_ROWS // len(parts))]
            self.sample += [[*(row[pick] for pick in picks), *self._split(split)] for row in rows]
            self.notes += [f"{part.name}: {note}" for note in part.notes]
            if left := [name for name in part.columns if name not in names]:
                self.notes.append(f"{part.name}: not in every file, so not used: {', '.join(left)}.")

    def encodings(self) -> tuple[str, ...]:
        return self._parts[0][1].encodings()

    def records(self, picks: Sequence[int], reject: Reject, ticker: Ticker) -> Iterator[Record]:
        wanted = [self.columns[pick] for pick in picks]
        names = [name for name in wanted if self._own_split or name != SPLIT]
        for number, (split, part) in enumerate(self._parts):
            ticker(number * _WHOLE, len(self._parts) * _WHOLE)
            rows = part.records(
                [part.columns.index(name) for name in names],
                _named(reject, part.name),
                _Share(ticker, number, len(self._parts)),
            )
            place = wanted.index(SPLIT) if len(names) < len(wanted) else -1
            for line, cells in rows:
                if place < 0:
                    yield line, cells
                else:
                    yield line, [*cells[:place], split, *cells[place:]]

    def _split(self, split: str) -> list[str]:
        return [] if self._own_split else [split]


class _Share(Ticker):
    """The progress of one part as a share of the whole."""

    def __init__(self, whole: Ticker, number: int, parts: int) -> None:
        super().__init__(None, None)
        self._whole, self._number, self._parts = whole, number, parts

    def __call__(self, done: int, total: int) -> None:
        share = _WHOLE * done // max(total, done, 1)
        self._whole(self._number * _WHOLE + share, self._parts * _WHOLE)


def _named(reject: Reject, name: str) -> Reject:
    return lambda line, reason: reject(line, f"{name}: {reason}")
