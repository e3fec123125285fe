"""What one can do with runs: names, columns, curves of anything against anything, comparing, using again, taking away."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLabel, QLineEdit, QPlainTextEdit, QPushButton

from core.errors import ModelProblem
from core.models.export_request import (
    Agreement,
    ExportFormat,
    ExportProgress,
    ExportRequest,
    ExportResult,
)
from core.training.events import (
    BaselineEvent,
    CrossValidationEvent,
    EvaluationEvent,
    FinishedEvent,
    NoticeEvent,
    ProbesEvent,
    RecipeEvent,
    StepEvent,
)
from core.training.runs import create_run_folder
from core.training.search_record import FOLDER, Record, Tried
from gui.models.runs_model import COLUMNS
from gui.views.runs import commands, exports
from gui.views.runs.page import MOST_CURVES, RunsPage
from tests.gui.run_support import fake_run, write
from tests.gui.test_runs_page import cells, runs_page, select, settle, words
from tests.gui.window_support import (
    child,
    click,
    dialog,
    fits,
    in_bar,
    make_project,
    open_window,
    quiet,
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = make_project(tmp_path / "p")
    fake_run(folder, losses=(0.9, 0.5, 0.3), best=0.6)
    fake_run(folder, losses=(0.8, 0.2), base=0.5, best=0.4, learning_rate=3e-4, epochs=3)
    return folder


def entry(page: RunsPage, name: str) -> QAction:
    """An entry of the menu of the run that is shown."""
    menu = child(page.details, "runs.more_actions", QPushButton).menu()
    return next(action for action in menu.findChildren(QAction) if action.objectName() == name)


def test_a_run_is_renamed_and_called_as_before_again(qtbot, project: Path) -> None:
    window, page = runs_page(qtbot, project)
    select(qtbot, window, 1)
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_F2)
    field = child(page.details, "runs.name", QLineEdit)
    assert field.hasFocus() and field.placeholderText() == "main"
    QTest.keyClicks(field, "<b>calm</b> one")
    QTest.keyClick(field, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert cells(page, "Name") == ["main", "<b>calm</b> one"]
    assert (project / "runs" / "0001-main" / "name.txt").read_text() == "<b>calm</b> one"
    assert page.overlay.legend.entries[0].title == "1 <b>calm</b> one"
    assert in_bar(window) == "Run 1 is called “<b>calm</b> one” now."
    click(window.message_bar.action)
    settle(qtbot, window)
    assert cells(page, "Name") == ["main", "main"] and (project / "runs" / "0001-main").is_dir()
    field = child(page.details, "runs.name", QLineEdit)
    field.setFocus()
    QTest.keyClicks(field, "never mind")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    page.table.setFocus()
    settle(qtbot, window)
    assert cells(page, "Name") == ["main", "main"]


def test_columns_are_chosen_and_remembered(qtbot, project: Path) -> None:
    window, page = runs_page(qtbot, project)
    window.resize(1280, 800)

    def shown(page: RunsPage) -> list[str]:
        return [name for number, name in enumerate(COLUMNS) if not page.table.isColumnHidden(number)]

    assert "Verdict" in shown(page) and "Steps" not in shown(page)
    for name in ("Steps", "Preset"):
        next(action for action in page.columns.menu().actions() if action.text() == name).trigger()
    for name in ("Loss", "Dataset", "State"):
        next(action for action in page.columns.menu().actions() if action.text() == name).trigger()
    assert {"Steps", "Preset"} <= set(shown(page)) and not {"Loss", "State"} & set(shown(page))
    window.resize(1024, 640)
    settle(qtbot, window)
    assert page.table.horizontalHeader().length() <= page.table.viewport().width()
    assert shown(page)[0] == "Run" and "Name" in shown(page)
    window.close()
    again = open_window(qtbot, project)
    assert "Steps" in again.context.settings.run_columns and "Loss" not in again.context.settings.run_columns


def test_any_figure_against_any_axis_and_its_numbers(qtbot, project: Path, tmp_path: Path) -> None:
    window, page = runs_page(qtbot, project)
    folder = create_run_folder(project, "metrics")
    write(
        folder,
        [
            BaselineEvent("m", "M", 0.5, 5, {"m": 0.5, "other_metric": 0.1}),
            StepEvent(1, 0.5, 0.9, 1e-5, 2.0, elapsed=10.0),
            EvaluationEvent(1, 0.5, "m", "M", 0.6, 5, {"m": 0.6, "other_metric": None}),
            StepEvent(2, 1.0, 0.4, 2e-5, None, elapsed=30.0),
            EvaluationEvent(2, 1.0, "m", "M", 0.7, 5, {"m": 0.7, "other_metric": 0.3}),
        ],
    )
    window.context.runs_changed.emit()
    settle(qtbot, window)
    select(qtbot, window, 1, 3)
    overlay = page.overlay

    def drawn() -> list[tuple[list[float], list[float]]]:
        curves = [item.getOriginalDataset() for item in overlay.plot.getPlotItem().listDataItems()]
        return [(list(x), list(y)) for x, y in curves if x is not None]

    overlay.smoothing.setValue(0)
    overlay.choose("learning_rate", "time")
    assert ([10, 30], [1e-5, 2e-5]) in drawn()
    overlay.choose("other_metric", "time")
    assert drawn() == [([0, 30], [0.1, 0.3])] and overlay.curves == 1
    overlay.choose("holdout", "epoch")
    assert ([0, 0.5, 1], [0.5, 0.6, 0.7]) in drawn() and overlay.curves == 2
    click(overlay.log)
    overlay.choose("grad_norm")
    overlay.grab()
    target = tmp_path / "numbers.csv"
    overlay.choose("loss")
    overlay.more.save_numbers(target)
    quiet(qtbot, window)
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8"))))
    assert [row["run"] for row in rows] == ["run 3"] * 2 + ["run 1"] * 3
    assert rows[1] == {"run": "run 3", "step": "2.0", "epoch": "1.0", "seconds": "30.0", "loss": "0.4"}
    overlay.more.save_picture(tmp_path / "chart.png")
    assert (tmp_path / "chart.png").stat().st_size > 1000


def test_runs_in_one_chart_have_colours_of_their_own(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    for _ in range(MOST_CURVES + 2):
        fake_run(folder, losses=(0.5, 0.4))
    window, page = runs_page(qtbot, folder)
    select(qtbot, window, 1, 8, 15)  # by their numbers alone they would have one colour
    assert len({entry.colour for entry in page.overlay.legend.entries}) == 3
    page.table.selectAll()
    settle(qtbot, window)
    assert page.overlay.curves == MOST_CURVES
    assert child(page.overlay, "runs.left_out", QLabel).text().startswith("The first 21 of 23")
    assert fits(window, 1024, 640)


def test_any_number_of_runs_side_by_side(qtbot, project: Path) -> None:
    for number in range(4):
        fake_run(project, batch_size=8 + number)
    window, page = runs_page(qtbot, project)
    page.table.selectAll()
    settle(qtbot, window)
    click(child(page.details, "runs.compare", QPushButton))
    box = dialog(qtbot, "dialog.compare")
    lines = dict(line.split("\t", 1) for line in box.text().splitlines())
    assert lines[""].split("\t") == [f"run {n}" for n in (6, 5, 4, 3, 2, 1)]
    assert lines["Batch size"].split("\t") == ["11", "10", "9", "8", "16", "16"]
    assert lines["Epochs"].split("\t")[4] == "3" and "Weight decay" not in lines
    child(box, "compare.all", QCheckBox).setChecked(True)
    assert "Weight decay" in box.text()
    box.close()


def test_the_settings_of_a_run_are_used_again_in_one_step(qtbot, project: Path) -> None:
    window, page = runs_page(qtbot, project)
    store = window.context.project
    assert store is not None
    window.context.edit(lambda project: project.set_recipe({"seed": 1}))
    select(qtbot, window, 2)
    click(child(page.details, "runs.again", QPushButton))
    quiet(qtbot, window)
    assert store.recipe()["epochs"] == 3 and store.recipe()["learning_rate"] == 3e-4
    assert "seed" not in store.recipe()  # the run's is what the recipe gives anyway
    assert window.current_page == "train"
    assert "3" in child(window, "recipe.epochs.value", QPushButton).text()
    assert in_bar(window) == "The recipe of Main has the settings of run 2 now."
    click(window.message_bar.action)
    assert store.recipe() == {"seed": 1}
    window.context.redo()
    assert store.recipe()["epochs"] == 3


def test_settings_that_fit_no_dataset_say_so(qtbot, project: Path) -> None:
    spec = project / "runs" / "0001-main" / "spec.json"
    record = json.loads(spec.read_text())
    spec.write_text(json.dumps({**record, "format": "triplets"}))
    window, page = runs_page(qtbot, project)
    select(qtbot, window, 1)
    click(child(page.details, "runs.again", QPushButton))
    quiet(qtbot, window)
    assert in_bar(window).startswith("There is no dataset of triplets")


def test_the_card_is_plain_text_and_the_folder_opens(qtbot, project: Path, monkeypatch) -> None:
    model = project / "runs" / "0001-main" / "model"
    model.mkdir()
    (model / "modules.json").write_text("[]")
    (model / "README.md").write_text("# Title\n<img src=x> & <b>bold</b>\n")
    window, page = runs_page(qtbot, project)
    select(qtbot, window, 1)
    entry(page, "runs.card").trigger()
    box = dialog(qtbot, "dialog.text")
    assert child(box, "dialog.text.text", QPlainTextEdit).toPlainText().endswith("<b>bold</b>\n")
    click(child(box, "dialog.text.close"))
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: bool(opened.append(url)))
    entry(page, "runs.folder").trigger()
    assert opened[0].toLocalFile().endswith("0001-main") and "0001-main" in window.message_bar.hint.text()
    select(qtbot, window, 2)
    assert not entry(page, "runs.card").isEnabled() and not entry(page, "runs.export.onnx").isEnabled()


def test_exports_go_into_folders_of_their_own(
    qtbot, project: Path, tmp_path: Path, monkeypatch, messages
) -> None:
    model = project / "runs" / "0001-main" / "model"
    model.mkdir()
    (model / "modules.json").write_text("[]")
    out = tmp_path / "out"
    (out / "0001-main-model").mkdir(parents=True)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(out))
    window, page = runs_page(qtbot, project)
    select(qtbot, window, 1)
    entry(page, "runs.export.safetensors").trigger()
    quiet(qtbot, window)
    assert (out / "0001-main-model-2" / "modules.json").is_file()
    assert in_bar(window) == f"The model is in {out / '0001-main-model-2'}."
    entry(page, "runs.script").trigger()
    quiet(qtbot, window)
    assert "data of 0001-main are missing" in in_bar(window)  # the core's own sentence


def test_other_formats_tell_how_close_they_are_or_what_is_missing(
    qtbot, project: Path, tmp_path: Path, monkeypatch, messages
) -> None:
    model = project / "runs" / "0001-main" / "model"
    model.mkdir()
    (model / "modules.json").write_text("[]")
    asked: list[ExportRequest] = []

    def fake(request: ExportRequest, *, on_progress, should_stop) -> ExportResult:  # type: ignore[no-untyped-def]
        asked.append(request)
        on_progress(ExportProgress(50, "half"))
        close = Agreement(120, 0.0012, 0.004, 10, 0.97, 0.99)
        return ExportResult(
            request.out, request.format, request.int8, 23_000_000, 91_000_000, close, "Mind this."
        )

    monkeypatch.setattr(exports, "export_run", fake)
    monkeypatch.setattr(exports, "require_packages", lambda format: None)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    window, page = runs_page(qtbot, project)
    select(qtbot, window, 1)
    entry(page, "runs.export.onnx-int8").trigger()
    quiet(qtbot, window)
    out = tmp_path / "0001-main-onnx-int8"
    assert (asked[0].format.value, asked[0].int8, asked[0].out) == ("onnx", True, out)
    assert in_bar(window) == f"The ONNX model is in {out}." and messages[-1].tone == "warning"
    hint = window.message_bar.hint.text()
    assert (
        hint.startswith("Mind this. 23 MB, before 91 MB.") and "0.0012 on average" in hint and "97 %" in hint
    )

    def missing(format: ExportFormat) -> None:
        raise ModelProblem(f"{format.title} needs packages that are not installed.", "Install them.")

    monkeypatch.setattr(exports, "require_packages", missing)
    entry(page, "runs.export.openvino").trigger()
    assert in_bar(window) == "OpenVINO needs packages that are not installed." and len(asked) == 1


def test_everything_that_a_run_found_is_in_the_panel(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    run = fake_run(folder, losses=(), best=None, end="", folds=5, lora=8, matryoshka="128,64", blend="auto")
    metrics = {
        "title": "Out-of-fold Spearman",
        "base": 0.5,
        "tuned": 0.75,
        "rows": 31,
        "verdict": "Better, by far.",
        "verdict_word": "better",
        "interval": [0.1, 0.4],
        "base_metrics": {"pearson_cosine": 0.45},
        "tuned_metrics": {"pearson_cosine": 0.7},
        "groups": [{"name": "<i>high</i>", "title": "Mean", "rows": 9, "base": 0.4, "tuned": 0.6}],
    }
    write(
        run,
        [
            RecipeEvent(run.name, {}, 31, 0, 3, probes=[["soft girl", "tweed"]]),
            ProbesEvent(0, [0.25]),
            CrossValidationEvent(
                "m",
                "M",
                31,
                5,
                0.5,
                [{"epoch": 2.0, "blend": 0.5, "value": 0.75, "chosen": True}, {"value": "x"}],
            ),
            NoticeEvent("Mind the <b>gap</b>."),
            ProbesEvent(3, [0.125]),
            FinishedEvent(run.name, "", metrics, 3, False, 9.0),
        ],
    )
    (run / FOLDER).mkdir()
    tried = [
        Tried({"loss": "CoSENTLoss", "learning_rate": 1e-4, "loss_parameters": {}}, 0.7, True),
        Tried({"loss": "CosineSimilarityLoss", "learning_rate": 2e-5, "loss_parameters": {}}, 0.8, True),
        Tried({"loss": "CoSENTLoss", "learning_rate": 1e-3, "loss_parameters": {}}, 0.1, False),
    ]
    Record(tried, 75.0, True, 1, "Tried three.").write(run / FOLDER)
    window, page = runs_page(qtbot, folder)
    settle(qtbot, window)
    shown = words(page)
    assert "Search: 3 settings in 1 min 15 s" in shown and "given up" in shown
    first = shown.index("Search: 3 settings in 1 min 15 s") + 1
    assert (
        shown[first].endswith("· chosen")
        and "Cosine similarity" in shown[first]
        and shown[first + 1] == "0.800"
    )
    assert child(page.details, "runs.figures", QLabel).text() == "0.500 → 0.750   +0.250"
    assert "Out-of-fold Spearman, on 31 rows, change +0.100 to +0.400 (95 %)" in shown
    assert "<i>high</i> (9)" in shown and "0.700" in shown and "pearson cosine" in shown
    assert "soft girl ↔ tweed" in shown and "0.12" in shown
    assert "Cross-validation: 31 rows in 5 parts" in shown and "2 epochs · 50 % · chosen" in shown
    assert "Mind the <b>gap</b>." in shown
    for title, value in (("Rank of adapters", "8"), ("Shorter embeddings", "128,64"), ("Keep", "best")):
        assert shown[shown.index(title) + 1] == value
    assert cells(page, "Verdict") == ["better"] and cells(page, "Kept") == ["0.750"]
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in page.details.findChildren(QLabel))


@pytest.mark.skipif(os.name == "nt", reason="needs links and names that this system refuses")
def test_hostile_folders_are_listed_and_break_nothing(qtbot, project: Path, tmp_path: Path) -> None:
    runs = project / "runs"
    (runs / "0003-a\nb\x1b[31m<b>").mkdir()
    (runs / "0004-link").symlink_to(tmp_path)
    hostile = {
        "epochs": "x",
        "loss": "<img src=x>",
        "format": "scored",
        "base_model": "\u202e\x00",
        "dataset_name": "line\nline\u2028" * 900,
    }
    for number, record in (
        (5, hostile),
        (6, {**hostile, "epochs": 1, "loss_parameters": {"<b>": ["\x00"] * 99}}),
    ):
        folder = runs / f"000{number}-main"
        folder.mkdir()
        (folder / "spec.json").write_text(json.dumps(record))
        (folder / "note.txt").write_text("<b>note</b>" * 5_000)
        (folder / "name.txt").write_text("<h1>" + "w" * 3_000)
        (folder / "created.txt").write_text("\x00" * 500)
        (folder / "events.jsonl").write_text(
            '{"event":"evaluation","step":1,"epoch":1e308,"metric":"<m>","title":"<t>","value":NaN,"rows":1,"best":true}\n'
            '{"event":"evaluation","step":1,"epoch":-1,"metric":"<m>","title":"<t>","value":-1e308,"rows":1,"metrics":{"<m>":1e308}}\n'
            '{"event":"step","step":-5,"epoch":0,"loss":1e308,"learning_rate":-1}\n'
            '{"event":"step","step":-5,"epoch":0,"loss":-1e308,"learning_rate":1e-320}\n'
            '{"event":"cross_validation","metric":"m","title":"t","rows":1,"folds":2,"base":null,"points":[{"epoch":[]}]}\n'
            '{"event":"finished","run":"x","model":"/etc","metrics":{"verdict":"<script>","base":1e300,"tuned":-1e300}}\n'
        )
    window, page = runs_page(qtbot, project)
    assert cells(page, "Run") == ["6", "5", "4", "3", "2", "1"]
    assert cells(page, "State")[2] == "not readable"
    assert not any("\n" in text or "\x1b" in text for text in cells(page, "Name"))
    for number in (3, 4, 5, 6):
        select(qtbot, window, number)
        for quantity in ("loss", "holdout", "learning_rate"):
            page.overlay.choose(quantity, "epoch")
            page.overlay.log.toggle()
            page.grab()
    select(qtbot, window, 4)
    assert (
        child(page.details, "runs.problem", QLabel).text()
        == "This is a link to another place. It was not followed."
    )
    select(qtbot, window, 5)
    assert child(page.details, "runs.problem", QLabel).text() == "Its settings (spec.json) are damaged."
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in page.details.findChildren(QLabel))
    select(qtbot, window, 1, 2, 3, 4, 5, 6)
    click(child(page.details, "runs.compare", QPushButton))
    dialog(qtbot, "dialog.compare").close()
    page.grab()
    assert fits(window, 1024, 640)
    window.show_run("0006-main")
    quiet(qtbot, window)
    window.page("train").grab()
    window.show_page("runs")
    select(qtbot, window, 4)
    page.delete(page.selected())
    settle(qtbot, window)
    assert tmp_path.is_dir() and cells(page, "Run") == ["6", "5", "3", "2", "1"]


def test_deleted_runs_come_back_or_go_for_good(qtbot, project: Path, monkeypatch) -> None:
    fake_run(project, losses=(0.5,))
    window, page = runs_page(qtbot, project)
    page.table.selectAll()
    page.delete(page.selected())
    settle(qtbot, window)
    window.message_bar.dismiss()
    assert page.stack.currentWidget() is page.empty
    click(page.deleted)
    box = dialog(qtbot, "dialog.deleted")
    assert [box.table.item(row, 0).text() for row in range(3)] == ["3", "2", "1"]
    box.table.clearSelection()
    assert not box.back.isEnabled()
    box.table.selectRow(1)
    click(box.back)
    settle(qtbot, window)
    assert cells(page, "Run") == ["2"] and page.trash.isVisible()
    asked: list[str] = []
    monkeypatch.setattr(
        commands, "confirm", lambda *words, **_: bool(asked.append(words[1]) or len(asked) > 1)
    )
    for _ in range(2):  # the first time the answer is no
        click(page.trash)
        box = dialog(qtbot, "dialog.deleted")
        box.table.selectRow(0)
        click(box.gone)
        quiet(qtbot, window)
    assert asked == ["Remove Run 3 for good?"] * 2
    assert not (project / "runs" / ".trash" / "0003-main").exists()
    assert (project / "runs" / ".trash" / "0001-main").is_dir() and (project / "runs" / "0002-main").is_dir()


def test_a_double_click_opens_a_run(qtbot, project: Path) -> None:
    window, page = runs_page(qtbot, project)
    select(qtbot, window, 1)
    place = page.table.visualRect(page.proxy.index(1, 1)).center()
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))
    quiet(qtbot, window)
    assert window.current_page == "train" and window.page("train").title.text() == "Run 1"
