"""The tabs on the right of the label page: who is in front, who works, what is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.dataset.formats import DatasetInfo, Example, Format
from core.settings import Settings
from gui.context import Context
from gui.views.label.assist.panel import AssistPanel, AssistTab
from tests.gui.fake_engine import fake_engine
from tests.gui.label_support import PAIRS, Bench, bench


class Probe(AssistTab):
    """Writes down what it hears."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[object] = []

    def show_example(self, example: Example | None, info: DatasetInfo | None) -> None:
        self.heard.append(example.texts[0] if example is not None else None)

    def show_many(self, ids: Sequence[int], info: DatasetInfo) -> None:
        self.heard.append(list(ids))

    def activate(self) -> None:
        self.heard.append("on")

    def deactivate(self) -> None:
        self.heard.append("off")


@pytest.fixture
def made(qtbot: QtBot, context: Context, tmp_path: Path) -> Bench:
    return bench(qtbot, context, tmp_path / "p", Format.PAIRS, PAIRS)


@pytest.fixture
def probe(made: Bench) -> Probe:
    probe = Probe()
    made.page.assist.add_tab("probe", "Probe", "search", probe)
    return probe


def test_only_the_tab_in_front_works_and_all_hear_what_is_chosen(made: Bench, probe: Probe) -> None:
    panel = made.page.assist
    made.at(1, "anchor")
    made.bot.waitUntil(lambda: probe.heard == ["bees love it"])
    panel.choose("probe")
    assert probe.heard == ["bees love it", "on"] and panel.tab == "probe"
    made.select_rows(0, 2)
    made.bot.waitUntil(lambda: probe.heard[-1] == [made.page.model.ids[0], made.page.model.ids[2]])
    made.page.toggle_details()
    assert probe.heard[-1] == "off"
    made.page.toggle_details()
    assert probe.heard[-1] == "on"
    panel.choose("details")
    assert probe.heard[-1] == "off"


def test_the_chosen_tab_is_remembered(made: Bench, probe: Probe) -> None:
    made.page.assist.choose("probe")
    assert Settings.load().assist_tab == "probe"
    again = AssistPanel(made.context.settings, lambda: None)
    made.bot.addWidget(again)
    for key in ("details", "probe"):
        again.add_tab(key, key.title(), "search", AssistTab())
    assert again.tab == "probe"


def test_a_tab_that_is_gone_is_not_missed(qtbot: QtBot, context: Context) -> None:
    context.settings.assist_tab = "of another version"
    panel = AssistPanel(context.settings, context.save_settings)
    qtbot.addWidget(panel)
    panel.add_tab("details", "Details", "details", AssistTab())
    assert panel.tab == "details" and not panel.bar.isVisibleTo(panel)


def test_tabs_by_keys(made: Bench, probe: Probe) -> None:
    fake_engine(made.context)
    panel = made.page.assist
    panel.bar.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(panel.bar.count() - 1):
        QTest.keyClick(panel.bar, Qt.Key.Key_Right)
    assert panel.tab == "probe"
    for _ in range(panel.bar.count() - 1):
        QTest.keyClick(panel.bar, Qt.Key.Key_Left)
    assert panel.tab == "details"
