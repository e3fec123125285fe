"""Records of delimited text that recover from broken quotation marks instead of swallowing the rest of the file."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from core.dataset.importing.choices import Quoting
from core.dataset.importing.limits import MAX_CELL, MAX_LINE

UNBALANCED = "its quotation marks do not match"
TOO_LONG = f"the line is longer than {MAX_LINE:,} characters"


@dataclass(frozen=True)
class Dialect:
    delimiter: str  # "": every line is one cell
    quoting: Quoting
    spaced: bool = False  # quoted: a space after a delimiter belongs to it, not to the cell
    enclosing: bool = True  # backslash: quotation marks enclose cells, too

    @property
    def quoted(self) -> bool:
        """Whether quotation marks enclose cells; otherwise they are characters like any other."""
        return self.quoting is not Quoting.PLAIN


class Lines:
    """The physical lines of a stream opened with newline="", which keeps the kind of every line end.

    Lines stay in `held` until the record they belong to is complete, so that they can be read again one by one.
    """

    def __init__(self, stream: TextIO) -> None:
        self._readline = stream.readline
        self._again: deque[str] = deque()
        self.held: list[str] = []
        self.cut = False  # a held line was longer than MAX_LINE

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._readline(MAX_LINE)
        if not line:
            raise StopIteration
        if len(line) >= MAX_LINE:
            self._cut(line)
        self.held.append(line)
        return line

    def settle(self) -> int:
        """Forget the lines of a finished record; returns how many they were."""
        count = len(self.held)
        self.held.clear()
        self.cut = False
        return count

    def retry(self) -> int:
        """Give up on the first held line only, and read the others again."""
        self._again.extendleft(reversed(self.held[1:]))
        del self.held[1:]
        return self.settle()

    def _cut(self, line: str) -> None:
        self.cut = True
        while line and line[-1] not in "\r\n":
            line = self._readline(MAX_LINE)


def parse(lines: Lines, dialect: Dialect, first: int = 1) -> Iterator[tuple[int, list[str] | str]]:
    """(line where the record starts, its cells), or (line, reason) where it cannot be read. Empty lines have no cells.

    `first` is the number of the first line.
    """
    if not dialect.delimiter:
        return _whole(lines, first)
    return _quoted(lines, dialect, first) if dialect.quoted else _plain(lines, dialect, first)


def _whole(lines: Lines, first: int) -> Iterator[tuple[int, list[str] | str]]:
    for number, line in enumerate(lines, start=first):
        text = line.rstrip("\r\n")
        yield number, TOO_LONG if lines.cut else [text] if text else []
        lines.settle()


def _plain(lines: Lines, dialect: Dialect, first: int) -> Iterator[tuple[int, list[str] | str]]:
    for number, line in enumerate(lines, start=first):
        text = line.rstrip("\r\n")
        yield number, TOO_LONG if lines.cut else text.split(dialect.delimiter) if text else []
        lines.settle()


def _quoted(lines: Lines, dialect: Dialect, first: int) -> Iterator[tuple[int, list[str] | str]]:
    # The limit belongs to the whole process. Without one, a quotation mark that is never closed swallows the file.
    csv.field_size_limit(MAX_CELL)
    number = first
    backslash = dialect.quoting is Quoting.BACKSLASH
    while True:
        # strict: `"a"b` is an error, not silently `ab`; so is the end of the file inside quotation marks
        reader = csv.reader(
            _escaped(lines, dialect.delimiter) if backslash else lines,
            delimiter=dialect.delimiter,
            escapechar="\\" if backslash else None,
            skipinitialspace=dialect.spaced,
            quoting=csv.QUOTE_MINIMAL if dialect.enclosing else csv.QUOTE_NONE,
            strict=True,
        )
        try:
            for row in reader:
                yield number, TOO_LONG if lines.cut else row
                number += lines.settle()
            return
        except csv.Error as error:
            yield number, _reason(lines, str(error))
            number += lines.retry()


def _escaped(lines: Lines, delimiter: str) -> Iterator[str]:
    """The lines with every backslash doubled that escapes nothing: `C:\\new` keeps its backslash."""
    escape = re.compile(rf'\\(["\\{re.escape(delimiter)}])?')
    for line in lines:
        yield escape.sub(lambda match: match[0] if match[1] else "\\\\", line) if "\\" in line else line


def _reason(lines: Lines, error: str) -> str:
    if lines.cut:
        return TOO_LONG
    if "field limit" in error:
        alone = len(lines.held) == 1
        return f"a cell is longer than {MAX_CELL:,} characters" if alone else UNBALANCED
    return UNBALANCED
