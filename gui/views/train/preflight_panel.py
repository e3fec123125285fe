"""What to know before the start: steps and time, and what will hurt, with a way to the rows."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.dataset.issues import Issue
from core.training.preflight import Preflight
from core.words import duration
from gui.widgets.basic import Card, button, label, plain_tip, set_tone


class PreflightPanel(Card):
    """`issue_chosen(Issue)` when the person wants to see its rows."""

    issue_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(spacing=6, parent=parent)
        self.setAccessibleName("Before the start")

    def show_result(self, found: Preflight | None) -> None:
        """None: nothing is known yet."""
        self._clear()
        self.setVisible(found is not None)
        if found is None:
            return
        set_tone(self, "error" if found.blocked else "warning" if found.issues else "")
        time = "" if found.seconds is None else f", about {duration(found.seconds)}"
        steps = f"{found.steps:,} step{'' if found.steps == 1 else 's'}{time}"
        self.body.addWidget(label(steps, "strong", name="preflight.cost"))
        count = len(found.issues)
        if not count:
            self.body.addWidget(label("Nothing in the examples stands in the way.", "secondary", wrap=True))
            return
        words = f"{count} thing{'' if count == 1 else 's'} to look at"
        if found.blocked:
            words = "Training cannot start before this is put right"
        self.body.addWidget(label(words, tone="error" if found.blocked else "warning", wrap=True))
        for issue in found.issues:
            self.body.addWidget(self._row(issue, found.where.get(issue.kind, "")))

    def _row(self, issue: Issue, where: str) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(issue.title, tone="error" if issue.blocking else "", wrap=True))
        if where:
            words.addWidget(label(where, "caption", wrap=True, name=f"recipe.rows.{issue.kind}"))
        row.addLayout(words, 1)
        holder.setToolTip(plain_tip(issue.explanation))
        holder.setAccessibleDescription(issue.explanation)
        if issue.ids:
            show = button("Show", kind="link", name=f"recipe.issue.{issue.kind}")
            show.setAccessibleName(f"Show: {issue.title}")
            show.clicked.connect(lambda: self.issue_chosen.emit(issue))
            row.addWidget(show, 0, Qt.AlignmentFlag.AlignTop)
        return holder

    def _clear(self) -> None:
        while (item := self.body.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
