"""The map of points: what is drawn where, pointing, lasso, zoom and a shared view."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from gui.widgets import point_raster
from gui.widgets.point_map import PointMap
from gui.widgets.point_raster import FADED, View

RED, BLUE, GREY = 0xCC0000, 0x0000CC, 0x777777


def colours() -> np.ndarray:
    found = np.full(FADED + point_raster.MOST_CLASSES, GREY, np.uint32)
    found[0], found[1] = RED, BLUE
    return found


def drawn(points: list[tuple[float, float]], classes: list[int], **how: int) -> np.ndarray:
    given = np.array(points, np.float32).reshape(-1, 2)
    return point_raster.draw(
        given,
        np.array(classes, np.uint8),
        View(0, 0, 10),
        how.get("width", 80),
        60,
        colours(),
        how.get("radius", 2),
    )


def colour_at(picture: np.ndarray, x: int, y: int) -> tuple[int, int, int]:
    value = int(picture[y, x])
    alpha = value >> 24
    return (
        tuple(round(((value >> shift) & 255) * 255 / alpha) for shift in (16, 8, 0))
        if alpha
        else (-1, -1, -1)
    )


def test_a_point_is_drawn_at_its_place_in_its_colour() -> None:
    picture = drawn([(1.0, 1.0), (-2.0, 0.0)], [0, 1])
    assert picture.shape == (60, 80)
    red, blue = colour_at(picture, 50, 20), colour_at(picture, 20, 30)
    assert red[0] > 195 and red[2] < 10 and blue[2] > 195 and blue[0] < 10
    assert picture[0, 0] == 0 and picture[30, 40] == 0


def test_where_more_points_lie_the_picture_is_firmer() -> None:
    one, many = drawn([(0, 0)], [0]), drawn([(0, 0)] * 20, [0] * 20)
    assert many[30, 40] >> 24 == 255 and 120 < one[30, 40] >> 24 < 200


def test_points_that_stand_back_are_seen_only_where_no_other_is() -> None:
    picture = drawn([(0, 0), (0, 0), (2, 0), (0, 0)], [1 + FADED, 1 + FADED, 1 + FADED, 0])
    assert colour_at(picture, 40, 30)[0] > 195
    faded = int(picture[30, 60])
    assert 0 < faded >> 24 < 120


def test_what_lies_outside_or_nowhere_breaks_nothing() -> None:
    picture = drawn([(1e9, 0), (np.nan, 0), (0, -1e30), (4.05, 0)], [0, 0, 0, 0])
    assert picture.any(), "the one just beyond the edge reaches into the picture"
    assert not drawn([(1e9, 0)], [0]).any() and not drawn([], []).any()
    assert point_raster.fitting(np.full((3, 2), np.nan, np.float32), 10, 10) == View()


def test_zooming_keeps_the_place_under_the_mouse() -> None:
    view, point = View(3, 4, 10), np.array([[5.0, 6.0]], np.float32)
    x, y = point_raster.pixels(point, view, 100, 100)
    nearer = view.zoomed(2, float(x[0]) - 50, float(y[0]) - 50)
    then = point_raster.pixels(point, nearer, 100, 100)
    assert (float(then[0][0]), float(then[1][0])) == pytest.approx((float(x[0]), float(y[0])), abs=1e-3)


@pytest.fixture
def shown(qtbot, tmp_path):
    from tests.gui.window_support import open_window

    open_window(qtbot, None)  # the theme
    widget = PointMap()
    qtbot.addWidget(widget)
    widget.resize(300, 300)
    widget.show()
    qtbot.waitExposed(widget)
    widget.set_points(np.array([(-1, -1), (1, 1), (1, -1), (0, 0)], np.float32))
    return widget


def test_pointing_and_clicking_mean_the_nearest_point(qtbot, shown: PointMap) -> None:
    place = shown.place_of(1)
    assert shown.point_at(place + QPointF(3, -3)) == 1
    assert shown.point_at(place + QPointF(40, 0)) == -1
    heard: list[int] = []
    shown.clicked.connect(heard.append)
    QTest.mouseClick(shown, Qt.MouseButton.LeftButton, pos=place.toPoint())
    QTest.mouseClick(shown, Qt.MouseButton.LeftButton, pos=QPoint(150, 60))
    assert heard == [1, -1]


def test_a_lasso_takes_what_it_surrounds(qtbot, shown: PointMap) -> None:
    heard: list[tuple[list[bool], bool]] = []
    shown.lassoed.connect(lambda found, adds: heard.append((found.tolist(), adds)))
    shown.lasso_tool = True
    right = shown.place_of(1).toPoint().x()
    corners = [QPoint(right - 30, 5), QPoint(right + 20, 5), QPoint(right + 20, 295), QPoint(right - 30, 295)]
    QTest.mousePress(shown, Qt.MouseButton.LeftButton, pos=corners[0])
    for corner in corners[1:]:
        QTest.mouseMove(shown, corner)
    QTest.mouseRelease(shown, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, corners[-1])
    assert heard == [([False, True, True, False], True)]
    shown.select(np.array(heard[0][0]))
    assert not shown.grab().toImage().isNull()


def test_dragging_moves_keys_zoom_and_two_maps_go_together(qtbot, shown: PointMap) -> None:
    other = PointMap()
    qtbot.addWidget(other)
    other.resize(300, 300)
    other.set_points(np.zeros((4, 2), np.float32))
    shown.view_changed.connect(other.show_view)
    before = shown.view
    QTest.mousePress(shown, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    QTest.mouseMove(shown, QPoint(130, 100))
    QTest.mouseRelease(shown, Qt.MouseButton.LeftButton, pos=QPoint(130, 100))
    assert shown.view.x < before.x and shown.view.scale == before.scale and other.view == shown.view
    QTest.keyClick(shown, Qt.Key.Key_Plus)
    assert shown.view.scale > before.scale and other.view == shown.view
    QTest.keyClick(shown, Qt.Key.Key_0)
    assert shown.view == before


def test_other_points_forget_what_was_chosen(qtbot, shown: PointMap) -> None:
    shown.select(np.array([True, False, False, False]))
    shown.mark(3)
    shown.set_arrows(np.zeros((4, 2), np.float32), shown._points, np.ones(4, np.float32))
    shown.grab()
    shown.set_points(np.zeros((0, 2), np.float32))
    assert shown.count == 0 and shown.point_at(QPointF(10, 10)) == -1
    shown.grab()
