"""How a heat map is laid out and painted: the names around it, the cells, what is pointed at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from gui.theme.manager import tokens
from gui.widgets.diverging import colour_of, ink_on
from gui.widgets.score import number

if TYPE_CHECKING:
    from gui.widgets.heat_map import HeatMap

_GAP = 6  # between names and cells
_LINES_FROM = 9.0  # pixels a cell has at least for lines between cells
_NUMBER_SIZE = (34.0, 17.0)
_MEASURED = 400  # names that are looked at to find the room for all


@dataclass(frozen=True)
class Geometry:
    """Where the cells are, how large one is without zoom, and whether the columns' names lie flat."""

    area: QRectF = field(default_factory=QRectF)
    cell: tuple[float, float] = (0.0, 0.0)
    flat: bool = False


def name_font(base: QFont) -> QFont:
    font = QFont(base)
    font.setPixelSize(12)
    return font


def geometry(map: HeatMap) -> Geometry:
    rows, columns = map.cells.values.shape
    if not rows or not columns:
        return Geometry()
    metrics = QFontMetricsF(name_font(map.font()))
    edge = metrics.height() / 2  # names of small cells stand out on either side
    left = min(names_width(map), map.width() * 0.4) + _GAP if map.row_names else edge
    names = _longest(metrics, map.cells.columns)
    width = min((map.width() - left - edge) / columns, map.largest[0])
    flat = names + 6 <= width
    spare = map.height() - edge - _GAP - rows * map.largest[1]  # what the cells have no use for
    high = min(names, float(map.longest_column), max(map.height() * 0.4, spare))
    top = metrics.height() if flat else high
    top += _GAP
    height = min((map.height() - top - edge) / rows, map.largest[1])
    if map.aspect:
        width, height = min(width, height * map.aspect), min(height, width)
    room = QRectF(left, top, map.width() - left - edge, map.height() - top - edge)
    return Geometry(room, (max(width, 0.5), max(height, 0.5)), flat)


def names_width(map: HeatMap) -> float:
    """The room that the names of the rows want."""
    metrics = QFontMetricsF(name_font(map.font()))
    return min(_longest(metrics, map.cells.rows), float(map.longest_label))


def names_height(map: HeatMap) -> float:
    """The room that the names of the columns want."""
    metrics = QFontMetricsF(name_font(map.font()))
    if map.layout_of.flat:
        return metrics.height() + _GAP
    return min(_longest(metrics, map.cells.columns), float(map.longest_column)) + metrics.height() / 2 + _GAP


def _longest(metrics: QFontMetricsF, names: Sequence[str]) -> float:
    return max((metrics.horizontalAdvance(_line(name)) for name in names[:_MEASURED]), default=0.0) + 2


def _line(name: str) -> str:
    return " ".join(name[:200].split())


def paint(painter: QPainter, map: HeatMap) -> None:
    rows, columns = map.cells.values.shape
    area, (width, height) = map.layout_of.area, map.cell
    first_row, first_column = int(map.origin.y()), int(map.origin.x())
    last_row = min(rows, int(map.origin.y() + area.height() / height) + 1)
    last_column = min(columns, int(map.origin.x() + area.width() / width) + 1)
    painter.save()
    painter.setClipRect(area)
    whole = map.place_of(0, 0)
    painter.drawImage(QRectF(whole.left(), whole.top(), columns * width, rows * height), map.picture())
    if min(width, height) >= _LINES_FROM:
        _lines(painter, map, (first_row, last_row), (first_column, last_column))
    if width >= _NUMBER_SIZE[0] and height >= _NUMBER_SIZE[1]:
        _numbers(painter, map, (first_row, last_row), (first_column, last_column))
    _edge(painter, map)
    _pointed(painter, map)
    painter.restore()
    painter.setFont(name_font(map.font()))
    if map.row_names:
        _row_names(painter, map, first_row, last_row)
    _column_names(painter, map, first_column, last_column)


def _lines(painter: QPainter, map: HeatMap, rows: tuple[int, int], columns: tuple[int, int]) -> None:
    """Gaps in the colour of the ground, so that each cell stands by itself."""
    painter.setPen(QPen(QColor(tokens().surface), 1))
    start, end = map.place_of(rows[0], columns[0]), map.place_of(rows[1] - 1, columns[1] - 1)
    for row in range(rows[0], rows[1] + 1):
        y = round(map.place_of(row, 0).top())
        painter.drawLine(QPointF(start.left(), y), QPointF(end.right(), y))
    for column in range(columns[0], columns[1] + 1):
        x = round(map.place_of(0, column).left())
        painter.drawLine(QPointF(x, start.top()), QPointF(x, end.bottom()))


def _numbers(painter: QPainter, map: HeatMap, rows: tuple[int, int], columns: tuple[int, int]) -> None:
    theme, cells = tokens(), map.cells
    decimals = 2 if cells.limit >= 0.1 else 3
    if cells.limit < 0.01:
        return  # nothing but zeros would be read
    font = QFont(map.font())
    font.setPixelSize(11)
    painter.setFont(font)
    for row in range(*rows):
        for column in range(*columns):
            value = float(cells.values[row, column])
            if value != value or (cells.blank_diagonal and row == column):
                continue
            share = min(max(value / max(cells.limit, 1e-12), -1.0), 1.0)
            painter.setPen(QColor(ink_on(colour_of(share, theme), theme)))
            text = number(value, decimals).replace("0.", ".", 1)
            painter.drawText(map.place_of(row, column), int(Qt.AlignmentFlag.AlignCenter), text)


def _edge(painter: QPainter, map: HeatMap) -> None:
    rows, columns = map.cells.values.shape
    start, end = map.place_of(0, 0), map.place_of(rows - 1, columns - 1)
    painter.setPen(QPen(QColor(tokens().line), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(start.topLeft(), end.bottomRight()).adjusted(0, 0, -0.5, -0.5))


def _pointed(painter: QPainter, map: HeatMap) -> None:
    """A line around the row, the column, and a stronger one around the cell."""
    rows, columns = map.cells.values.shape
    row, column = map.mark_row, map.mark_column
    guide = QColor(tokens().text)
    guide.setAlphaF(0.45)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(guide, 1))
    if 0 <= row < rows:
        left, right = map.place_of(row, 0), map.place_of(row, columns - 1)
        painter.drawRect(QRectF(left.topLeft(), right.bottomRight()).adjusted(0.5, 0.5, -0.5, -0.5))
    if 0 <= column < columns:
        top, bottom = map.place_of(0, column), map.place_of(rows - 1, column)
        painter.drawRect(QRectF(top.topLeft(), bottom.bottomRight()).adjusted(0.5, 0.5, -0.5, -0.5))
    if 0 <= row < rows and 0 <= column < columns:
        painter.setPen(QPen(QColor(tokens().text), 2))
        place = map.place_of(row, column)
        grown = max(0.0, 6 - min(place.width(), place.height())) / 2
        painter.drawRect(place.adjusted(-grown, -grown, grown, grown))


def _ink(muted: bool, marked: bool) -> QColor:
    theme = tokens()
    return QColor(theme.accent if marked else theme.secondary if muted else theme.text)


def _placed(middles: Sequence[float], weights: Sequence[float], marked: int, apart: float) -> list[int]:
    """Which names have room, at least `apart` from each other: the marked one, then those with the largest weights."""
    order = sorted(range(len(middles)), key=lambda place: -weights[place]) if weights else range(len(middles))
    found: list[int] = [marked] if 0 <= marked < len(middles) else []
    for place in order:
        if all(abs(middles[place] - middles[other]) >= apart for other in found):
            found.append(place)
    return found


def _row_names(painter: QPainter, map: HeatMap, first: int, last: int) -> None:
    metrics, area = QFontMetricsF(painter.font()), map.layout_of.area
    room = area.left() - _GAP
    middles = [map.place_of(row, 0).center().y() for row in range(first, last)]
    weights = map.cells.row_weights[first:last]
    for place in _placed(middles, weights, map.mark_row - first, metrics.height()):
        row, middle = first + place, middles[place]
        if not area.top() - 1 <= middle <= area.bottom() + 1:
            continue
        where = QRectF(0, middle - metrics.height() / 2, room, metrics.height())
        _name(
            painter, map.cells.rows[row], where, row == map.mark_row, row in map.cells.muted_rows, right=True
        )


def _column_names(painter: QPainter, map: HeatMap, first: int, last: int) -> None:
    metrics, area = QFontMetricsF(painter.font()), map.layout_of.area
    width = map.cell[0]
    flat = map.layout_of.flat and map.zoom == 1.0
    middles = [map.place_of(0, column).center().x() for column in range(first, last)]
    weights = map.cells.column_weights[first:last]
    apart = 0.0 if flat else metrics.height()
    for place in _placed(middles, weights, map.mark_column - first, apart):
        column, middle = first + place, middles[place]
        if not area.left() - 1 <= middle <= area.right() + 1:
            continue
        painter.save()
        if flat:
            where = QRectF(middle - width / 2, 0, width, area.top() - _GAP + 1)
        else:
            painter.translate(middle, area.top() - _GAP + 2)
            painter.rotate(-90)
            where = QRectF(0, -metrics.height() / 2, area.top() - _GAP, metrics.height())
        marked, muted = column == map.mark_column, column in map.cells.muted_columns
        _name(painter, map.cells.columns[column], where, marked, muted, centred=flat)
        painter.restore()


def _name(
    painter: QPainter,
    name: str,
    where: QRectF,
    marked: bool,
    muted: bool,
    *,
    right: bool = False,
    centred: bool = False,
) -> None:
    theme, align = tokens(), Qt.AlignmentFlag
    if marked:
        painter.fillRect(where.adjusted(-3, 0, 3, 0), QColor(theme.tint))
    painter.setPen(QColor(theme.accent if marked else theme.secondary if muted else theme.text))
    side = align.AlignHCenter if centred else align.AlignRight if right else align.AlignLeft
    text = QFontMetricsF(painter.font()).elidedText(_line(name), Qt.TextElideMode.ElideRight, where.width())
    painter.drawText(where, int(side | align.AlignVCenter), text)
