"""What every kind of file is turned into: named columns, a sample, and records."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from core.dataset.importing.choices import Quoting
from core.dataset.importing.limits import SAMPLE_CELLS, SAMPLE_ROWS
from core.dataset.importing.results import Progress, ShouldStop
from core.errors import Cancelled, ImportProblem

Cell = str | list[str]  # a list where one record holds several texts for a column; they are expanded to rows
Record = tuple[int, Sequence[Cell]]  # (line, the picked cells in the order asked for)
Reject = Callable[[int, str], None]  # (line, reason)

EVERY = 2048  # records between two looks at the clock of the person who waits


class Ticker:
    """Progress out, cancellation in."""

    def __init__(self, on_progress: Progress | None, should_stop: ShouldStop | None) -> None:
        self._on_progress = on_progress
        self._should_stop = should_stop

    def __call__(self, done: int, total: int) -> None:
        """Raises Cancelled when the person asked to stop."""
        if self._should_stop is not None and self._should_stop():
            raise Cancelled("The import was cancelled.")
        if self._on_progress is not None:
            self._on_progress(done, total)


class Source(ABC):
    """An opened file: its shape is known, its records are still to be read. Close it."""

    kind = ""
    found = ""  # what it is, in words
    encoding = ""
    confidence = 1.0
    delimiter = ""
    quoting = Quoting.QUOTED
    nested = False  # cells may be lists
    lists: frozenset[int] = frozenset()  # columns of the sample whose cells are lists
    choices: frozenset[str] = frozenset()  # fields of a reading that apply to the kind
    skip = 0
    member: str | None = None
    members: tuple[str, ...] = ()

    def __init__(self, path: Path, name: str = "") -> None:
        self.path = path
        self.name = name or path.name  # of the data; in an archive it has its own
        self.header = True
        self.columns: list[str] = []
        self.sample: list[list[str]] = []  # as many cells as columns
        self.notes: list[str] = []

    @property
    def quoted(self) -> bool:
        return self.quoting is not Quoting.PLAIN

    def use_columns(self, names: Sequence[str]) -> bool:
        """Whether all names are columns; a table whose first row may be a header or data settles that by the names."""
        return set(names) <= set(self.columns)

    def encodings(self) -> tuple[str, ...]:
        """What the text can be decoded with, the likeliest first."""
        return ()

    @abstractmethod
    def records(self, picks: Sequence[int], reject: Reject, ticker: Ticker) -> Iterator[Record]:
        """The picked cells of every record, in file order; what is no record is reported to `reject`.

        Raises:
            Cancelled, FileProblem, ImportProblem.
        """


class TableSource(Source):
    """A file of rows that may or may not begin with the names of its columns."""

    settled = False  # a person said whether there is a header

    def set_first(
        self, first: Sequence[str], rows: list[list[str]], guess: Callable[[], bool], asked: bool | None
    ) -> None:
        """`first` is the first row, `rows` the sample after it."""
        self._first, self._rest = list(first), rows
        self.settled = asked is not None
        self._set_header(guess() if asked is None else asked)

    def use_columns(self, names: Sequence[str]) -> bool:
        if super().use_columns(names):
            return True
        if self.settled:
            return False
        self._set_header(not self.header)
        if super().use_columns(names):
            return True
        self._set_header(not self.header)
        return False

    def sheet_records(
        self,
        rows: Iterable[tuple[int, list[str]]],
        total: int,
        picks: Sequence[int],
        reject: Reject,
        ticker: Ticker,
    ) -> Iterator[Record]:
        """The records of a sheet, whose rows come without the empty cells at their ends."""
        width = len(self.columns)
        skip_first = self.header
        ticker(0, total)
        for seen, (number, row) in enumerate(rows, start=1):
            if seen % EVERY == 0:
                ticker(number, max(total, number))
            if number <= self.skip:
                reject(number, "it stands above the table")
            elif skip_first:
                skip_first = False
            elif len(row) > width:
                reject(number, f"it has {len(row)} columns, expected {width}")
            else:
                yield number, [row[index] if index < len(row) else "" for index in picks]

    def _set_header(self, header: bool) -> None:
        self.header = header
        rows = self._rest if header else [self._first, *self._rest]
        width = len(self._first) if header else max(map(len, rows))
        self.columns = unique(self._first) if header else [f"column {n + 1}" for n in range(width)]
        self.sample = [(row + [""] * width)[:width] for row in rows[: rows_of_sample(width)]]


def unique(names: Sequence[str]) -> list[str]:
    """Column names as written; blank ones get a number, repeated ones a count."""
    result: list[str] = []
    for number, written in enumerate(names, start=1):
        name = base = written.strip() or f"column {number}"
        count = 2
        while name in result:
            name = f"{base} ({count})"
            count += 1
        result.append(name)
    return result


def chosen_member(name: str, members: Sequence[str], asked: str | None, what: str) -> str:
    """The member that was asked for, or the first.

    Raises:
        ImportProblem: there is none of that name.
    """
    if asked is None:
        return members[0]
    if asked not in members:
        shown = ", ".join(f'"{member[:60]}"' for member in members[:12])
        raise ImportProblem(f'{name} has no {what} "{asked[:60]}".', f"It has {shown}.")
    return asked


def lines_above(rows: Sequence[tuple[int, list[str]]], notes: list[str]) -> int:
    """How many lines stand above the table in a sheet: titles and remarks, which fill fewer cells than its rows do."""
    filled = sorted(sum(map(bool, row)) for _, row in rows)
    usual = filled[len(filled) // 2]
    if usual < 2:
        return 0
    enough = max(2.0, min(usual - 1, 0.75 * usual))  # a column or so may have no name
    first = next(number for number, row in rows if sum(map(bool, row)) >= enough)
    above = sum(number < first for number, _ in rows)
    if above:
        notes.append(f"Above the table: {above} line{'' if above == 1 else 's'} left out.")
    return first - 1 if above else 0


def first_rows(rows: Iterable[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """As many rows as a sample may have; the first may be the names of the columns."""
    found: list[tuple[int, list[str]]] = []
    cells = 0
    for number, row in rows:
        found.append((number, row))
        cells += len(row)
        if len(found) > SAMPLE_ROWS or cells > SAMPLE_CELLS:
            break
    return found


def rows_of_sample(columns: int) -> int:
    """How many rows of so many columns are looked at."""
    return max(1, min(SAMPLE_ROWS, SAMPLE_CELLS // max(columns, 1)))
