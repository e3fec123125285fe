"""Labelling in a real window: the wizard, the table, the review, each helper and the issues, in both themes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QDialog, QPushButton, QWidget

from core.dataset.formats import Example
from gui.main_window import MainWindow
from gui.views.label.page import LabelPage
from tests.e2e.robot import child, drive, screenshots

FILES = {
    "quotes.csv": "anchor;positive\n"
    + "".join(f"It’s never too late {n};Eliot, café {n}\n" for n in range(30)),
    "garbled.csv": "anchor,positive\n" + "".join(f"Itâ€™s never too late {n},cafÃ© {n}\n" for n in range(30)),
    "broken.xlsx": "no workbook at all",
}


def keep(qtbot, widget: QWidget, name: str, pause: int = 250) -> None:
    """A picture for people to look at; it may not be empty or one flat colour."""
    QTest.mouseMove(widget, QPoint(5, 5))
    qtbot.wait(pause)
    picture = widget.grab()
    assert picture.save(str(screenshots() / f"{name}.png"))
    image = picture.toImage()
    seen = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
    assert len(seen) > 15, name


@pytest.mark.parametrize(("theme", "size"), [("light", (1280, 800)), ("dark", (1024, 640))])
def test_pictures(qtbot, example: Path, tmp_path: Path, theme: str, size: tuple[int, int]) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    def steps(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.current_page == "label", timeout=20_000)
        window.resize(*size)
        page = window.page("label")
        assert isinstance(page, LabelPage)
        context = window.context
        assert context.project is not None and context.dataset_id is not None
        first = context.project.examples(context.project.ids(context.dataset_id)[:1])[0]
        context.add_examples([first, Example((first.texts[0], first.texts[1]), 1.0, "1"), Example(("a", ""))])
        qtbot.waitUntil(lambda: page.watch.report.count > 0 and not page.watch.busy, timeout=30_000)
        keep(qtbot, window, f"labelling-table-{theme}")
        helpers(qtbot, window, page, theme)
        page.show_issues()
        qtbot.wait(200)
        keep(qtbot, window, f"labelling-issues-{theme}")
        page.show_issues(page.watch.report.issues[0])
        keep(qtbot, window, f"labelling-issue-{theme}")
        page.side.choose("all", "")
        child(window, "label.mode.review", QPushButton).click()
        keep(qtbot, window, f"labelling-review-{theme}")
        child(window, "label.mode.table", QPushButton).click()
        wizard(qtbot, window, tmp_path, theme)

    assert drive([str(example), "--theme", theme], steps) == 0


def helpers(qtbot, window: MainWindow, page: LabelPage, theme: str) -> None:
    """Each tab beside the table; the texts of the lists are found by the real engine."""
    if not page.assist.isVisible():
        page.toggle_details()
    for key in ("similar", "negatives", "suggest"):
        page.assist.choose(key)
        if key == "similar":
            lists = page.assist.findChildren(QAbstractItemView)
            qtbot.waitUntil(
                lambda lists=lists: any(view.isVisible() and view.model().rowCount() for view in lists),
                timeout=60_000,
            )
        else:
            qtbot.wait(1500)
        keep(qtbot, window, f"labelling-{key}-{theme}")
    page.assist.choose("details")


def wizard(qtbot, window: MainWindow, folder: Path, theme: str) -> None:
    window.imports.show([folder / name for name in FILES])
    qtbot.waitUntil(lambda: window.findChild(QDialog, "dialog.import") is not None, timeout=10_000)
    dialog = child(window, "dialog.import", QDialog)
    qtbot.waitUntil(lambda: not dialog.working, timeout=20_000)
    qtbot.wait(400)
    keep(qtbot, dialog, f"labelling-wizard-{theme}")
    dialog.reject()
