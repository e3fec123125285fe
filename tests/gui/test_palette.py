"""Every action by name, by key and by hand: the command palette, shortcuts, names for assistive technology, the way of Tab."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QScrollBar,
    QWidget,
)

from gui.dialogs.palette import matches
from gui.main_window import PAGES, MainWindow
from gui.views.label.page import LabelPage
from tests.gui.run_support import fake_run
from tests.gui.window_support import child, click, closed, dialog, make_project, open_window, quiet

CONTROLS = (
    QAbstractButton,
    QLineEdit,
    QPlainTextEdit,
    QComboBox,
    QAbstractItemView,
    QAbstractSlider,
    QProgressBar,
)


@pytest.fixture
def window(qtbot, tmp_path: Path) -> MainWindow:
    """A window with all its pages and a run, so that no part is missing."""
    folder = make_project(tmp_path / "p")
    fake_run(folder)
    window = open_window(qtbot, folder)
    for page in PAGES:
        window.show_page(page)
        quiet(qtbot, window)
    window.page("runs").table.selectRow(0)
    window.show_page("label")
    quiet(qtbot, window)
    return window


# -- the palette -------------------------------------------------------------------------------------------------


def palette(qtbot, window: MainWindow):  # type: ignore[no-untyped-def]
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    return dialog(qtbot, "dialog.palette")


def found(box) -> list[str]:
    model = box.list.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_the_palette_finds_and_performs(qtbot, window: MainWindow) -> None:
    box = palette(qtbot, window)
    QTest.keyClicks(box.query, "go runs")
    assert found(box)[0] == "Go to: Runs"
    QTest.keyClick(box.query, Qt.Key.Key_Return)
    assert window.current_page == "runs" and closed(box)
    quiet(qtbot, window)


def test_the_palette_is_walked_by_keys(qtbot, window: MainWindow) -> None:
    box = palette(qtbot, window)
    QTest.keyClicks(box.query, "go to")
    names = found(box)
    assert {"Go to: Label", "Go to: Train", "Go to: Runs", "Go to: Explore"} <= set(names)
    for _ in range(names.index("Go to: Train")):
        QTest.keyClick(box.query, Qt.Key.Key_Down)
    QTest.keyClick(box.query, Qt.Key.Key_Down)
    QTest.keyClick(box.query, Qt.Key.Key_Up)
    QTest.keyClick(box.query, Qt.Key.Key_Return)
    assert window.current_page == "train"
    quiet(qtbot, window)


def test_the_palette_by_mouse_and_escape(qtbot, window: MainWindow) -> None:
    box = palette(qtbot, window)
    box.query.setText("theme: dark")
    place = box.list.visualRect(box.list.model().index(0, 0)).center()
    QTest.mouseClick(box.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.context.theme.tokens.name == "dark"
    window.projects.set_theme("light")
    box = palette(qtbot, window)
    QTest.keyClick(box.query, Qt.Key.Key_Escape)
    assert closed(box) and window.current_page == "label"


def test_the_palette_offers_only_what_can_be_done(qtbot, window: MainWindow) -> None:
    box = palette(qtbot, window)
    assert "Run: Stop and keep" not in found(box) and "Edit: Redo" not in found(box)
    assert "Application: Find an action" not in found(box)
    box.query.setText("zzzz")
    assert found(box) == []
    QTest.keyClick(box.query, Qt.Key.Key_Return)
    QTest.keyClick(box.query, Qt.Key.Key_Escape)


def test_matching_is_by_letters_in_order() -> None:
    assert matches("und", "Edit Undo") is not None
    assert matches("eu", "Edit Undo") is not None
    assert matches("odnu", "Edit Undo") is None
    close, far = matches("undo", "Edit Undo"), matches("eo", "Edit Undo")
    assert close is not None and far is not None and close < far


# -- the list of actions -----------------------------------------------------------------------------------------


def test_every_action_has_a_title_and_an_id_of_its_own(window: MainWindow) -> None:
    specs = window.actions_.specs()
    assert len({spec.id for spec in specs}) == len(specs) >= 25
    for spec in specs:
        assert spec.title.strip() and spec.group.strip(), spec.id
        assert spec.id.count(".") >= 1 and spec.id == spec.id.lower()
    titles = [f"{spec.group}: {spec.title}" for spec in specs]
    assert len(set(titles)) == len(titles)


def test_no_two_actions_share_a_key(window: MainWindow) -> None:
    taken: dict[str, str] = {}
    for action in window.findChildren(QAction):
        if action.shortcutContext() is Qt.ShortcutContext.WidgetShortcut:
            continue  # heard by one list only
        for key in action.shortcuts():
            text = key.toString(QKeySequence.SequenceFormat.PortableText)
            assert text, f"{action.objectName()} has a key that Qt does not understand"
            assert text not in taken, f"{text}: {taken[text]} and {action.objectName()}"
            taken[text] = action.objectName()
    assert len(taken) >= 20


def test_help_lists_every_key(qtbot, window: MainWindow) -> None:
    click(child(window, "nav.help"))
    box = dialog(qtbot, "dialog.help")
    words = [label.text() for label in box.findChildren(QLabel)]
    for spec in window.actions_.specs():
        if spec.shortcut:
            assert any(spec.title.rstrip("…") in text for text in words), spec.id
    box.close()


# -- names and the way of Tab --------------------------------------------------------------------------------------


def described(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName()!r} {widget.accessibleName()!r} in {type(widget.parent()).__name__}"


def of_qt(widget: QWidget) -> bool:
    """Parts that Qt makes and names itself: scroll bars, headers, the field of a combo box, the clear button of a field."""
    parent = widget.parent()
    return (
        isinstance(widget, QScrollBar | QHeaderView)
        or widget.objectName().startswith("qt_")
        or isinstance(parent, QComboBox | QAbstractItemView | QLineEdit)
        or type(parent).__name__ in ("QComboBoxPrivateContainer", "GraphicsView")
        or type(widget).__name__ in ("QTableCornerButton", "QToolTipLabel")
    )


def controls(window: QWidget) -> list[QWidget]:
    return [
        widget
        for widget in window.findChildren(QWidget)
        if isinstance(widget, CONTROLS) and widget.isVisible() and not of_qt(widget)
    ]


def pictures(widget: QWidget) -> bool:
    """A button that only holds a picture: nobody can press it."""
    return (
        isinstance(widget, QAbstractButton)
        and not widget.text()
        and (not widget.isEnabled() or widget.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents))
    )


@pytest.mark.parametrize("page", ["", *PAGES])
def test_every_control_has_names(qtbot, window: MainWindow, page: str) -> None:
    if page:
        window.show_page(page)
        quiet(qtbot, window)
        qtbot.waitUntil(lambda: page != "runs" or window.findChild(QPlainTextEdit, "runs.note") is not None)
    else:
        window.projects.close()
    QApplication.processEvents()
    seen = [widget for widget in controls(window) if not pictures(widget)]
    assert len(seen) >= (3 if not page else 12)
    without = [
        described(widget)
        for widget in seen
        if not widget.objectName()
        or not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
    ]
    assert without == []


def test_dialogs_have_names_too(qtbot, window: MainWindow) -> None:
    for name, opened in (
        ("app.settings", "dialog.settings"),
        ("app.help", "dialog.help"),
        ("app.palette", "dialog.palette"),
    ):
        window.actions_.perform(name)
        box = dialog(qtbot, opened)
        without = [
            described(widget)
            for widget in controls(box)
            if not widget.objectName()
            or not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
        ]
        assert without == []
        box.close()


def way(window: MainWindow) -> list[QWidget]:
    """Where Tab goes, once round."""
    seen: list[QWidget] = []
    window.rail.buttons["label"].setFocus()
    for _ in range(300):
        widget = QApplication.focusWidget()
        if widget is None or widget in seen:
            break
        seen.append(widget)
        QTest.keyClick(widget, Qt.Key.Key_Tab)
    return seen


@pytest.mark.parametrize("page", PAGES)
def test_everything_is_reached_by_tab(qtbot, window: MainWindow, page: str) -> None:
    window.show_page(page)
    quiet(qtbot, window)
    QApplication.processEvents()
    walked = way(window)
    left_out = [
        described(widget)
        for widget in controls(window)
        if widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not any(widget is step or widget.focusProxy() is step for step in walked)
        # The buttons of one exclusive group are one stop; the arrow keys walk inside.
        and not (
            isinstance(widget, QAbstractButton) and widget.group() is not None and widget.group().exclusive()
        )
    ]
    assert left_out == [] and len(walked) >= 8


@pytest.mark.parametrize("page", PAGES)
def test_only_what_another_way_reaches_is_left_out_of_tab(qtbot, window: MainWindow, page: str) -> None:
    window.show_page(page)
    quiet(qtbot, window)
    QApplication.processEvents()
    never = [
        described(widget)
        for widget in controls(window)
        if widget.isEnabled()
        and not widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(widget, QProgressBar)
        and not pictures(widget)
    ]
    assert never == []


def test_tab_goes_through_the_label_page_as_it_is_read(qtbot, window: MainWindow) -> None:
    window.show_page("label")
    quiet(qtbot, window)

    def order(*names: str) -> list[str]:
        return [name for name in (widget.objectName() for widget in way(window)) if name in names]

    above = [
        "label.splits",
        "label.view.save",
        "label.mode.table",
        "label.search",
        "label.add",
        "label.tools",
    ]
    fields = [f"label.details.{key}" for key in ("flag", "split", "text_a", "text_b", "score", "note")]
    assert order(*above) == above and order(*fields) == fields
    page = window.page("label")
    assert isinstance(page, LabelPage)
    for key, first in (("similar", "typed"), ("negatives", "bounds")):
        page.assist.choose(key)
        QApplication.processEvents()
        head = [f"{key}.{name}" for name in (first, "model", "among")]
        assert order(*head) == head
