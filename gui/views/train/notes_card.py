"""The card beside the hold-out: what happened in words, the watched pairs, the hold-out in parts, and the learning curve."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QStackedWidget, QWidget

from core.training.events import BaselineEvent, EvaluationEvent
from gui.context import Context
from gui.views.train.change_table import Change, ChangeTable
from gui.views.train.curve_panel import ASK, CurvePanel
from gui.views.train.journal import Journal
from gui.views.train.probes_panel import ProbesPanel
from gui.widgets.basic import Card, button, label


class NotesCard(Card):
    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.journal = Journal()
        self.probes = ProbesPanel(context)
        self.parts = ChangeTable("train.parts", "The hold-out in parts", "Part of the hold-out")
        self._no_parts = label(
            "The hold-out of this run has no parts: its rows share no score and no anchor.",
            "secondary",
            wrap=True,
        )
        self._no_parts.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._base: dict[str, float | None] = {}
        self.stack = QStackedWidget()
        self._tabs = QButtonGroup(self)
        self.body.addLayout(self.head)
        self.head.setSpacing(2)
        holder = QStackedWidget()
        holder.addWidget(self._no_parts)
        holder.addWidget(self.parts)
        self._holder = holder
        self.curve = CurvePanel(context)
        pages = (
            ("Report", self.journal),
            ("Probes", self.probes),
            ("Parts", holder),
            ("Labels?", self.curve),
        )
        for number, (title, page) in enumerate(pages):
            tab = button(title, kind="tab", name=f"train.tab.{title.split()[0].lower().rstrip('?')}")
            tab.setCheckable(True)
            tab.setChecked(number == 0)
            self._tabs.addButton(tab, number)
            self.head.addWidget(tab)
            self.stack.addWidget(page)
        self._tabs.button(0).setToolTip("What happened: the verdict and everything that the run said")
        self._tabs.button(3).setToolTip(ASK)
        self._tabs.button(3).setAccessibleName(ASK)
        self.head.addStretch(1)
        self._tabs.idClicked.connect(self.stack.setCurrentIndex)
        self.body.addWidget(self.stack, 1)

    def show_curve(self) -> None:
        self._tabs.button(3).click()

    def clear_run(self) -> None:
        self.journal.clear()
        self.probes.start(())
        self._base = {}
        self._show_parts([])

    def take_baseline(self, event: BaselineEvent) -> None:
        self._base = {str(group["name"]): group.get("value") for group in event.groups}
        self._show_parts(event.groups)

    def take_evaluation(self, event: EvaluationEvent) -> None:
        if event.groups:
            self._show_parts(event.groups)

    def _show_parts(self, groups: list[dict[str, Any]]) -> None:
        self._holder.setCurrentIndex(int(bool(groups)))
        self.parts.show_changes(
            [
                Change(
                    f"{group['name']}  ({group.get('rows', 0):,})",
                    self._base.get(str(group["name"])),
                    group.get("value"),
                    tip=f"{group['name']}\n{group.get('title', '')} over {group.get('rows', 0):,} rows",
                )
                for group in groups
            ]
        )
