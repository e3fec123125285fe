"""Which character separates the cells of a text file, and whether quotation marks enclose them."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.dataset.importing.choices import Quoting
from core.dataset.importing.limits import MAX_COLUMNS, SAMPLE_ROWS
from core.dataset.importing.lines import UNBALANCED, Dialect, Lines, parse
from core.dataset.importing.roles import names_fit

_DELIMITERS = (",", "\t", ";", "|")
_WRAPPED = re.compile(r'\s*"[^"]*(?:""[^"]*)*"\s*')
_MOST_BEFORE = 20  # lines of remarks above a table


@dataclass
class Shape:
    """How the sample looks when it is read one way."""

    dialect: Dialect
    rows: list[list[str]] = field(default_factory=list)  # the first of them, blank lines left out
    lines: list[int] = field(default_factory=list)  # where those rows begin
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


def sniff(
    sample: str, truncated: bool, prefer: str, delimiter: str | None = None, quoting: Quoting | None = None
) -> Shape:
    """The most consistent reading of `sample` (whole lines). `prefer` is the delimiter that the file's name promises;
    `delimiter` and `quoting` are settled where they are given.

    A first row of known column names decides before consistency does; more columns win over fewer.
    """
    if delimiter is not None:
        return _best_quoting(sample, truncated, delimiter, quoting)
    order = sorted(_DELIMITERS, key=lambda delimiter: delimiter != prefer)
    shapes = [_best_quoting(sample, truncated, sign, quoting) for sign in order if sign in sample]
    if not shapes:
        return _best_quoting(sample, truncated, prefer, quoting)
    return max(
        shapes, key=lambda s: (bool(s.rows) and names_fit(s.rows[0]), round(s.consistency, 2), s.width)
    )


def _best_quoting(sample: str, truncated: bool, delimiter: str, quoting: Quoting | None) -> Shape:
    spaced = _spaced(sample, delimiter)
    if quoting is Quoting.BACKSLASH and delimiter:
        return _escaped(sample, truncated, delimiter, spaced)
    if quoting is not None or not delimiter:
        return _shape(sample, truncated, Dialect(delimiter, quoting or Quoting.PLAIN, spaced))
    quoted = _shape(sample, truncated, Dialect(delimiter, Quoting.QUOTED, spaced))
    best = quoted
    if '"' in sample and quoted.bad:
        plain = _shape(sample, truncated, Dialect(delimiter, Quoting.PLAIN))
        # Many enclosed cells beside few errors are a quoted file with some damage; a few are words that somebody quoted.
        if plain.bad < quoted.bad and plain.wrapped < 5 * quoted.bad:
            best = plain
    if quoted.bad and ('\\"' in sample or "\\" + delimiter in sample):
        escaped = _escaped(sample, truncated, delimiter, spaced)
        if escaped.width > 1 and (escaped.bad, 0) < (best.bad, best.wrapped):
            return escaped
    return best


def _escaped(sample: str, truncated: bool, delimiter: str, spaced: bool) -> Shape:
    """With backslashes; where quotation marks do not enclose cells beside them, they are characters like any other."""
    enclosing = _shape(sample, truncated, Dialect(delimiter, Quoting.BACKSLASH, spaced))
    if not enclosing.bad or '"' not in sample:
        return enclosing
    open_ = _shape(sample, truncated, Dialect(delimiter, Quoting.BACKSLASH, enclosing=False))
    return open_ if open_.bad < enclosing.bad else enclosing


def _spaced(sample: str, delimiter: str) -> bool:
    """Whether the cells are set off by a delimiter and a space, as in `1, "one"`."""
    sets_off = f'{delimiter} "'
    return delimiter not in ("", " ") and sets_off in sample and f'{delimiter}"' not in sample


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
                shape.wrapped += any(_WRAPPED.fullmatch(cell) is not None for cell in row)
            if len(shape.rows) < SAMPLE_ROWS:
                shape.rows.append(row)
                shape.lines.append(line)
    return shape


def lines_before(shape: Shape) -> int:
    """How many lines stand before the table: remarks that are no rows, above rows that agree in their width."""
    usual = shape.usual_widths
    for place, row in enumerate(shape.rows[:_MOST_BEFORE]):
        if len(row) in usual or len(row) > 1:
            return shape.lines[place] - 1 if place else 0
    return 0


def is_blank(row: Sequence[str]) -> bool:
    return not row or (len(row) == 1 and not row[0].strip())
