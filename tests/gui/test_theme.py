"""Colours that can be read, in both themes; changing the theme while everything is open."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton, QWidget

from core.paths import RESOURCES
from core.settings import Settings
from gui.main_window import PAGES
from gui.theme import icons
from gui.theme.manager import ThemeManager
from gui.theme.style import style_sheet
from gui.theme.tokens import DARK, LIGHT, RUN_COLOURS, TEXT_PAIRS, Tokens, contrast
from tests.gui.run_support import fake_run
from tests.gui.window_support import child, dialog, make_project, open_window, quiet

THEMES = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])


def test_contrast_is_the_standard_one() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)  # the known grey that just fails
    assert contrast("#123456", "#123456") == 1


@THEMES
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_can_be_read(tokens: Tokens, ink: str, ground: str) -> None:
    assert contrast(getattr(tokens, ink), getattr(tokens, ground)) >= 4.5


@THEMES
def test_curves_stand_out(tokens: Tokens) -> None:
    assert len(set(RUN_COLOURS[tokens.name])) == len(RUN_COLOURS[tokens.name])
    for colour in RUN_COLOURS[tokens.name]:
        assert contrast(colour, tokens.surface) >= 3  # graphical objects


@THEMES
def test_the_style_sheet_is_filled_in(tokens: Tokens) -> None:
    text = style_sheet(tokens)
    assert "$" not in text
    for icon in re.findall(r"url\(\"?([^\")]+)\"?\)", text):
        assert Path(icon).is_file(), icon


@THEMES
def test_text_in_the_style_sheet_is_a_pair_of_the_list(tokens: Tokens) -> None:
    """Every rule that sets ink and ground together uses a pair whose contrast is checked above."""
    source = (RESOURCES / "themes" / "window.qss").read_text(encoding="utf-8")
    for rule in re.findall(r"\{([^}]*)\}", source):
        ink = re.search(r"(?<![-\w])color:\s*\$(\w+)", rule)
        ground = re.search(r"background(?:-color)?:\s*\$(\w+)", rule)
        if ink and ground and ink.group(1) != "line_strong":  # disabled text is exempt
            assert (ink.group(1), ground.group(1)) in TEXT_PAIRS or contrast(
                getattr(tokens, ink.group(1)), getattr(tokens, ground.group(1))
            ) >= 4.5, rule


@THEMES
def test_every_icon_can_be_drawn(qapp, theme, tokens: Tokens) -> None:
    for file in sorted((RESOURCES / "icons").glob("*.svg")):
        image = icons.pixmap(file.stem, tokens.text, 20).toImage()
        assert any(image.pixelColor(x, y).alpha() for x in range(20) for y in range(20)), file.name


def test_switching_restyles_every_page_and_is_remembered(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    fake_run(folder)
    window = open_window(qtbot, folder, "--theme", "light")
    for page in PAGES:
        window.show_page(page)
        quiet(qtbot, window)
    for name, tokens in (("dark", DARK), ("light", LIGHT), ("dark", DARK)):
        window.actions_.perform(f"app.theme.{name}")
        assert window.context.theme.tokens is tokens
        assert tokens.window in QApplication.instance().styleSheet()
        for page in PAGES:
            window.show_page(page)
            quiet(qtbot, window)
            image = window.grab().toImage()
            ground = image.pixelColor(image.width() // 2, image.height() - 40).lightness()
            assert (ground < 80) == (name == "dark"), page
        assert Settings.load().theme == name
    window.close()
    again = open_window(qtbot)
    assert again.context.theme.tokens is DARK
    again.actions_.perform("app.theme.light")


def test_the_settings_dialog_changes_it_at_once(qtbot) -> None:
    window = open_window(qtbot, None, "--theme", "light")
    window.actions_.perform("app.settings")
    box = dialog(qtbot, "dialog.settings")
    choice = child(box, "settings.theme", QComboBox)
    choice.setCurrentIndex(choice.findData("dark"))
    assert window.context.theme.tokens is DARK and Settings.load().theme == "dark"
    choice.setCurrentIndex(choice.findData("light"))
    threads = child(box, "settings.threads", QComboBox)
    threads.setCurrentIndex(threads.count() - 1)
    assert Settings.load().threads == threads.currentData()
    box.close()


def test_the_theme_of_the_command_line_is_not_saved(qtbot) -> None:
    window = open_window(qtbot, None, "--theme", "dark")
    assert window.context.theme.tokens is DARK
    window.close()
    assert Settings.load().theme == "system"
    window.context.theme.set_mode("light")


def test_another_theme_in_a_large_window_takes_a_fraction_of_what_qt_takes_to_swap_sheets(
    qapp: QApplication, qtbot, theme: ThemeManager
) -> None:
    """By what the thread computes; a window of every page has more than a thousand widgets."""
    window = QWidget()
    qtbot.addWidget(window)
    inner = window
    for _ in range(16):
        inner = QWidget(inner)
        for number in range(30):
            QPushButton(str(number), inner)
    window.show()

    def seconds(act: Callable[[], object]) -> float:
        began = time.thread_time()
        act()
        return time.thread_time() - began

    swapped = seconds(lambda: qapp.setStyleSheet(style_sheet(DARK)))
    ours = [seconds(lambda mode=mode: theme.set_mode(mode)) for mode in ("dark", "light")]
    assert min(ours) < swapped / 2
    assert theme.tokens is LIGHT and qapp.styleSheet() == style_sheet(LIGHT)
