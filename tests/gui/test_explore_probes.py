"""The probes tab with an engine made of code: verdicts, what got worse, marking hits, adding, importing, handing on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.dataset.formats import Example, Format
from core.project import Project, Reader
from core.project.edits import Compound
from core.project.probes import Probe, put
from core.training.run_probes import Found, RunProbes, as_record, read_probes, save_probes
from gui import app
from gui.main_window import MainWindow
from gui.views.explore.probes.cells import name
from gui.views.explore.probes.table import KEYS
from tests.gui.fake_engine import FakeEngine, Question
from tests.gui.run_support import fake_run
from tests.gui.window_support import child, click, dialog, last, make_project, open_window, quiet

HOSTILE = '<b>=1+1</b> "&'
PROBES = (
    Probe(0, "apple", "", k=2, expected=("fruit",), unwanted=("car",)),
    Probe(0, HOSTILE, "", k=2, expected=("vehicle", "fruit")),
    Probe(0, "bus", "vehicle", lower=("bus", "pear")),
    Probe(0, "bus", "van", "similar"),
)
ROWS = [Example(("apple", "fruit")), Example(("bus", "vehicle")), Example(("pear", "car"))]
PASS, FAIL = Found(True, (1, 3), (0.9, 0.1)), Found(False, (3, 1), (0.2, 0.8))
SIDES = {
    "tuned": (FAIL, replace(FAIL, ranks=(1, 5)), Found(True, (), (0.9, 0.3)), Found(None, (), (0.7,))),
    "base": (PASS, replace(FAIL, ranks=(2, 9)), Found(False, (), (0.2, 0.3)), Found(None, (), (0.4,))),
}


class Engine(FakeEngine):
    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()

    def start(self) -> None:
        pass


class Tab:
    def __init__(self, bot: Any, window: MainWindow) -> None:
        self.bot, self.window = bot, window
        window.show_page("explore")
        self.page: Any = window.page("explore")
        quiet(bot, window)
        self.page.show_view("probes")
        self.view: Any = self.page.view("probes")
        quiet(bot, window)

    def asked(self, op: str = "probes") -> list[Question]:
        engine: Any = self.window.context.engine
        return [one for one in engine.asked if one.op == op and not one.cancelled]

    def answer(self) -> None:
        self.bot.waitUntil(lambda: bool(self.asked()))
        project: Any = self.window.context.project
        found = RunProbes("0001-main", 6, tuple(project.probes()), **SIDES)
        self.asked()[-1].on_done({"result": as_record(found)})
        QApplication.processEvents()

    def column(self, key: int) -> list[str]:
        return [self.view.model.index(row, key).data() for row in range(self.view.model.rowCount())]


@pytest.fixture
def tab(qtbot, tmp_path: Path, monkeypatch) -> Tab:
    folder = make_project(tmp_path / "p", Format.PAIRS, ROWS)
    with Project.open(folder) as project:
        project.apply(Compound(tuple(put(probe) for probe in PROBES)), "Add probes")
    fake_run(folder)
    monkeypatch.setattr(app, "EngineService", Engine)
    return Tab(qtbot, open_window(qtbot, folder))


def saved(tab: Tab) -> list[Probe]:
    with Reader(tab.window.context.folder) as reader:
        return reader.probes()


def test_what_got_worse_stands_first(tab: Tab) -> None:
    tab.answer()
    assert tab.column(0) == ["− Got worse", "× Fails", "+ Fixed", "· Not judged"]
    assert tab.column(3) == ["rank 1", "rank 9", "−0.100", "0.400"]
    assert tab.column(4) == ["rank 3", "rank 5", "+0.600", "0.700"]
    assert tab.column(5) == ["▼ 2", "▲ 4", "+0.700", "+0.300"]
    assert child(tab.view, "probes.worse").text() == "1 got worse"
    assert "Run 1 against Base" in tab.view.bar.words.text()
    assert tab.view.selected()[0].state == "regressed"
    tab.view.bar.state.setCurrentIndex(tab.view.bar.state.findData("fails"))
    tab.view.bar.state.activated.emit(1)
    assert tab.column(0) == ["× Fails"]
    for width, height in ((1024, 640), (900, 560)):
        tab.window.resize(width, height)
        quiet(tab.bot, tab.window)
        needed = tab.page.minimumSizeHint()
        assert needed.width() <= width - tab.window.rail.width() and needed.height() <= height - 130


def test_no_number_is_cut_and_what_is_expected_stands_below_where_it_has_no_column(tab: Tab) -> None:
    tab.answer()
    view, table = tab.view, tab.view.hits.table
    for width, tall in ((1600, False), (1024, True), (900, True)):
        tab.window.resize(width, 640)
        quiet(tab.bot, tab.window)
        assert view.table.isColumnHidden(KEYS.index("wish")) == tall
        assert view.names.tall == tall and view.table.rowHeight(0) == (46 if tall else 30)
        view.table.selectRow(3)
        assert [table.item(0, place).text() for place in (2, 3)] == ["0.400", "0.700"]
        for place in (2, 3):
            assert table.columnWidth(place) >= table.fontMetrics().horizontalAdvance("0.400") + 16
        view.grab()
    metrics = view.table.fontMetrics()
    long = Probe(0, "a text that never ends " * 9, "another one that is long " * 9)
    halves = name(long, metrics, 200).split("  ↔  ")
    assert all(half.endswith("…") and len(half) > 6 for half in halves)
    assert metrics.horizontalAdvance(name(long, metrics, 200)) <= 200
    assert name(Probe(0, "bus", "van"), metrics, 200) == "bus  ↔  van"


def test_what_is_not_judged_says_what_makes_a_verdict(tab: Tab) -> None:
    tab.answer()
    tab.view.table.selectRow(3)
    assert "from which score pairs count as similar" in tab.view.hits.about.text()
    assert "from which score" in tab.view.model.index(3, 0).data(Qt.ItemDataRole.ToolTipRole)
    tab.view.table.selectRow(0)
    assert "Not judged" not in tab.view.hits.about.text()


def test_the_answer_is_there_at_once_the_next_time(tab: Tab) -> None:
    project: Any = tab.window.context.project
    found = RunProbes("0001-main", 6, tuple(project.probes()), **SIDES)
    question = tab.asked()[-1]
    read: Any = question.params
    assert read["models"] == ["0001-main", "base"]
    from gui.views.explore.probes import results

    results._keep(project.folder, [project.revision, read["models"], [None, None]], found)
    tab.view.results.again()
    quiet(tab.bot, tab.window)
    assert tab.view.results.state == "ready" and tab.column(0)[0] == "− Got worse"
    (project.folder / "cache" / "probes.json").write_text('{"key": 1')
    tab.view.results.again()
    quiet(tab.bot, tab.window)
    assert tab.view.results.state == "reading"  # asked again


def test_a_hit_is_marked_and_that_is_undone(tab: Tab) -> None:
    tab.answer()
    tab.view.table.selectRow(0)
    tab.bot.waitUntil(lambda: bool(tab.asked("search")))
    hits = [{"rank": 1, "text": "car", "other_rank": 3}, {"rank": 2, "text": HOSTILE, "other_rank": 1}]
    tab.asked("search")[-1].answer({"results": [{"hits": hits}, {"hits": []}]})
    table = tab.view.hits.table
    shown = [[table.item(row, place).text() for place in range(4)] for row in range(table.rowCount())]
    assert shown == [["−", "car", "3", "1"], ["", HOSTILE, "1", "2"], ["+", "fruit", "1", "3"]]
    table.selectRow(1)
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_P)
    assert saved(tab)[0].expected == ("fruit", HOSTILE)
    tab.window.context.undo()
    assert saved(tab)[0].expected == ("fruit",)
    tab.view.table.selectRow(0)
    table.selectRow(0)
    assert tab.view.chosen().pairs == (("apple", "car"),)
    table.clearSelection()
    assert tab.view.chosen().pairs == (("apple", "fruit"),)  # the hit that is missed


def test_the_why_panel_follows_the_probe_in_front(tab: Tab) -> None:
    tab.answer()
    table = tab.view.table
    table.selectRow(0)
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_W)
    assert tab.page.split.is_open and not tab.view.hits.isVisible()
    assert tab.page._pair == ("apple", "fruit")
    table.selectRow(2)
    assert tab.page._pair == ("bus", "vehicle")
    assert tab.view.chosen().pairs == (("bus", "vehicle"), ("bus", "pear"))
    quiet(tab.bot, tab.window)


def test_probes_are_made_changed_and_deleted(tab: Tab) -> None:
    tab.answer()
    tab.view.new("query")
    made = dialog(tab.bot, "dialog.probe_editor")
    assert not made.ok.isEnabled()
    made.activateWindow()
    tab.bot.waitUntil(made.isActiveWindow)
    made.query.setText("pear")
    made.lists["expected"].field.setFocus()
    QTest.keyClicks(made.lists["expected"].field, "fruit")
    QTest.keyClick(made.lists["expected"].field, Qt.Key.Key_Return)
    QTest.keyClicks(made.lists["unwanted"].field, "fruit")
    QTest.keyClick(made.lists["unwanted"].field, Qt.Key.Key_Return)
    assert "at once" in made.problem.text() and not made.ok.isEnabled()
    made.lists["unwanted"].list.selectAll()
    click(made.lists["unwanted"].remove)
    made.k.setValue(3)
    click(made.ok)
    assert saved(tab)[-1] == Probe(5, "pear", "", k=3, expected=("fruit",))
    tab.view.table.selectRow(tab.column(1).index("pear"))
    tab.view.duplicate()
    assert len(saved(tab)) == 6
    tab.view.delete()
    assert len(saved(tab)) == 5
    last(tab.window).do()
    assert len(saved(tab)) == 6
    tab.view.new("order")
    made = dialog(tab.bot, "dialog.probe_editor")
    for field, text in zip(made.order, ("a", "b", "c", "d"), strict=True):
        field.setText(text)
    click(made.ok)
    assert saved(tab)[-1].lower == ("c", "d")


def test_a_table_is_pasted_and_taken_out_again(tab: Tab, tmp_path: Path) -> None:
    tab.answer()
    QGuiApplication.clipboard().setText("pear\tfruit\tcar\npear\tapple\t\n \tnothing\t\n")
    tab.view.paste()
    box = dialog(tab.bot, "dialog.add_probes")
    assert child(box, "add_probes.refused").text().startswith("Line 3: A probe needs a text")
    click(box.ok)
    assert saved(tab)[-1] == Probe(5, "pear", "", expected=("fruit", "apple"), unwanted=("car",))
    assert tab.window.context.project.undo_label == "Add probe"
    tab.view.menu.save_numbers(tmp_path / "out.csv")
    tab.view.page.save(tmp_path / "out.html")
    quiet(tab.bot, tab.window)
    page = (tmp_path / "out.html").read_text()
    assert "<b>" not in page and "&lt;b&gt;=1+1&lt;/b&gt;" in page and "<script" not in page
    before = saved(tab)
    tab.window.context.edit(lambda project: project.apply(Compound(tuple(_without(before))), "Delete"))
    assert saved(tab) == []
    from gui.views.explore.probes import adding

    adding.add_file(tab.window.context, tab.window, tmp_path / "out.csv")
    click(dialog(tab.bot, "dialog.add_probes").ok)
    assert {probe.key for probe in saved(tab)} == {probe.key for probe in before}


def _without(probes: list[Probe]) -> list[Any]:
    from core.project.probes import SetProbe

    return [SetProbe(probe.id, None) for probe in probes]


def test_an_empty_tab_says_what_probes_are_for(qtbot, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(app, "EngineService", Engine)
    tab = Tab(qtbot, open_window(qtbot, make_project(tmp_path / "p")))
    assert "know the answer" in tab.view.empty.sentence.text() and not tab.asked()
    click(child(tab.view, "probes.first"))
    assert dialog(qtbot, "dialog.probe_editor").kind == "query"
    dialog(qtbot, "dialog.probe_editor").reject()


def test_the_runs_of_a_probe_are_marks(tab: Tab) -> None:
    tab.answer()
    context = tab.window.context
    project: Any = context.project
    run = project.folder / "runs" / "0001-main"
    save_probes(run, RunProbes(run.name, 6, tuple(project.probes()), **SIDES))
    found = read_probes(run)
    assert found is not None and as_record(found)["texts"] == 6
    context.probes_run.emit(run.name)
    quiet(tab.bot, tab.window)
    assert tab.view.model.lines[0].past == ((run.name, SIDES["tuned"][0]),)
    tip = tab.view.model.index(0, 6).data(Qt.ItemDataRole.ToolTipRole)
    assert "0001-main: fail  rank 3" in tip


def test_a_tab_proposes_a_probe(tab: Tab) -> None:
    tab.page.show_view("query")
    query = tab.page.view("query")
    query.probe_requested.emit(Probe(0, "pear", "", expected=("fruit",)))
    made = dialog(tab.bot, "dialog.probe_editor")
    assert made.windowTitle() == "New probe" and made.query.text() == "pear"
    click(made.ok)
    assert saved(tab)[-1] == Probe(5, "pear", "", expected=("fruit",))
    last(tab.window).do()
    assert tab.page.shown == "probes"
    actions = [action.objectName() for action in query.base.list.actions()]
    assert "explore.base_results.probe" in actions


def test_tab_leaves_the_tables_and_focus_can_be_seen(tab: Tab) -> None:
    tab.answer()
    view = tab.view
    view.table.setFocus()
    for table, after in ((view.table, view.hits.table), (view.hits.table, child(view, "probes.send"))):
        with_focus = table.grab().toImage()
        QTest.keyClick(table, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is after
        QApplication.processEvents()
        assert table.grab().toImage() != with_focus or table is view.hits.table  # no hit is there to stand on
    tabs = tab.page.tabs
    without = tabs.grab().toImage()
    tabs.setFocus(Qt.FocusReason.TabFocusReason)
    QApplication.processEvents()
    assert tabs.grab().toImage() != without
