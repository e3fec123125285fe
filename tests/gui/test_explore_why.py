"""The *Why* panel with an engine made of code: what it asks, shows, adds up, tints, copies, and where it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPlainTextEdit

from core.errors import Cancelled, EngineProblem
from core.settings import Settings
from gui import app
from gui.theme.tokens import DARK, LIGHT, contrast
from gui.views.explore.why.explained import change, read
from gui.views.explore.why.panel import WhyPanel
from gui.views.explore.why.tinted import units
from gui.widgets.diverging import MARKED_STRENGTH, TEXT_STRENGTH, ScaleBar, colour_of, ink_on
from tests.gui.explain_support import explained
from tests.gui.fake_engine import FakeEngine, Question
from tests.gui.run_support import fake_run
from tests.gui.test_explore_page import Explorer
from tests.gui.window_support import child, click, fits, in_bar, make_project, open_window, quiet

ONE, OTHER = "red velvet coat", "blue coat"
PIECES = ["[CLS]", "red", "vel", "##vet", "coat", "[SEP]"]


class Why:
    def __init__(self, explorer: Explorer, folder: Path) -> None:
        self.explorer, self.folder = explorer, folder
        self.page = explorer.explore
        self.panel: WhyPanel = self.page.why

    def asked(self) -> list[Question]:
        return [question for question in self.explorer.engine.asked if question.op == "explain"]

    def answer(self, *, one: str = ONE, other: str = OTHER, **more: Any) -> None:
        question = self.asked()[-1]
        rows = PIECES if one == ONE and more.get("exact", True) else None
        results = [
            explained(self.folder, one, other, seed=seed, rows=rows, **more)
            for seed, _ in enumerate(question.params["models"])
        ]
        question.on_done({"results": results})
        QApplication.processEvents()


@pytest.fixture
def why(qtbot, tmp_path: Path, monkeypatch) -> Why:
    folder = make_project(tmp_path / "p")
    fake_run(folder)
    monkeypatch.setattr(app, "EngineService", FakeEngine)
    window = open_window(qtbot, folder)
    quiet(qtbot, window)
    return Why(Explorer(qtbot, window), tmp_path)


def test_a_pair_is_explained_under_both_models(why: Why) -> None:
    assert not why.panel.isVisible()
    why.page.show_why(ONE, OTHER)
    question = why.asked()[-1]
    assert question.params["models"] == ["base", "0001-main"] and question.group == "why"
    assert (question.params["one"], question.params["other"], question.params["method"]) == (
        ONE,
        OTHER,
        "sum",
    )
    why.answer()
    assert [shown.title for shown in why.panel.shown] == ["Base", "Run 1"]
    assert not list(why.folder.glob("*.npy")), "files that were read are deleted"
    for place, name in enumerate(("why.first_map", "why.second_map")):
        shown = why.panel.shown[place]
        words = child(why.panel, f"{name}.sum", QLabel).text()
        assert words == f"sum = score {shown.score:.3f}"
        assert shown.rows.pieces == ("red", "velvet", "coat", "special")
    assert why.panel.maps.map(0).row_names and not why.panel.maps.map(1).row_names
    why.panel.grab()


def test_words_tokens_and_special_tokens_always_add_up(why: Why) -> None:
    why.page.show_why(ONE, OTHER)
    why.answer()
    score = why.panel.shown[0].score
    forms = {}
    for name in ("why.words", "why.tokens"):
        for special in (False, True):
            click(child(why.panel, name))
            box = child(why.panel, "why.special")
            if box.isChecked() != special:
                box.click()
            forms[name, special] = why.panel.shown[0]
            assert why.panel.shown[0].total == pytest.approx(score, abs=1e-9)
            assert why.panel.shown[0].of_rows.sum() == pytest.approx(score, abs=1e-9)
    assert forms["why.tokens", True].rows.pieces == ("[CLS]", "red", "vel", "vet", "coat", "[SEP]")
    assert forms["why.words", True].rows.pieces == ("[CLS]", "red", "velvet", "coat", "[SEP]")
    assert forms["why.tokens", False].rows.pieces == ("red", "vel", "vet", "coat", "special")
    assert forms["why.words", True].rows.special == {0, 4} and forms["why.words", False].rows.special == {3}


def test_change_of_one_model_to_the_other(why: Why) -> None:
    why.page.show_why(ONE, OTHER)
    why.answer()
    base, tuned = why.panel.shown
    click(child(why.panel, "why.view.change"))
    (moved,) = why.panel.shown
    assert moved.cells == pytest.approx(tuned.cells - base.cells)
    assert moved.total == pytest.approx(tuned.score - base.score)
    assert "= change" in child(why.panel, "why.first_map.sum", QLabel).text()
    click(child(why.panel, "why.view.1"))
    assert [shown.title for shown in why.panel.shown] == ["Run 1"]
    click(child(why.panel, "why.view.both"))
    assert len(why.panel.shown) == 2


def test_other_words_have_no_change(tmp_path: Path) -> None:
    first = read(explained(tmp_path, ONE, OTHER, rows=PIECES), "Base")
    second = read(explained(tmp_path, ONE, OTHER), "Run 1")
    assert change(first, second) is None and change(first.by_words(), second.by_words()) is not None
    approximate = read(explained(tmp_path, ONE, OTHER, exact=False), "Run 2")
    assert change(second, approximate) is None


def test_what_is_pointed_at_lights_up_everywhere(why: Why) -> None:
    why.page.show_why(ONE, OTHER)
    why.answer()
    first, second = why.panel.maps.map(0), why.panel.maps.map(1)
    QTest.mouseMove(first, first.place_of(1, 0).center().toPoint())
    assert (second.mark_row, second.mark_column) == (1, 0)
    assert why.panel.maps.words.text() == "“velvet” × “blue”"
    base, tuned = (float(shown.cells[1, 0]) for shown in why.panel.shown)
    for told in (f"Base {base:+.3f}", f"Run 1 {tuned:+.3f}", f"Δ {tuned - base:+.3f}"):
        assert told.replace("-", "−") in why.panel.maps.values.text()
    marked = [one for one in why.panel.one.extraSelections() if one.format.fontUnderline()]  # type: ignore[attr-defined]
    assert [one.cursor.selectedText() for one in marked] == ["velvet"]  # type: ignore[attr-defined]
    why.panel.one.hovered.emit(2)
    assert (first.mark_row, first.mark_column) == (2, -1) and "“coat”" in why.panel.maps.words.text()
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Right)
    assert (second.mark_row, second.mark_column) == (2, 0)
    first.leaveEvent(None)  # type: ignore[arg-type]
    assert "Point at" in why.panel.maps.words.text()


def test_a_changed_word_is_asked_after_a_moment_and_can_be_put_back(why: Why) -> None:
    why.page.show_why(ONE, OTHER)
    why.answer()
    edit = child(why.panel, "why.other", QPlainTextEdit)
    assert not child(why.panel, "why.reset").isVisible()
    edit.setPlainText("green coat")
    assert len(why.asked()) == 1 and edit.extraSelections() == []
    why.explorer.bot.waitUntil(lambda: len(why.asked()) == 2)
    assert why.asked()[-1].params["other"] == "green coat"
    why.answer(other="green coat")
    assert why.panel.shown[0].columns.pieces[0] == "green"
    click(child(why.panel, "why.reset"))
    assert edit.toPlainText() == OTHER and why.asked()[-1].params["other"] == OTHER
    click(child(why.panel, "why.swap"))
    assert (why.asked()[-1].params["one"], why.asked()[-1].params["other"]) == (OTHER, ONE)


def test_leaving_words_out_is_an_approximation_and_says_so(why: Why) -> None:
    why.page.show_why(ONE, OTHER)
    why.answer()
    box = child(why.panel, "why.method", QComboBox)
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert why.asked()[-1].params["method"] == "occlusion"
    why.answer(exact=False)
    assert "pooling (cls)" in child(why.panel, "why.reason", QLabel).text()
    assert [chip.text() for chip in why.panel.findChildren(QLabel, "chip") if chip.isVisible()] == [
        "Approximate"
    ] * 2
    assert child(why.panel, "why.first_map.sum", QLabel).text() == "score 0.500"
    assert not child(why.panel, "why.tokens").isVisible()


def test_everything_can_be_copied_and_saved(why: Why, tmp_path: Path) -> None:
    why.page.show_why(ONE, OTHER)
    why.answer()
    QTest.keyClick(why.panel.maps.map(0), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    quiet(why.explorer.bot, why.explorer.window)
    text = QApplication.clipboard().text()
    assert f"First text: {ONE}" in text and "Run 1: sum" in text and "velvet × blue" in text
    why.panel.menu.copy_csv()
    quiet(why.explorer.bot, why.explorer.window)
    lines = QApplication.clipboard().text().splitlines()
    cells = [
        float(line.rsplit(",", 1)[1]) for line in lines if line.startswith("Base,sum,") and ",," not in line
    ]
    assert sum(cells) != 0 and lines[0].startswith("model,method")
    why.panel.menu.save_picture(tmp_path / "why.png")
    assert (tmp_path / "why.png").read_bytes().startswith(b"\x89PNG")


def test_key_button_and_menu_open_and_close_it(why: Why) -> None:
    explorer = why.explorer
    question = explorer.type("winter clothes")
    explorer.answer(question)
    assert any(action.text() == "Why are these similar?" for action in explorer.tuned.actions())
    explorer.tuned.setCurrentIndex(explorer.tuned.model().index(1, 0))
    assert why.asked() == [] and explorer.page.details.isVisible()
    explorer.tuned.setFocus()
    QTest.keyClick(explorer.tuned, Qt.Key.Key_W)
    assert why.panel.isVisible() and not explorer.page.details.isVisible()
    assert (why.asked()[-1].params["one"], why.asked()[-1].params["other"]) == ("winter clothes", "red coat")
    explorer.tuned.setCurrentIndex(explorer.tuned.model().index(2, 0))  # the open panel follows
    assert why.asked()[-1].params["other"] == "wool sock" and why.asked()[0].cancelled
    why.panel.one.setFocus()
    QTest.keyClick(why.panel.one, Qt.Key.Key_Escape)
    assert not why.panel.isVisible() and explorer.page.details.isVisible()
    explorer.tuned.setCurrentIndex(explorer.tuned.model().index(0, 0))
    asked = len(why.asked())
    explorer.window.actions_.perform("explore.why")
    assert why.panel.isVisible() and len(why.asked()) == asked + 1
    click(child(why.page, "explore.why"))
    assert not why.panel.isVisible()


def test_an_empty_panel_teaches_and_errors_can_be_tried_again(why: Why, messages) -> None:
    why.page.toggle_why()
    state = child(why.panel, "why.state", QLabel)
    assert "press W" in state.text() and why.asked() == []
    child(why.panel, "why.one", QPlainTextEdit).setPlainText(ONE)
    why.explorer.bot.waitUntil(lambda: "second text" in state.text())
    why.page.show_why(ONE, OTHER)
    why.asked()[-1].on_error(EngineProblem("The engine ended.", "Try again."))
    assert in_bar(why.explorer.window) == "The engine ended." and "no explanation" in state.text()
    click(why.explorer.window.message_bar.action)
    why.answer()
    assert len(why.panel.shown) == 2
    why.panel.show_pair("a", "b")
    why.asked()[-1].on_error(Cancelled())
    assert len(why.panel.shown) == 2


def test_a_hidden_panel_asks_nothing(why: Why) -> None:
    why.page.show_why(ONE, OTHER)
    why.answer()
    why.explorer.window.show_page("label")
    why.panel.show_pair("a", "b")
    assert len(why.asked()) == 1
    why.explorer.window.show_page("explore")
    assert why.asked()[-1].params["one"] == "a"


def test_width_is_kept_and_narrow_windows_show_one_of_both(why: Why) -> None:
    window = why.explorer.window
    window.resize(1280, 800)
    why.page.show_why(ONE, OTHER)
    why.answer()
    QApplication.processEvents()
    why.page.split.setSizes([700, 500])
    why.page.split.splitterMoved.emit(0, 1)
    width = why.panel.width()
    assert window.context.settings.why_width == width > 450
    why.explorer.bot.waitUntil(lambda: Settings.load().why_width == width)
    why.page.toggle_why()
    why.page.toggle_why()
    QApplication.processEvents()
    assert why.panel.width() == width
    assert fits(window, 1024, 640)
    why.page.split.resize(600, 500)
    assert why.panel.isVisible() and not why.page.stack.isVisible()
    why.page.toggle_why()
    assert why.page.stack.isVisible()


def test_odd_texts(why: Why) -> None:
    odd = "a\r\nb 𝔘𝔫 <b>é</b> \u202e x" + "y" * 300
    why.page.show_why(odd, "c")
    assert why.asked()[-1].params["one"] == odd
    why.answer(one=odd, other="c")
    marked = [one.cursor.selectedText() for one in why.panel.one.extraSelections()]  # type: ignore[attr-defined]
    assert marked == odd.split()
    why.panel.grab()
    assert units("a\r\n𝔘b") == [0, 1, 1, 2, 4, 5]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_words_can_be_read_on_every_tint(theme) -> None:
    for share in np.linspace(-1, 1, 21):
        for strength in (TEXT_STRENGTH, MARKED_STRENGTH, 1.0):
            ground = colour_of(float(share), theme, strength)
            assert contrast(ink_on(ground, theme), ground) >= 4.5


def test_a_low_window_keeps_its_height_for_the_maps(why: Why, qtbot) -> None:
    """Alone on the page: the controls in one line, no empty line in the boxes of the texts, and no line of them hidden."""
    window = why.explorer.window
    window.resize(900, 560)
    long = "word " * 30  # two lines there
    why.page.show_why(long, OTHER)
    why.answer(one=long)
    quiet(qtbot, window)
    one, other, controls = why.panel.one, why.panel.other, why.panel.controls
    qtbot.waitUntil(lambda: one.height() > other.height())
    assert one.verticalScrollBar().maximum() == 0, "both lines can be seen"
    views, words = child(controls, "why.view.both"), child(controls, "why.words")
    assert abs(views.geometry().center().y() - words.geometry().center().y()) < 4


def test_the_scale_says_that_some_values_lie_beyond_it(qtbot, theme) -> None:
    scale = ScaleBar()
    qtbot.addWidget(scale)
    scale.show_scale(0.08, beyond=True)
    assert scale.ends() == ("≤−0.08", "≥+0.08")
    scale.show_scale(0.08, below=False)
    assert scale.ends() == ("0", "0.08")
