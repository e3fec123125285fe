"""Tables on paper: columns by their weights, whole where they fit on a sheet, else with their head repeated."""

from __future__ import annotations

from PySide6.QtGui import QPainter

from core.report.blocks import Cell, Head, Table
from gui.paper.blocks import block, line, shown, words_box
from gui.paper.box import INNER, LEFT, Box, Group
from gui.paper.type import Style, Words

_SIZE, _HEAD_SIZE = 10.6, 9.6
_GAP = 12.0  # between columns
_PAD = 3.2  # above and below the text of a row
_LEAST_FIGURES = 34.0


@block.register
def _(one: Table) -> list[Group]:
    columns = _columns(one)
    head = _row(
        [Words(shown(head.title), width, _head_style(head)) for head, (_, width) in zip(one.heads, columns)],
        columns,
        "line_strong",
    )
    caption = words_box(one.caption, Style(10.8, bold=True))
    rows = [_cells(row, one, columns) for row in one.rows]
    under = words_box(one.note, Style(9.4, "secondary"))
    note = [Box(3, lambda _painter, _y: None), under] if one.note else []
    spaced = Box(caption.height + 2, caption.draw)
    return [Group((spaced, head, *rows, *note), before=11, again=head)]


def _columns(one: Table) -> list[tuple[float, float]]:
    """Left edge and width of each."""
    total = sum(head.weight for head in one.heads) or 1.0
    wide = INNER - _GAP * (len(one.heads) - 1)
    found, x = [], LEFT
    for head in one.heads:
        width = max(wide * head.weight / total, _LEAST_FIGURES if head.number else 0.0)
        found.append((x, width))
        x += width + _GAP
    over = x - _GAP - LEFT - INNER
    if over > 0:  # what figures took more is given by the widest column
        widest = max(range(len(found)), key=lambda place: found[place][1])
        found = [
            (left - (over if place > widest else 0.0), width - (over if place == widest else 0.0))
            for place, (left, width) in enumerate(found)
        ]
    return found


def _head_style(head: Head) -> Style:
    return Style(_HEAD_SIZE, head.tone or "secondary", right=head.number, spacing=1.22)


def _cells(row: tuple[Cell, ...], one: Table, columns: list[tuple[float, float]]) -> Box:
    made = []
    for cell, head, (_, width) in zip(row, one.heads, columns, strict=True):
        style = Style(_SIZE, cell.tone or "text", cell.strong, head.number, spacing=1.3)
        made.append(Words(shown(cell.text), width, style))
    return _row(made, columns, "line")


def _row(cells: list[Words], columns: list[tuple[float, float]], under: str) -> Box:
    height = max((cell.height for cell in cells), default=0.0) + 2 * _PAD
    low = under == "line_strong"  # heads stand on their line

    def draw(painter: QPainter, y: float) -> None:
        for cell, (left, _) in zip(cells, columns, strict=True):
            cell.draw(painter, left, y + (height - _PAD - cell.height if low else _PAD))
        line(painter, y + height - 0.8, under)

    return Box(height, draw)
