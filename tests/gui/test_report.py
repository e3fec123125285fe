"""The report of a run from the window: asked for, written as a page or on paper, cancelled, and what the paper does with any block."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QFileDialog, QPushButton

from core.engine.map_store import MapStore
from core.engine.scoring import ROW
from core.errors import Cancelled
from core.project import Reader
from core.report import blocks as b
from core.report.palette import DARK, LIGHT
from core.training import data
from core.training.spec import Spec
from gui.actions import report_flow
from gui.actions.report_flow import PAGE, PAPER
from gui.paper import pdf
from gui.paper.blocks import block
from gui.paper.box import ROOM, Box, Group, sheets
from gui.paper.tables import _columns
from gui.theme import tokens
from tests.gui.run_support import fake_run
from tests.gui.test_runs_page import runs_page, select
from tests.gui.window_support import child, click, in_bar, last, make_project, open_window, quiet

HOSTILE = "<b>bold</b> \x00\x07 \u202ereversed\u2066 \uffff " + "long " * 3000


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = make_project(tmp_path / "p")
    base = _model(tmp_path / "base")
    run = fake_run(folder, best=0.6, reasons={"seed": "So that it repeats."})
    replace(Spec.load(run), base_model=str(base)).save()
    _model(run / "model")
    with Reader(folder) as reader:
        info = reader.datasets()[0]
        rows = list(reader.rows(info.id))
    data.write(run, info.format, 1, rows[:2], rows[2:], info.id)
    fake_run(folder, end="", best=None)
    return folder


def _model(folder: Path) -> Path:
    """As much of a model as can be told from the outside."""
    folder.mkdir()
    module = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}
    (folder / "modules.json").write_text(json.dumps([module]))
    (folder / "model.safetensors").write_bytes(folder.name.encode())
    return folder


class Engine:
    """Answers at once; with `hold`, not before it is let go."""

    def __init__(self, place: Path) -> None:
        self.place, self.asked = place, list[str]()
        self.hold: threading.Event | None = None

    def request(self, op: str, params: dict[str, Any], *, should_stop: Any) -> dict[str, Any]:
        self.asked.append(op)
        while self.hold is not None and not self.hold.wait(0.01):
            if should_stop():
                raise Cancelled
        if op == "map":
            store = MapStore(self.place / "map")
            points = np.random.default_rng(0).normal(size=(2, 8, 2)).astype(np.float32)
            one = np.zeros(8, np.float32)
            arrays = {"group": np.zeros(8, np.int16), "outlier": one > 0}
            store.save(
                {"pca": points, **arrays, "moved": one, "apart": one, "overlap": one + 0.5},
                {"groups": [{"name": "words", "size": 8, "labelled": 0}], "overlap": 0.5, "k": 7},
            )
            return {"folder": str(store.folder)}
        table = np.zeros(4, ROW)
        table["id"], table["similarity"] = [1, 2, 3, 4], np.random.default_rng(len(self.asked)).random(4)
        path = self.place / f"{len(self.asked)}.npy"
        np.save(path, table)
        return {"file": str(path)}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    (tmp_path / "engine").mkdir()
    return Engine(tmp_path / "engine")


def opened(qtbot, project: Path, engine: Engine, monkeypatch):
    window, page = runs_page(qtbot, project)
    monkeypatch.setattr(window.context.engine, "request", engine.request)
    return window, page


def answers(monkeypatch, name: object, filter: str = PAGE) -> list[tuple[Any, ...]]:
    asked = []

    def ask(*words):
        asked.append(words)
        return (str(name) if name else "", filter)

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    return asked


def test_from_the_runs_page_to_a_file_that_opens(qtbot, project, engine, tmp_path, monkeypatch) -> None:
    window, page = opened(qtbot, project, engine, monkeypatch)
    select(qtbot, window, 1)
    asked = answers(monkeypatch, tmp_path / "out.html")
    menu = child(page.details, "runs.more_actions", QPushButton).menu()
    next(one for one in menu.findChildren(QAction) if one.objectName() == "runs.report").trigger()
    quiet(qtbot, window)
    assert Path(asked[0][2]).name == "0001-main-report.html"
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "So that it repeats." in text and "pastel cardigan" in text and text.count("<svg") == 5
    assert engine.asked == ["score_rows", "score_rows", "map"]
    assert in_bar(window) == "The report of run 1 is in out.html."
    shown = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: shown.append(url) or True)
    assert window.message_bar.minimumSizeHint().width() <= 700, "both buttons fit the smallest window"
    click(window.message_bar.other)
    window.context.messages.post(last(window))
    click(window.message_bar.action)
    assert shown == [
        QUrl.fromLocalFile(str(tmp_path / "out.html")),
        QUrl.fromLocalFile(str(tmp_path)),
    ]


def test_on_paper_by_key_from_explore_and_known_scores_are_not_asked_for(
    qtbot, project, engine, tmp_path, monkeypatch
) -> None:
    window, _page = opened(qtbot, project, engine, monkeypatch)
    select(qtbot, window, 2)
    answers(monkeypatch, tmp_path / "two", PAPER)
    window.actions_.perform("run.report")
    quiet(qtbot, window)
    assert (tmp_path / "two.pdf").read_bytes().startswith(b"%PDF") and engine.asked == []
    window.show_page("explore")
    quiet(qtbot, window)
    asked = answers(monkeypatch, tmp_path / "one.pdf", PAPER)
    click(child(window.page("explore"), "explore.report"))
    quiet(qtbot, window)
    assert Path(asked[0][2]).name == "0001-main-report.pdf", "the folder and the format of the last one"
    assert (tmp_path / "one.pdf").stat().st_size > 20_000
    window.actions_.perform("run.report")
    quiet(qtbot, window)
    assert engine.asked.count("score_rows") == 2, "known from the first time"
    assert not list(tmp_path.glob(".*part"))


def test_what_is_chosen_decides_what_can_be_reported(qtbot, project, engine, monkeypatch) -> None:
    window, _page = opened(qtbot, project, engine, monkeypatch)
    select(qtbot, window, 1, 2)
    assert not window.actions_.enabled("run.report"), "of one run"
    assert not window.actions_["run.report"].isEnabled()
    select(qtbot, window, 1)
    assert window.actions_["run.report"].isEnabled(), "its key works, too"
    answers(monkeypatch, "")
    window.actions_.perform("run.report")
    assert window.context.jobs.running == [] and in_bar(window) == ""
    assert window.actions_["run.report"].shortcut().toString() == "Ctrl+Shift+R"
    empty = open_window(qtbot, None)
    assert not empty.actions_.enabled("run.report")


def test_cancelling_leaves_the_older_file(qtbot, project, engine, tmp_path, monkeypatch) -> None:
    window, _page = opened(qtbot, project, engine, monkeypatch)
    engine.hold = threading.Event()
    target = tmp_path / "out.html"
    target.write_text("older")
    select(qtbot, window, 1)
    answers(monkeypatch, target)
    window.actions_.perform("run.report")
    qtbot.waitUntil(lambda: bool(engine.asked))
    assert window.statusbar.work.text().startswith("Report of run 1")
    window.actions_.perform("run.report")
    assert in_bar(window) == "A report is being written."
    click(window.statusbar.cancel)
    quiet(qtbot, window)
    assert target.read_text() == "older"
    engine.hold.set()
    window.actions_.perform("run.report")
    quiet(qtbot, window)
    assert target.read_text().startswith("<!DOCTYPE html>")


def test_a_place_that_cannot_be_written_is_said(
    qtbot, project, engine, tmp_path, monkeypatch, messages
) -> None:
    window, _page = opened(qtbot, project, engine, monkeypatch)
    select(qtbot, window, 2)
    for name, filter in (("out.html", PAGE), ("out.pdf", PAPER)):
        answers(monkeypatch, tmp_path / "nowhere" / name, filter)
        (tmp_path / "nowhere").write_text("a file, no folder")
        window.actions_.perform("run.report")
        quiet(qtbot, window)
        assert messages.errors and "nowhere" in messages.errors[-1].text
    assert len(messages.errors) == 2


def test_the_format_that_was_picked_names_the_file(qtbot, project, engine, tmp_path, monkeypatch) -> None:
    window, _page = opened(qtbot, project, engine, monkeypatch)
    select(qtbot, window, 2)
    (tmp_path / "a.pdf").write_text("older")
    questions = []
    monkeypatch.setattr(report_flow, "confirm", lambda *words, **_: questions.append(words[2]) or False)
    answers(monkeypatch, tmp_path / "a.html", PAPER)
    window.actions_.perform("run.report")
    assert questions == ["a.pdf exists already. The report takes its place."]
    assert (tmp_path / "a.pdf").read_text() == "older" and window.context.jobs.running == []


# -- paper --------------------------------------------------------------------------------------------------------------


def box(height: float) -> Box:
    return Box(height, lambda _painter, _y: None)


def test_groups_stay_whole_and_a_tall_one_repeats_its_head() -> None:
    small = Group((box(100), box(100)), before=10)
    assert [len(one.placed) for one in sheets([small] * 4, 500)] == [4, 4]
    head = box(20)
    tall = Group((box(15), head, *[box(100)] * 9), again=head)
    found = sheets([Group((box(200),)), tall], 500)
    assert [one.placed[0][1] for one in found[1:]] == [head] * (len(found) - 1)
    assert sum(one.placed.count((0.0, head)) for one in found[1:]) == len(found) - 1
    assert all(one.used <= 500 for one in found)
    title = Group((box(30),), with_next=True)
    first, second = sheets([Group((box(400),)), title, small], 600)
    assert len(first.placed) == 1 and second.placed[0][1].height == 30, "no title alone at the foot"
    chain = [Group((box(450),)), title, Group((box(20),), with_next=True), Group((box(380),))]
    assert [len(one.placed) for one in sheets(chain, 600)] == [1, 3], "nor one with a line under it"


def test_any_block_of_any_text_fits_the_sheet(theme, tmp_path) -> None:
    cells = tuple(b.Cell(HOSTILE, "positive", True, True) for _ in range(3))
    heads = (b.Head("A", True, 0.2), b.Head("B", weight=3, tone="negative"), b.Head("", weight=1))
    every: list[b.Block] = [
        b.Paragraph(HOSTILE, "warning"),
        b.Paragraph(""),
        b.Verdict(HOSTILE[:90], HOSTILE[:900], "negative"),
        b.Tiles(tuple(b.Tile("Label", "1.000", HOSTILE[:80]) for _ in range(6))),
        b.Tiles(()),
        b.Table("Caption", heads, tuple(cells for _ in range(40)), HOSTILE[:200], named=True),
        b.Legend((("positive", HOSTILE[:300]),) * 9),
        b.Code(HOSTILE),
        b.Bullets((HOSTILE, "short")),
        b.Subheading("Heading"),
    ]
    for one in every:
        for group in block(one):
            assert all(part.height >= 0 for part in group.boxes)
    report = b.Report("Run 1", HOSTILE, (HOSTILE,), (b.Section("all", HOSTILE, tuple(every)),), HOSTILE)
    count = pdf.write(report, tmp_path / "all.pdf")
    assert count > 5 and (tmp_path / "all.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(Cancelled):
        pdf.write(report, tmp_path / "none.pdf", lambda: True)
    assert not (tmp_path / "none.pdf").exists() and not list(tmp_path.glob(".*"))


def test_columns_share_the_width(theme) -> None:
    for weights in ((1.0,), (0.1, 9.0), (0.05, 0.05, 3.0, 0.05)):
        heads = tuple(
            b.Head("x", number=place % 2 == 0, weight=weight) for place, weight in enumerate(weights)
        )
        found = _columns(b.Table("", heads, ()))
        assert found[-1][0] + found[-1][1] == pytest.approx(found[0][0] + sum_of(found), abs=0.01)
        assert all(width > 0 for _, width in found)
    assert ROOM > 900


def sum_of(columns: list[tuple[float, float]]) -> float:
    return sum(width for _, width in columns) + 12.0 * (len(columns) - 1)


def test_colours_are_the_window_s() -> None:
    for palette, known in ((LIGHT, tokens.LIGHT), (DARK, tokens.DARK)):
        for name, value in palette.items():
            assert name.startswith("hue") or getattr(known, name) == value, name
    assert all(re.fullmatch("#[0-9A-F]{6}", value) for value in (*LIGHT.values(), *DARK.values()))


def test_paper_is_painted_off_the_window_s_thread(theme, tmp_path) -> None:
    found: list[object] = []
    report = b.Report("Run 1", "", (), (b.Section("a", "A", (b.Paragraph("words"),)),), "")

    def work() -> None:
        found.append(pdf.write(report, tmp_path / "a.pdf"))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    assert found == [1]
