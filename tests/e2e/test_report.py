"""The report of a run in a real window, through the `main()` that a user starts, with the real engine and small models."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QTableView

from core.dataset.formats import Format
from gui.actions.report_flow import PAGE, PAPER
from gui.main_window import MainWindow
from tests.core import tiny_model
from tests.core.report_support import Page, project_of, run_of
from tests.e2e.robot import child, drive, screenshots


def test_a_page_and_then_paper(qtbot, tmp_path: Path, monkeypatch) -> None:
    base, tuned = (str(tiny_model.build(tmp_path / name, seed=place)) for place, name in enumerate("ab"))
    project = project_of(tmp_path / "project", Format.TRIPLETS)
    run_of(project, base, tuned)
    page, paper = tmp_path / "run.html", tmp_path / "run.pdf"
    targets = [(str(page), PAGE), (str(paper), PAPER)]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: targets.pop(0))

    def steps(window: MainWindow) -> None:
        window.show_page("runs")
        table = child(window, "runs.table", QTableView)
        qtbot.waitUntil(lambda: table.model().rowCount() == 1, timeout=20_000)
        qtbot.waitUntil(window.actions_["run.report"].isEnabled, timeout=20_000)
        for target in (page, paper):
            window.actions_["run.report"].trigger()
            words = f"The report of run 1 is in {target.name}."
            qtbot.waitUntil(lambda words=words: window.message_bar.text.text() == words, timeout=180_000)
        window.grab().save(str(screenshots() / "report-message.png"))

    assert drive([str(project), "--theme", "light"], steps) == 0
    found = Page(page.read_text(encoding="utf-8"))
    assert {"rows", "scores", "map", "use"} <= set(found.sections()) and len(found.svgs) == 5
    assert paper.read_bytes().startswith(b"%PDF") and targets == []
