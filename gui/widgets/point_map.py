"""A map of points to pan, zoom, hover and lasso. Two maps may share one view, one hover and one selection."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme.manager import current
from gui.theme.tokens import Tokens
from gui.widgets import point_raster
from gui.widgets.point_raster import FADED, Bytes, Floats, View

_REACH = 8  # pixels around the mouse in which a point is meant
_CLICK = 4  # pixels the mouse may move and still click
_ARROW_HEAD = 6.0
_USUAL_AREA = 480 * 600  # of a map, in pixels: in a smaller one points are smaller
_KEY_STEP = 60


class PointMap(QWidget):
    """Shows `set_points`; says what the person points at and draws around.

    Signals carry indices of points as given to `set_points`, never of the drawing order.
    """

    view_changed = Signal(object)  # View
    hovered = Signal(int)  # -1: nothing
    clicked = Signal(int)  # -1: beside all points
    activated = Signal(int)  # double-clicked
    lassoed = Signal(object, bool)  # bool array (n,); whether to add to what was selected before

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.view = View()
        self.lasso_tool = False  # a plain drag draws a lasso; otherwise it needs Shift
        self._points: Floats = np.zeros((0, 2), np.float32)
        self._classes: Bytes = np.zeros(0, np.uint8)
        self._order: NDArray[np.int64] = np.zeros(0, np.int64)
        self._selected: NDArray[np.bool_] | None = None
        self._colours: tuple[str, ...] = ()
        self._arrows: tuple[Floats, Floats, Floats] | None = None  # from, to, widths
        self._mark = -1
        self._to_draw: tuple[Floats, Bytes] | None = None  # points and classes in the order of drawing
        self._picture: QImage | None = None
        self._pixels: tuple[Floats, Floats] | None = None
        self._pressed: QPointF | None = None
        self._dragged_from: View | None = None
        self._lasso: list[QPointF] = []
        current().changed.connect(self._recolour)

    def sizeHint(self) -> QSize:
        return QSize(420, 420)

    # -- what is on show ------------------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        return len(self._points)

    def set_points(self, points: Floats, *, keep_view: bool = False) -> None:
        """`points` (n, 2); a new number of points forgets classes, selection and vectors."""
        points = np.ascontiguousarray(points, dtype=np.float32)
        if len(points) != len(self._points):
            self._classes = np.zeros(len(points), np.uint8)
            # By chance, so that no class hides another one because it was read later.
            self._order = np.random.default_rng(0).permutation(len(points))
            self._selected, self._arrows, self._mark = None, None, -1
        self._points = points
        self._to_draw = None
        if keep_view:
            self._changed()
        else:
            self.fit()

    def set_classes(self, classes: Bytes, colours: tuple[str, ...]) -> None:
        """The class of each point (n,) and one `#RRGGBB` for each class."""
        self._classes = np.minimum(classes, point_raster.MOST_CLASSES - 1).astype(np.uint8)
        self._colours = colours[: point_raster.MOST_CLASSES]
        self._to_draw = None
        self._changed()

    def select(self, selected: NDArray[np.bool_] | None) -> None:
        """These points stand in front of the others; None or none: all are equal."""
        self._selected = selected if selected is not None and selected.any() else None
        self._to_draw = None
        self._changed()

    def set_arrows(self, starts: Floats, ends: Floats, widths: Floats) -> None:
        """Arrows over the map, from `starts` (m, 2) to `ends` (m, 2), so many pixels wide (m,); none where there are none."""
        self._arrows = (starts, ends, widths) if len(starts) else None
        self.update()

    def mark(self, index: int) -> None:
        """Ring one point; -1 for none."""
        if index != self._mark:
            self._mark = index
            self.update()

    def show_view(self, view: View) -> None:
        if view != self.view:
            self.view = view
            self._changed()

    def fit(self) -> None:
        """Show everything."""
        self._go(point_raster.fitting(self._points, max(self.width(), 1), max(self.height(), 1)))
        self._changed()

    def place_of(self, index: int) -> QPointF:
        """Where a point lies in the widget."""
        x, y = point_raster.pixels(self._points[index : index + 1], self.view, self.width(), self.height())
        return QPointF(float(x[0]), float(y[0]))

    # -- drawing --------------------------------------------------------------------------------------------------------

    def _changed(self) -> None:
        self._picture = self._pixels = None
        self.update()

    def _recolour(self, _tokens: Tokens) -> None:
        self._changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._changed()

    def _draw(self) -> QImage:
        ratio = self.devicePixelRatioF()
        width, height = max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))
        view = View(self.view.x, self.view.y, self.view.scale * ratio)
        if self._to_draw is None:
            seen, order = self._seen_classes(), self._order
            if self._selected is not None:  # what stands back first: where both lie, the other one is seen
                front = self._selected[order]
                order = np.concatenate([order[~front], order[front]])
            self._to_draw = self._points[order], seen[order]
        crowd = round(self.count * _USUAL_AREA / max(self.width() * self.height(), 1))
        radius = max(1, round(point_raster.radius_for(crowd, self._zoom()) * ratio))
        made = point_raster.draw(*self._to_draw, view, width, height, self._palette(), radius)
        # the image shares the array's memory: `copy` makes it its own
        image = QImage(made.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()
        image.setDevicePixelRatio(ratio)
        return image

    def _seen_classes(self) -> Bytes:
        if self._selected is None:
            return self._classes
        return np.where(self._selected, self._classes, self._classes + FADED).astype(np.uint8)

    def _zoom(self) -> float:
        whole = point_raster.fitting(
            self._points[:: max(1, self.count // 5_000)], self.width(), self.height()
        )
        return self.view.scale / whole.scale

    def _palette(self) -> NDArray[np.uint32]:
        tokens = current().tokens
        colours = np.zeros(FADED + point_raster.MOST_CLASSES, np.uint32)
        given = self._colours or (tokens.accent,)
        for index, name in enumerate(given):
            colours[index] = int(name[1:], 16)
        colours[FADED:] = int(tokens.secondary[1:], 16)
        return colours

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = current().tokens
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.surface))
        if self.count:
            if self._picture is None:
                self._picture = self._draw()
            painter.drawImage(0, 0, self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_arrows(painter, tokens)
        self._paint_mark(painter, tokens)
        if len(self._lasso) > 1:
            colour = QColor(tokens.accent)
            painter.setPen(QPen(colour, 1.5))
            colour.setAlphaF(0.12)
            painter.setBrush(colour)
            painter.drawPolygon(QPolygonF(self._lasso))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()

    def _paint_arrows(self, painter: QPainter, tokens: Tokens) -> None:
        if self._arrows is None:
            return
        starts, ends, widths = self._arrows
        first = point_raster.pixels(starts, self.view, self.width(), self.height())
        last = point_raster.pixels(ends, self.view, self.width(), self.height())
        colour, ground = QColor(tokens.text), QColor(tokens.surface)
        colour.setAlphaF(0.7)
        ground.setAlphaF(0.6)
        lines = [
            (_arrow(QPointF(x, y), QPointF(to_x, to_y), wide), wide)
            for x, y, to_x, to_y, wide in zip(
                *(values.tolist() for values in (*first, *last, widths)), strict=True
            )
        ]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen, extra in ((ground, 2.0), (colour, 0.0)):  # a rim, so that they stand out from the points
            for path, wide in lines:
                painter.setPen(
                    QPen(
                        pen,
                        wide + extra,
                        Qt.PenStyle.SolidLine,
                        Qt.PenCapStyle.RoundCap,
                        Qt.PenJoinStyle.RoundJoin,
                    )
                )
                painter.drawPath(path)

    def _paint_mark(self, painter: QPainter, tokens: Tokens) -> None:
        if not 0 <= self._mark < self.count:
            return
        place = self.place_of(self._mark)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens.surface), 4))
        painter.drawEllipse(place, 8, 8)
        painter.setPen(QPen(QColor(tokens.accent), 2))
        painter.drawEllipse(place, 8, 8)

    # -- pointing -------------------------------------------------------------------------------------------------------

    def point_at(self, place: QPointF) -> int:
        """The point that is meant by a place in the widget; -1: none."""
        if self._pixels is None:
            self._pixels = point_raster.pixels(self._points, self.view, self.width(), self.height())
        return point_raster.nearest(*self._pixels, place.x(), place.y(), _REACH)

    def inside(self, outline: list[QPointF]) -> NDArray[np.bool_]:
        """Which points lie inside a closed line: (n,)."""
        mask = QImage(max(1, self.width()), max(1, self.height()), QImage.Format.Format_Grayscale8)
        mask.fill(0)
        painter = QPainter(mask)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(Qt.GlobalColor.white)
        painter.drawPolygon(QPolygonF(outline))
        painter.end()
        stride = mask.bytesPerLine()
        drawn = (
            np.frombuffer(mask.constBits(), np.uint8).reshape(mask.height(), stride)[:, : mask.width()] > 127
        )
        x, y = point_raster.pixels(self._points, self.view, self.width(), self.height())
        seen = (x >= 0) & (x < mask.width()) & (y >= 0) & (y < mask.height())
        found = np.zeros(self.count, bool)
        found[seen] = drawn[y[seen].astype(np.int64), x[seen].astype(np.int64)]
        return found

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._pressed = event.position()
        self.hovered.emit(-1)
        draws = self.lasso_tool != bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if draws:
            self._lasso = [event.position()]
        else:
            self._dragged_from = self.view

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._lasso:
            self._lasso.append(event.position())
            self.update()
        elif self._pressed is not None and self._dragged_from is not None:
            moved = event.position() - self._pressed
            self._go(self._dragged_from.moved(moved.x(), moved.y()))
        else:
            self.hovered.emit(self.point_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        moved = event.position() - self._pressed
        still = abs(moved.x()) + abs(moved.y()) <= _CLICK
        lasso, self._lasso = self._lasso, []
        self._pressed = self._dragged_from = None
        self.update()
        if still:
            self.clicked.emit(self.point_at(event.position()))
        elif len(lasso) > 2:
            adds = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self.lassoed.emit(self.inside(lasso), adds)

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(-1)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        point = self.point_at(event.position())
        if point < 0:
            self.fit()
        else:
            self.activated.emit(point)

    def wheelEvent(self, event: QWheelEvent) -> None:
        place = event.position()
        factor = float(np.exp(event.angleDelta().y() / 600))
        self._go(self.view.zoomed(factor, place.x() - self.width() / 2, place.y() - self.height() / 2))
        self.hovered.emit(self.point_at(place))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (_KEY_STEP, 0),
            Qt.Key.Key_Right: (-_KEY_STEP, 0),
            Qt.Key.Key_Up: (0, _KEY_STEP),
            Qt.Key.Key_Down: (0, -_KEY_STEP),
        }
        key = Qt.Key(event.key())
        if key in steps:
            self._go(self.view.moved(*steps[key]))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._go(self.view.zoomed(1.25, 0, 0))
        elif key == Qt.Key.Key_Minus:
            self._go(self.view.zoomed(0.8, 0, 0))
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Home):
            self.fit()
        elif key == Qt.Key.Key_Escape and self._lasso:
            self._lasso, self._pressed = [], None
            self.update()
        else:
            super().keyPressEvent(event)

    def _go(self, view: View) -> None:
        if view != self.view:
            self.view = view
            self._changed()
            self.view_changed.emit(view)


def _arrow(start: QPointF, end: QPointF, wide: float) -> QPainterPath:
    path = QPainterPath(start)
    path.lineTo(end)
    way = end - start
    length = float(np.hypot(way.x(), way.y()))
    if length > 3.0:
        along = way * (min(_ARROW_HEAD + wide, length / 2) / length)
        across = QPointF(-along.y(), along.x()) * 0.5
        path.moveTo(end - along + across)
        path.lineTo(end)
        path.lineTo(end - along - across)
    return path
