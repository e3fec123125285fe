"""*To labelling* from the tabs of the explore page: menu, keys, message with Undo and Show them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from core.dataset.formats import Example, Format
from core.project import Project, Reader
from core.project.chosen import Kind, Sending
from core.similarity import cuts
from core.similarity.cuts import EVERY_PART
from core.similarity.labelled import Comparison, Rows, Scored
from core.similarity.thresholds import Thresholds
from gui import app
from gui.views.explore.heat.block import Block
from gui.views.explore.scores.histogram import Histograms
from gui.views.explore.scores.sets import sets
from gui.views.explore.scores.span import Span
from gui.views.explore.send import Chosen, SendMenu
from gui.views.explore.send_offers import Kept, Offer, offers
from gui.views.label.page import LabelPage
from gui.widgets.heat_map import Cells, HeatMap
from tests.gui.run_support import fake_run
from tests.gui.test_explore_map import Maps
from tests.gui.test_explore_page import Explorer, FakeEngine
from tests.gui.window_support import SCORED, child, click, fits, in_bar, make_project, open_window, quiet

SOURCE = "explorer: map"


@pytest.fixture
def maps(qtbot, tmp_path: Path, monkeypatch) -> Maps:
    folder = make_project(tmp_path / "p")
    with Project.open(folder) as project:
        project.create_dataset("Found & kept", Format.PAIRS, examples=[Example(("soft girl", "linen dress"))])
    fake_run(folder)
    monkeypatch.setattr(app, "EngineService", FakeEngine)
    window = open_window(qtbot, folder)
    quiet(qtbot, window)
    made = Maps(Explorer(qtbot, window), tmp_path)
    made.answer()
    return made


def entries(menu: QMenu) -> dict[str, QAction]:
    return {
        action.objectName().removeprefix("send."): action for action in menu.actions() if action.objectName()
    }


def opened(maps: Maps) -> SendMenu:
    """The menu, opened at the button as a person does."""
    click(child(maps.view, "map.send"))
    menu = maps.view.send
    assert menu is not None and menu.isVisible()
    return menu


def choose(maps: Maps, menu: QMenu, *keys: str) -> None:
    """Open the menus on the way and choose the last one."""
    for key in keys[:-1]:
        inner = entries(menu)[key].menu()
        assert isinstance(inner, QMenu)
        menu = inner
    entries(menu)[keys[-1]].trigger()
    assert maps.view.send is not None
    maps.view.send.close()
    back(maps)
    quiet(maps.explorer.bot, maps.explorer.window)


def back(maps: Maps) -> None:
    """Without a screen nobody makes the window active again when a menu has closed."""
    window = maps.explorer.window
    window.activateWindow()
    maps.explorer.bot.waitUntil(window.isActiveWindow, timeout=5000)


def rows(maps: Maps, dataset_id: int) -> list[Example]:
    folder = maps.explorer.window.context.folder
    assert folder is not None
    with Reader(folder) as reader:
        return list(reader.rows(dataset_id))


def test_a_lasso_becomes_positives_and_is_taken_back(maps: Maps) -> None:
    window = maps.explorer.window
    maps.lasso()
    texts = maps.view.chosen_texts()
    assert len(texts) == 4 and texts[0] == "soft girl"
    menu = opened(maps)
    positives = entries(menu)["positives"]
    assert positives.text() == "&Positives of “soft girl”"
    inner = positives.menu()
    assert isinstance(inner, QMenu)
    assert [action.text() for action in inner.actions()] == [
        "“Main”, score 1\tup to 3 rows",
        "“Found && kept”\tup to 3 rows",
    ]
    choose(maps, menu, "positives", "positives.2")
    new = rows(maps, 2)[1:]
    assert [row.texts for row in new] == [("soft girl", text) for text in texts[1:] if text != "linen dress"]
    assert {row.source for row in new} == {SOURCE}
    there = "linen dress" in texts
    assert in_bar(window).startswith(f"{len(new)} positives added to “Found & kept”")
    assert ("1 was there already" in in_bar(window)) == there
    assert fits(window, 2000, 560)  # the message and the map together
    QTest.keySequence(maps.view.pair.maps[0], QKeySequence("Ctrl+Z"))
    quiet(maps.explorer.bot, window)
    assert len(rows(maps, 2)) == 1 and in_bar(window) == f"Undone: Add {len(new)} positives ({SOURCE})."
    click(child(window, "message.action"))
    assert len(rows(maps, 2)) == 1 + len(new) and in_bar(window).startswith("Done again: ")


def test_show_them_shows_precisely_those_rows(maps: Maps) -> None:
    window = maps.explorer.window
    maps.lasso()
    choose(maps, opened(maps), "positives", "positives.2")
    added = [row.id for row in rows(maps, 2)[1:]]
    click(child(window, "message.other"))
    quiet(maps.explorer.bot, window)
    page = window.page("label")
    assert isinstance(page, LabelPage)
    assert window.current_page == "label" and window.context.dataset_id == 2
    assert list(page.model.ids) == added and page.side.view == "chosen"
    assert page.side.views["chosen"].isVisible() and page.side.views["chosen"].count == str(len(added))
    click(page.side.views["all"])
    quiet(maps.explorer.bot, window)
    assert len(page.model.ids) == 1 + len(added)
    window.context.undo()
    assert not page.side.views["chosen"].isVisible()  # nothing of it is there
    window.context.redo()
    assert page.side.views["chosen"].isVisible()
    window.context.choose_dataset(1)
    assert not page.side.views["chosen"].isVisible()


def test_of_rows_in_several_datasets_it_says_which_are_shown(maps: Maps) -> None:
    window = maps.explorer.window
    maps.view.front.select(np.ones(len(maps.view.texts.texts), bool))
    choose(maps, opened(maps), "flag")
    assert " in 2 datasets" in in_bar(window)
    assert child(window, "message.other").text() == "Show those in “Main”"
    click(child(window, "message.other"))
    quiet(maps.explorer.bot, window)
    assert window.current_page == "label" and window.context.dataset_id == 1


def test_the_focused_text_is_the_anchor(maps: Maps) -> None:
    maps.lasso()
    maps.view.side.list.setCurrentIndex(maps.view.side.model.index(1, 0))
    assert entries(opened(maps))["positives"].text() == f"&Positives of “{maps.view.chosen_texts()[1]}”"
    maps.view.side.list.setCurrentIndex(QModelIndex())


def test_the_keyboard_alone(maps: Maps) -> None:
    """L opens the menu where the texts are, its first entry is marked; letters and Enter choose."""
    window = maps.explorer.window
    maps.lasso()
    QTest.keyClick(maps.view.pair.maps[0], Qt.Key.Key_L)
    menu = maps.view.send
    assert menu is not None and menu.isVisible() and menu.activeAction() is not None
    QTest.keyClick(menu, Qt.Key.Key_F)
    quiet(maps.explorer.bot, window)
    assert sum(row.flag for row in rows(maps, 1)) + sum(row.flag for row in rows(maps, 2)) > 0
    assert "flagged" in in_bar(window)
    back(maps)
    QTest.keySequence(maps.view.pair.maps[0], QKeySequence("Ctrl+L"))
    assert menu.isVisible()
    QTest.keyClick(menu, Qt.Key.Key_Escape)


def test_a_saved_view_opens_with_the_same_rows(maps: Maps) -> None:
    window = maps.explorer.window
    maps.lasso()
    choose(maps, opened(maps), "view")
    assert in_bar(window).endswith("saved as the view “Map 1”.")
    window.show_page("label")
    page = window.page("label")
    assert isinstance(page, LabelPage)
    (made,) = (button for button in page.saved.buttons if button.title == "Map 1")
    click(made)
    quiet(maps.explorer.bot, window)
    shown = list(page.model.ids)
    chosen = set(maps.view.chosen_texts())
    assert shown == [row.id for row in rows(maps, 1) if chosen & set(row.texts)]
    assert page.saved.present("x").rows and page.saved.present("x").shown == "chosen"


def test_kept_positives_become_triplets(maps: Maps) -> None:
    window = maps.explorer.window
    maps.lasso()
    positives = maps.view.chosen_texts()
    choose(maps, opened(maps), "keep")
    assert "Now select their negatives" in window.message_bar.hint.text()
    maps.view.front.select(np.array([text not in positives for text in maps.view.texts.texts]))
    choose(maps, opened(maps), "triplets")
    project = window.context.project
    assert project is not None
    made = [info for info in project.datasets() if info.format is Format.TRIPLETS]
    assert len(made) == 1 and "new dataset “Triplets”" in in_bar(window)
    assert {row.texts[1] for row in rows(maps, made[0].id)} == set(positives[1:])
    assert "triplets" not in entries(opened(maps))


def test_nothing_selected_says_so(maps: Maps) -> None:
    menu = maps.view.send
    assert menu is not None
    menu.fill()
    assert [(action.text(), action.isEnabled()) for action in menu.actions()] == [
        ("Select something first", False)
    ]
    assert not child(maps.view, "map.send").isVisible()


def keys(found: list[Offer]) -> list[str]:
    return [offer.key for offer in found]


def test_what_is_offered(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", "P") as project:
        chosen = Chosen(SOURCE, texts=("A & B\tC", "d"))
        found = offers(project.datasets(), None, chosen)
        assert keys(found) == ["positives", "negatives", "scores", "keep", "flag", "view"]
        assert (
            found[0].title == "&Positive of “A && B C”" and found[0].detail == "1 row · a new dataset, Pairs"
        )
        project.create_dataset("Scale", Format.SCORED, examples=SCORED)
        found = offers(project.datasets(), 1, Chosen(SOURCE, texts=("a", "b", "c")), Kept("x", ("y",)))
        assert keys(found) == [
            "positives",
            "negatives",
            "scores",
            "together",
            "triplets",
            "keep",
            "flag",
            "view",
        ]
        assert found[0].detail == "up to 2 rows · “Scale”, score 1" and found[3].detail.startswith(
            "up to 3 rows"
        )
        assert [part.title for part in found[2].parts] == ["Score 1", "Score ½", "Score 0", "To be scored"]
        rows_only = offers(project.datasets(), 1, Chosen(SOURCE, ids=(1, 2)))
        assert keys(rows_only) == ["flag", "view"]
    QApplication.processEvents()


# -- histogram, cells and rows ------------------------------------------------------------------------------------------


def compared(
    format: Format, similarity: list[float], margin: list[float], similar: list[float]
) -> Comparison:
    count = len(similarity)
    width = 3 if format is Format.TRIPLETS else 2
    rows_ = Rows(
        format,
        np.arange(1, count + 1),
        np.arange(1, count + 1),
        tuple(tuple(f"{letter}{n}" for letter in "apn"[:width]) for n in range(count)),
        np.array(similar),
        np.zeros(count, np.int8),
    )
    scored = Scored("Run 1", np.array(similarity), np.array(margin), np.empty(0))
    return Comparison(rows_, scored, scored)


def test_what_the_line_of_the_histogram_parts() -> None:
    nan = float("nan")
    found = compared(Format.SCORED, [0.9, 0.8, 0.3, 0.2, nan], [nan] * 5, [1, 0, 1, 0, 1])
    offered = sets(found, EVERY_PART, True, 0.5, (0.25, 0.85))
    assert [one.count for one in offered] == [2, 1, 1, 2, 2]
    span, false, missed, over, under = ((one.title, one.choose()) for one in offered)
    assert [chosen.ids for _, chosen in (span, false, missed, over, under)] == [
        (2, 3),
        (2,),
        (3,),
        (1, 2),
        (3, 4),
    ]
    assert (
        false[1].pairs == (("a1", "p1"),)
        and false[0].endswith("(1)")
        and span[0].startswith("Scores from 0.250")
    )
    cut = Thresholds(*found.evidence(found.second)[:2]).at(0.5)
    assert (cut.false_positives, cut.false_negatives) == (len(false[1].ids), len(missed[1].ids))
    assert not any(one.count or one.choose() for one in sets(found, 2, True, 0.5))
    beside = replace(found.second, background=np.array([0.9, 0.8]))
    (wrong, *_) = sets(replace(found, second=beside), EVERY_PART, True, 0.5)
    assert wrong.title == "False matches: rejected, over the line (1)", "random pairs stand in no row"
    whole = sets(found, EVERY_PART, True, nan, (0.2, 0.9))[0].choose()
    assert whole.ids == (1, 2, 3, 4), "a range over everything has the best and the worst row"
    by_margin = compared(Format.TRIPLETS, [0.9, 0.4], [0.1, 0.2], [nan, nan])
    false, missed = (one.choose() for one in sets(by_margin, EVERY_PART, False, 0.5)[:2])
    assert false.pairs == (("a0", "n0"),) and missed.pairs == (("a1", "p1"),)
    cut = Thresholds(*by_margin.evidence(by_margin.first)[:2]).at(0.5)
    assert (cut.false_positives, cut.false_negatives) == (1, 1)


def test_a_range_is_drawn_with_shift_and_cleared_with_escape(qtbot, theme) -> None:
    histograms = Histograms()
    qtbot.addWidget(histograms)
    span = Span(histograms)
    histograms.resize(400, 300)
    histograms.show_sides(
        cuts.sides(compared(Format.SCORED, [0.9, 0.8, 0.3, 0.2], [0.0] * 4, [1, 0, 1, 0]), EVERY_PART)
    )
    histograms.show()
    drag(histograms, QPoint(100, 200), QPoint(300, 220))
    assert span.value is not None and span.which == 1 and span.value[0] < span.value[1]
    assert abs(histograms.x_of(span.value[0]) - 100) < 1 and histograms.lines[1] != histograms.lines[1]
    histograms.grab()
    QTest.keyClick(histograms, Qt.Key.Key_Escape)
    assert span.value is None


def drag(where: QWidget, first: QPoint, last: QPoint) -> None:
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.mousePress(where, Qt.MouseButton.LeftButton, shift, first)
    QTest.mouseMove(where, last)
    QApplication.processEvents()
    QTest.mouseRelease(where, Qt.MouseButton.LeftButton, shift, last)


def test_a_block_of_cells_is_drawn_with_shift(qtbot, theme) -> None:
    names = tuple("abcd")
    heat = HeatMap()
    qtbot.addWidget(heat)
    heat.resize(400, 300)
    heat.show()
    heat.show_cells(Cells(np.eye(4, dtype=np.float32), names, names, 1.0))
    clicked: list[tuple[int, int]] = []
    heat.clicked.connect(lambda row, column: clicked.append((row, column)))
    block = Block(heat)
    centre = heat.place_of(1, 0).center().toPoint(), heat.place_of(2, 1).center().toPoint()
    drag(heat, *centre)
    assert block.cells() == [(1, 0), (1, 1), (2, 0), (2, 1)] and not clicked
    heat.grab()
    QTest.keyClick(heat, Qt.Key.Key_Escape)
    QTest.mouseMove(heat, heat.place_of(3, 1).center().toPoint())
    QApplication.processEvents()
    heat.leaveEvent(QEvent(QEvent.Type.Leave))
    assert block.cells() == [(3, 1)]  # an open menu takes the pointer away


def test_the_two_texts_of_why(maps: Maps) -> None:
    panel = maps.explorer.explore.why
    maps.explorer.explore.show_why("one text", "another")
    assert panel.chosen() == Chosen("explorer: why", pairs=(("one text", "another"),))
    click(child(panel, "why.send"))
    assert entries(panel.send)["positives"].text().startswith("&Positive of “one text”")
    panel.send.close()
    back(maps)


def test_rows_of_two_datasets_and_a_project_that_is_read_only(messages, maps: Maps) -> None:
    window = maps.explorer.window
    maps.explorer.explore.sending.send(Chosen(SOURCE, texts=("soft girl",)), Sending(Kind.FLAG))
    quiet(maps.explorer.bot, window)
    assert in_bar(window) == "2 rows flagged in 2 datasets."
    window.context.choose_dataset(2)
    click(child(window, "message.other"))
    quiet(maps.explorer.bot, window)
    page = window.page("label")
    assert isinstance(page, LabelPage) and window.context.dataset_id == 2
    assert list(page.model.ids) == [rows(maps, 2)[0].id]
    before, folder = rows(maps, 1), window.context.folder
    assert folder is not None
    window.context.release()
    window.context.adopt(Project.open(folder, write=False))
    window.show_page("explore")
    maps.explorer.explore.sending.send(Chosen(SOURCE, texts=("soft girl", "x")), Sending(Kind.POSITIVES, 2))
    assert "read-only" in in_bar(window) and rows(maps, 1) == before


def test_of_several_negatives_the_nearest_one_is_sent() -> None:
    """The margin is of that one; another may lie far under the line."""
    ids = np.arange(1, 3)
    texts = (("a0", "p0", "n0", "m0"), ("a1", "p1", "n1", "m1"))
    rows_ = Rows(Format.TRIPLETS, ids, ids, texts, np.ones(2), np.zeros(2, np.int8))
    given = np.array([0.9, 0.8]), np.array([0.1, 0.2])
    scored = Scored("Run 1", *given, np.empty(0), nearest=np.array([3.0, 2.0]))
    false = sets(Comparison(rows_, scored, scored), EVERY_PART, True, 0.5)[0].choose()
    assert false.pairs == (("a0", "m0"), ("a1", "n1"))
