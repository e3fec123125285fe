"""An explanation as text to paste and as a table of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from core.words import signed
from gui.views.explore.why.explained import SPECIAL, Explained, Side
from gui.views.explore.why.maps import sum_line
from gui.widgets.basic import brief
from gui.widgets.chart_menu import Table

_MOST = 12  # words and pairs that the text names


def as_text(one: str, other: str, shown: Sequence[Explained]) -> str:
    """Both texts, and for each model the score and what gives most to it."""
    parts = [f"First text: {one}", f"Second text: {other}"]
    for explained in shown:
        lines = ["", f"{explained.title}: {sum_line(explained)}"]
        if explained.reason:
            lines.append(f"Approximate. {explained.reason}")
        lines += [f"  {signed(value)}  {words}" for value, words in strongest(explained)]
        parts += lines
    return "\n".join(parts)


def strongest(shown: Explained) -> list[tuple[float, str]]:
    """The pairs of words with the largest values, special tokens apart."""
    found = [
        (float(shown.cells[row, column]), f"{brief(first)} × {brief(second)}")
        for row, first in enumerate(shown.rows.pieces)
        for column, second in enumerate(shown.columns.pieces)
        if row not in shown.rows.special and column not in shown.columns.special
    ]
    return sorted(found, key=lambda entry: -abs(entry[0]))[:_MOST]


def as_table(shown: Sequence[Explained]) -> Table:
    """One line a cell; after them one for each word by itself, and one for the score."""
    header = ("model", "method", "first", "second", "first place", "second place", "value")
    return header, _lines(shown)


def _lines(shown: Sequence[Explained]) -> Iterator[Sequence[Any]]:
    for explained in shown:
        kind = "sum" if explained.exact else "occlusion"
        rows, columns = explained.rows, explained.columns
        for row, first in enumerate(rows.pieces):
            for column, second in enumerate(columns.pieces):
                value = float(explained.cells[row, column])
                yield explained.title, kind, first, second, _place(rows, row), _place(columns, column), value
        for row, first in enumerate(rows.pieces):
            yield explained.title, kind, first, None, _place(rows, row), None, float(explained.of_rows[row])
        for column, second in enumerate(columns.pieces):
            value = float(explained.of_columns[column])
            yield explained.title, kind, None, second, None, _place(columns, column), value
        yield explained.title, "score", None, None, None, None, explained.score


def _place(side: Side, piece: int) -> int | None:
    return piece + 1 if side.words[piece] != SPECIAL else None
