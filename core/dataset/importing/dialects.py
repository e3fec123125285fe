"""Which character separates the cells of a text file, and whether quotation marks enclose them."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.dataset.importing.limits import MAX_COLUMNS, SAMPLE_ROWS
from core.dataset.importing.lines import UNBALANCED, Dialect, Lines, parse
from core.dataset.importing.roles import names_fit

_DELIMITERS = (",", "\t", ";", "|")


@dataclass
class Shape:
    """How the sample looks when it is read one way."""

    dialect: Dialect
    rows: list[list[str]] = field(default_factory=list)  # the first of them, blank lines left out
    widths: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    problem: str = ""  # of the first line that could not be read
    wrapped: int = 0  # unquoted reading: rows with a cell that begins and ends with a quotation mark

    @property
    def width(self) -> int:
        return self.widths.most_common(1)[0][0] if self.widths else 0

    @property
    def usual_widths(self) -> frozenset[int]:
        """Row lengths that are no accident. Text seldom holds tabs, so tables separated by them may have optional columns
        at the end (STS-B has 7 or 9); with other delimiters, one more cell is a delimiter inside a text."""
        if self.dialect.delimiter != "\t":
            return frozenset({self.width})
        total = sum(self.widths.values())
        return frozenset(width for width, count in self.widths.items() if count >= 0.01 * total)

    @property
    def bad(self) -> int:
        usual = self.usual_widths
        return self.broken + sum(count for width, count in self.widths.items() if width not in usual)

    @property
    def consistency(self) -> float:
        total = self.broken + sum(self.widths.values())
        return 1 - self.bad / total if total and self.width > 1 else 0.0


def sniff(sample: str, truncated: bool, prefer: str) -> Shape:
    """The most consistent reading of `sample` (whole lines). `prefer` is the delimiter that the file's name promises.

    A first row of known column names decides before consistency does; more columns win over fewer.
    """
    order = sorted(_DELIMITERS, key=lambda delimiter: delimiter != prefer)
    shapes = [_best_quoting(sample, truncated, delimiter) for delimiter in order if delimiter in sample]
    if not shapes:
        return _shape(sample, truncated, Dialect(prefer, True))
    return max(
        shapes, key=lambda s: (bool(s.rows) and names_fit(s.rows[0]), round(s.consistency, 2), s.width)
    )


def _best_quoting(sample: str, truncated: bool, delimiter: str) -> Shape:
    quoted = _shape(sample, truncated, Dialect(delimiter, True))
    if '"' not in sample or quoted.bad == 0:
        return quoted
    plain = _shape(sample, truncated, Dialect(delimiter, False))
    # Many enclosed cells beside few errors are a quoted file with some damage; a few are words that somebody quoted.
    if plain.bad < quoted.bad and plain.wrapped < 5 * quoted.bad:
        return plain
    return quoted


def _shape(sample: str, truncated: bool, dialect: Dialect) -> Shape:
    shape = Shape(dialect)
    last = sample.count("\n") or sample.count("\r")
    for line, row in parse(Lines(io.StringIO(sample, newline="")), dialect):
        if isinstance(row, str):
            shape.problem = shape.problem or f"line {line}: {row}"
            if truncated and dialect.quoted and line > 0.99 * last:
                break  # the sample may end inside a quoted cell
            shape.broken += row == UNBALANCED  # a long cell is bad under every reading
        elif len(row) > MAX_COLUMNS:
            shape.problem = shape.problem or f"line {line}: it has {len(row):,} columns"
        elif not is_blank(row):
            shape.widths[len(row)] += 1
            if not dialect.quoted:
                shape.wrapped += any(len(cell) > 1 and cell[0] == cell[-1] == '"' for cell in row)
            if len(shape.rows) < SAMPLE_ROWS:
                shape.rows.append(row)
    return shape


def is_blank(row: Sequence[str]) -> bool:
    return not row or (len(row) == 1 and not row[0].strip())
