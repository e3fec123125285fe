"""The Map tab with an engine made of code: pictures on the way, lasso and list, colours, themes, stopping, the cache."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox

from core.engine.map_store import MapStore
from core.errors import EngineProblem
from gui import app
from gui.views.explore.map import movement, points
from gui.views.explore.map.side import MapSide, SelectedModel
from gui.views.explore.map.view import MapView
from gui.widgets.point_raster import View
from tests.gui.fake_engine import FakeEngine, Question
from tests.gui.run_support import fake_run
from tests.gui.test_explore_page import Explorer
from tests.gui.window_support import child, click, fits, in_bar, make_project, open_window, quiet

COUNT = 8
PLACES = np.array([(x, y) for y in (0.0, 1.0) for x in (0.0, 1.0, 2.0, 3.0)], np.float32)


class Maps:
    def __init__(self, explorer: Explorer, folder: Path) -> None:
        self.explorer, self.folder = explorer, folder
        explorer.explore.show_view("map")
        view = explorer.explore.view("map")
        assert isinstance(view, MapView)
        self.view = view
        quiet(explorer.bot, explorer.window)

    def asked(self) -> list[Question]:
        return [question for question in self.explorer.engine.asked if question.op == "map"]

    def points(self) -> np.ndarray[Any, Any]:
        """Under the second model every text lies higher, the last one by most."""
        models = len(self.asked()[-1].params["models"])
        up = np.stack([np.zeros(COUNT), 0.01 * np.arange(COUNT)], axis=1).astype(np.float32)
        return np.stack([PLACES + model * up for model in range(models)])

    def slice(
        self, stage: str = "axes", done: int = 1, total: int = 4, *, picture: bool = True, described: str = ""
    ) -> Path:
        path = self.folder / f"picture-{len(self.asked())}.npy"
        if picture:
            np.save(path, self.points())
        answer = {"more": True, "next": {"token": "t"}, "stage": stage, "done": done, "total": total}
        self.asked()[-1].on_done({**answer, "picture": str(path) if picture else "", "described": described})
        QApplication.processEvents()
        return path

    def answer(self) -> None:
        params = self.asked()[-1].params
        store = MapStore(self.folder / params["method"])
        arrays = {
            "moved": np.arange(COUNT) / 10,
            "group": np.arange(COUNT) % 2,
            "apart": np.arange(COUNT) / 2.5,
            "outlier": np.arange(COUNT) == 7,
            "overlap": np.array([0.1] * 4 + [np.nan] * 4),
        }
        groups = [{"name": "coats", "size": 4, "labelled": 0}, {"name": "<b>hats", "size": 4, "labelled": 2}]
        facts = {"groups": groups, "overlap": 0.1, "k": 7, f"trust_{params['method']}": [0.91, 0.87]}
        store.save({**arrays, params["method"]: self.points()}, facts)
        self.asked()[-1].on_done({"key": self.view.texts.key, "folder": str(store.folder)})
        quiet(self.explorer.bot, self.explorer.window)
        for _ in range(5):  # a layout climbs one step a turn, then the maps show all of it again
            QApplication.processEvents()

    def colour(self, title: str) -> list[str]:
        """Colour by this; the legend's lines."""
        box = child(self.view, "map.colour", QComboBox)
        box.setCurrentIndex(box.findText(title))
        box.activated.emit(box.currentIndex())
        legend = self.view.side.legend
        return [legend.item(row).text() for row in range(legend.count())]

    def lasso(self, *, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.ShiftModifier) -> None:
        """Around the left half of the first map."""
        shown = self.view.pair.maps[0]
        middle = int((shown.place_of(1).x() + shown.place_of(2).x()) / 2)
        corners = [
            QPoint(2, 2),
            QPoint(middle, 2),
            QPoint(middle, shown.height() - 3),
            QPoint(2, shown.height() - 3),
        ]
        QTest.mousePress(shown, Qt.MouseButton.LeftButton, modifier, corners[0])
        for corner in corners[1:]:
            QTest.mouseMove(shown, corner)
            QApplication.processEvents()
        QTest.mouseRelease(shown, Qt.MouseButton.LeftButton, modifier, corners[-1])
        QApplication.processEvents()


@pytest.fixture
def maps(qtbot, tmp_path: Path, monkeypatch) -> Maps:
    folder = make_project(tmp_path / "p")
    fake_run(folder)
    monkeypatch.setattr(app, "EngineService", FakeEngine)
    window = open_window(qtbot, folder)
    quiet(qtbot, window)
    return Maps(Explorer(qtbot, window), tmp_path)


def test_a_picture_is_shown_before_the_map_is_ready(maps: Maps) -> None:
    params = maps.asked()[-1].params
    assert params["models"] == ["base", "0001-main"] and params["method"] == "pca"
    assert params["dataset_id"] is None and maps.view.empty.isVisible()
    path = maps.slice()
    assert not path.exists() and maps.view.pair.isVisible() and maps.view.busy.isVisible()
    assert maps.asked()[-1].params["token"] == "t"
    assert [shown.count for shown in maps.view.pair.maps] == [COUNT, COUNT]
    maps.answer()
    assert not maps.view.busy.isVisible()
    pair = maps.view.pair
    assert pair.trusts[0].text() == "trustworthiness 0.91"
    pair.name(["Base", "Run 1"], [0.998, 1.0])
    assert [one.text() for one in pair.trusts] == ["trustworthiness 0.998", "trustworthiness 1.00"]
    assert "not scores" in maps.view.caution.text() and maps.view.caution.text().startswith("10% of the 7")
    maps.view.grab()


def test_groups_are_shown_while_neighbours_are_still_looked_for(maps: Maps) -> None:
    store = MapStore(maps.folder / "pca")
    arrays = {
        "moved": np.arange(COUNT) / 10,
        "group": np.arange(COUNT) % 2,
        "apart": np.arange(COUNT) / 2.5,
        "outlier": np.arange(COUNT) == 7,
    }
    groups = [{"name": "coats", "size": 4, "labelled": 0}, {"name": "hats", "size": 4, "labelled": 2}]
    store.save(arrays, {"groups": groups})
    maps.slice()
    assert "Group" not in _items(child(maps.view, "map.colour", QComboBox))
    maps.slice("near", 3, 100, picture=False, described=str(store.folder))
    quiet(maps.explorer.bot, maps.explorer.window)
    assert maps.view.busy.isVisible(), "the map is not made yet"
    assert maps.colour("Group") == ["coats  ·  4", "hats  ·  4"]
    assert "Neighbours kept" not in _items(child(maps.view, "map.colour", QComboBox))
    assert _items(maps.view.side.lists.box)[1:] == ["Outliers (1)", "Groups without labels (1)"]
    shown = maps.view.pair.maps[0]
    QTest.mouseMove(shown, shown.place_of(3).toPoint())
    assert "Group: hats" in maps.view.front.card.told()
    maps.answer()
    assert "Neighbours kept" in _items(child(maps.view, "map.colour", QComboBox))


def _items(box: QComboBox) -> list[str]:
    return [box.itemText(place) for place in range(box.count())]


def test_lasso_lists_texts_that_can_be_taken_along(maps: Maps) -> None:
    maps.answer()
    maps.lasso()
    texts = maps.view.texts.texts
    assert maps.view.side.count.text() == "4 selected"
    assert maps.view.chosen_texts() == [texts[place] for place in (0, 1, 4, 5)]
    click(child(maps.view, "map.copy"))
    QApplication.processEvents()
    assert QApplication.clipboard().text().splitlines() == maps.view.chosen_texts()
    header, lines = maps.view._table()
    found = list(lines)
    assert [line[0] for line in found] == maps.view.chosen_texts()
    assert header[:5] == ["text", "x1", "y1", "x2", "y2"] and found[0][1:3] == [0.0, 0.0]
    assert (
        found[-1][list(header).index("overlap")] is None
        and found[-1][list(header).index("group_words")] == "<b>hats"
    )
    QTest.keyClick(maps.view.pair.maps[0], Qt.Key.Key_Escape)
    assert maps.view.selected is None and maps.view.side.hint.isVisible()
    click(child(maps.view, "map.lasso"))
    maps.lasso(modifier=Qt.KeyboardModifier.NoModifier)
    assert len(maps.view.side.model.places) == 4
    click(child(maps.view, "map.heat"))
    assert maps.explorer.explore.shown == "heat"


def test_two_selected_texts_and_why(maps: Maps) -> None:
    maps.answer()
    shown = maps.view.pair.maps[1]
    for point, modifier in ((2, Qt.KeyboardModifier.NoModifier), (5, Qt.KeyboardModifier.ControlModifier)):
        QTest.mouseClick(shown, Qt.MouseButton.LeftButton, modifier, shown.place_of(point).toPoint())
        maps.view.front.clicked(point, point == 5) if maps.view.selected is None else None
    if maps.view.selected is None or maps.view.selected.sum() < 2:  # the platform keeps no modifiers
        maps.view.front.clicked(5, adds=True)
        maps.view.front.clicked(2, adds=True)
    selected = maps.view.chosen_texts()
    QTest.mouseDClick(shown, Qt.MouseButton.LeftButton, pos=shown.place_of(5).toPoint())
    explain = maps.explorer.engine.asked[-1]
    assert explain.op == "explain" and [explain.params["one"], explain.params["other"]] == selected


def test_both_maps_share_view_and_mark(maps: Maps) -> None:
    maps.answer()
    first, second = maps.view.pair.maps
    assert first.view == second.view != View()
    QTest.keyClick(second, Qt.Key.Key_Plus)
    assert first.view == second.view
    QTest.mouseMove(first, first.place_of(1).toPoint())  # nearer views have others outside
    assert first._mark == second._mark == 1
    card = maps.view.front.card
    assert card.isVisible() and card.text.text() == maps.view.texts.texts[1]
    assert "Group: <b>hats" in card.told() and "Moved 0.100" in card.told()
    assert "1 of its 7 nearest texts are the same" in card.told()
    assert maps.view.pair.rect().contains(card.geometry())
    maps.view.pair.maps[0].leaveEvent(None)
    assert not card.isVisible() and second._mark == -1
    click(child(maps.view, "map.vectors"))
    assert second._arrows is not None and first._arrows is None
    assert second._arrows[1][0].tolist() == maps.points()[1][7].tolist(), "what moved farthest comes first"
    assert "Arrows: 1 text that moved" in maps.view.caution.text()
    zoom = first.view
    maps.explorer.window.resize(1100, 700)
    QApplication.processEvents()
    assert first.view == zoom, "what somebody zoomed into stays"


def test_arrows_are_worked_out_once_for_a_new_map(maps: Maps, monkeypatch) -> None:
    """Not for the map that is leaving as well."""
    maps.answer()
    click(child(maps.view, "map.vectors"))
    made: list[int] = []
    arrows = movement.arrows
    monkeypatch.setattr(movement, "arrows", lambda *given: made.append(1) or arrows(*given))
    front = maps.view.front
    mapped = front.mapped
    assert mapped is not None
    front.forget(front.texts)
    assert not made
    front.show_map(mapped, ["Base", "Run 1"])
    assert len(made) == 1 and maps.view.pair.maps[1]._arrows is not None


def test_colours_and_their_legend(maps: Maps) -> None:
    maps.answer()
    assert maps.colour("Group") == ["coats  ·  4", "<b>hats  ·  4"]
    assert maps.colour("Neighbours kept")[-1] == "not asked  ·  4"
    assert maps.colour("Groups without labels")[-1] == "group has none  ·  4"
    assert maps.colour("Outliers") == ["like its group  ·  7", "far from its group  ·  1"]
    legend = maps.view.side.legend
    legend.itemClicked.emit(legend.item(1))
    assert maps.view.side.model.places.tolist() == [7]
    light = maps.view.front.colouring.colours
    maps.explorer.window.context.theme.set_mode("dark")
    assert maps.view.front.colouring.colours != light and maps.view.side.model.places.tolist() == [7]
    maps.view.grab()


def test_what_the_map_found_is_selected_by_a_click(maps: Maps) -> None:
    maps.answer()
    lists = maps.view.side.lists
    titles = [lists.box.itemText(place) for place in range(lists.box.count())]
    assert titles[1:] == ["Outliers (1)", "Groups without labels (1)", "New neighbours (4)"]
    texts = maps.view.texts.texts

    def choose(key: str) -> list[str]:
        lists.choose(key)
        return [lists.found.item(row).text() for row in range(lists.found.count())]

    assert choose("outliers") == [texts[7]] and not lists.legend.isVisible()
    lists.found.itemClicked.emit(lists.found.item(0))
    assert maps.view.chosen_texts() == [texts[7]]
    assert all(shown._mark == 7 and shown._selected is not None for shown in maps.view.pair.maps)
    assert choose("bare") == ["coats"]
    lists.found.itemClicked.emit(lists.found.item(0))
    assert maps.view.chosen_texts() == [texts[place] for place in (0, 2, 4, 6)]
    choose("changed")
    click(child(maps.view, "map.find_all"))
    assert maps.view.chosen_texts() == texts[:4] and maps.view.chosen().texts == tuple(texts[:4])
    maps.explorer.window.context.theme.set_mode("dark")
    maps.view.grab()
    choose("colours")
    assert lists.legend.isVisible() and not lists.found.isVisible()


def test_lists_are_reached_beside_why(maps: Maps) -> None:
    maps.answer()
    maps.view.front.clicked(1, False)
    maps.explorer.window.resize(1024, 640)
    maps.explorer.explore.toggle_why()
    QApplication.processEvents()
    assert not maps.explorer.explore.split.alone
    for part in (maps.view.side.list, maps.view.side.legend, child(maps.view, "map.send")):
        assert part.isVisible() and part.visibleRegion().boundingRect().height() > 20
    assert maps.view.side.y() > maps.view.pair.geometry().bottom(), "below the maps"
    maps.explorer.explore.toggle_why()
    QApplication.processEvents()
    assert maps.view.side.x() > maps.view.pair.geometry().right()


def test_a_long_wait_is_asked_for_first(maps: Maps, monkeypatch) -> None:
    maps.answer()
    monkeypatch.setattr(points.map_cost, "seconds", lambda *_: 400.0)
    before = len(maps.asked())
    click(child(maps.view, "map.method.tsne"))
    quiet(maps.explorer.bot, maps.explorer.window)
    question = maps.view.busy.question
    assert question.isVisible() and "8 texts takes about 7 minutes" in question.text()
    assert len(maps.asked()) == before and maps.view.pair.isVisible(), "nothing started, the old map stays"
    maps.explorer.explore.show_view("query")
    maps.explorer.explore.show_view("map")
    quiet(maps.explorer.bot, maps.explorer.window)
    assert question.isVisible(), "asked again"
    click(child(maps.view, "map.agree"))
    quiet(maps.explorer.bot, maps.explorer.window)
    assert maps.asked()[-1].params["method"] == "tsne" and not question.isVisible()
    maps.answer()
    assert maps.view.mapped is not None and maps.view.mapped.method == "tsne"


def test_a_long_wait_is_declined(maps: Maps, monkeypatch) -> None:
    maps.answer()
    monkeypatch.setattr(points.map_cost, "seconds", lambda *_: 50.0)
    click(child(maps.view, "map.method.tsne"))
    quiet(maps.explorer.bot, maps.explorer.window)
    assert "about a minute" in maps.view.busy.question.text()
    click(child(maps.view, "map.decline"))
    quiet(maps.explorer.bot, maps.explorer.window)
    assert maps.view.bar.method == "pca" and not maps.view.busy.question.isVisible()
    assert maps.asked()[-1].params["method"] == "pca"


def test_it_copies_as_everything_does(maps: Maps) -> None:
    maps.answer()
    maps.lasso()
    clipboard = QApplication.clipboard()

    def taken(key: str) -> None:
        clipboard.clear()
        shown = maps.view.pair.maps[0]
        next(act for act in shown.actions() if act.objectName() == f"map.first.copy.{key}").trigger()
        quiet(maps.explorer.bot, maps.explorer.window)

    taken("text")
    assert clipboard.text().splitlines() == maps.view.chosen_texts()
    taken("csv")
    header, *lines = clipboard.text().splitlines()
    assert header == "text,x1,y1,x2,y2,moved,group,apart,outlier,overlap,group_words,dataset,split,label"
    assert len(lines) == 4
    taken("picture")
    picture = clipboard.image()
    assert picture.width() > maps.view.pair.width(), "both maps"


def test_a_map_by_neighbourhoods_is_watched_and_stopped(maps: Maps) -> None:
    maps.answer()
    click(child(maps.view, "map.method.tsne"))
    quiet(maps.explorer.bot, maps.explorer.window)
    assert maps.asked()[-1].params["method"] == "tsne"
    assert "Stopped here" not in maps.view.caution.text(), "it has only begun"
    maps.slice("map", 250, 1000)
    assert (maps.view.busy.progress.value(), maps.view.busy.progress.maximum()) == (250, 1000)
    question = maps.asked()[-1]
    click(child(maps.view, "map.stop"))
    assert question.cancelled and not maps.view.busy.isVisible() and maps.view.pair.isVisible()
    assert "Stopped here" in maps.view.caution.text()
    before = len(maps.asked())
    question.on_done({"key": "late", "folder": "nowhere"})
    quiet(maps.explorer.bot, maps.explorer.window)
    assert len(maps.asked()) == before, "an answer that nobody waits for any more"
    click(child(maps.view, "map.method.pca"))
    quiet(maps.explorer.bot, maps.explorer.window)
    assert maps.asked()[-1].params["method"] == "pca"
    maps.explorer.explore.show_view("query")
    assert maps.asked()[-1].cancelled


def test_a_map_of_before_is_shown_without_the_engine(maps: Maps, monkeypatch) -> None:
    store = MapStore(maps.folder / "pca")
    maps.answer()
    monkeypatch.setattr("gui.views.explore.map.points.mark_of", lambda ref, project: ref)
    monkeypatch.setattr(MapStore, "of", classmethod(lambda cls, *_: store))
    maps.explorer.explore.show_view("query")
    maps.view._forget()
    before = len(maps.asked())
    maps.explorer.explore.show_view("map")
    quiet(maps.explorer.bot, maps.explorer.window)
    assert len(maps.asked()) == before and maps.view.pair.isVisible() and maps.view.mapped is not None


def test_errors_and_an_empty_project(maps: Maps, messages) -> None:
    maps.asked()[-1].on_error(EngineProblem("The engine ended.", "Try again."))
    assert in_bar(maps.explorer.window) == "The engine ended." and not maps.view.busy.isVisible()
    click(maps.explorer.window.message_bar.action)
    quiet(maps.explorer.bot, maps.explorer.window)
    maps.answer()
    assert maps.view.pair.isVisible()
    ids = list(maps.explorer.window.context.project.ids(1))  # type: ignore[union-attr]
    maps.explorer.window.context.delete_examples(ids)
    maps.view.refresh()
    quiet(maps.explorer.bot, maps.explorer.window)
    assert maps.view.empty.isVisible() and "three different texts" in maps.view.empty.sentence.text()


def test_it_fits_the_smallest_window(maps: Maps) -> None:
    maps.answer()
    maps.view.front.clicked(1, False)
    maps.explorer.window.context.messages.note("A line above everything.", "And what to do about it.")
    assert maps.explorer.window.message_bar.isVisible()
    for _ in range(2):
        assert fits(maps.explorer.window, 1024, 560)
        maps.explorer.explore.toggle_why()


def test_tens_of_thousands_of_selected_texts_are_listed_in_pieces(qtbot, theme, monkeypatch) -> None:
    asked = [0]

    class Counted(SelectedModel):
        def rowCount(self, parent: Any = None) -> int:
            asked[0] += 1
            return super().rowCount(parent)

    monkeypatch.setattr("gui.views.explore.map.side.SelectedModel", Counted)
    side = MapSide()
    qtbot.addWidget(side)
    side.resize(248, 600)
    side.show()
    side.show_selected([f"text {n}" for n in range(50_000)], np.arange(50_000))
    assert side.list.isVisible() and asked[0] < 20_000, "not one by one while the window waits"
    bar = side.list.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 49_000)


def test_how_far_a_text_moved_is_no_cosine_between_models_of_other_widths() -> None:
    arrays = {"moved": np.array([0.3])}
    lines = [
        points.told(0, points.Mapped("pca", np.zeros((2, 1, 2), np.float32), arrays, {"cosines": alike}), {})
        for alike in (True, False)
    ]
    assert lines == [["Moved 0.300 (1 − cosine)"], ["Moved 0.300 (of the base model's radius)"]]
