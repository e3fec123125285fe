"""Before the suggestions for many rows are taken: how many, which scores, and where they come from."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from core.dataset.formats import DatasetInfo, Format
from gui.models import score_text
from gui.models.prescore import Plan
from gui.views.label.assist.score_histogram import ScoreHistogram
from gui.widgets.basic import button, label


class PreScoreDialog(QDialog):
    """`chosen` is the plan to carry out once it was accepted."""

    def __init__(
        self, info: DatasetInfo, plan: Plan, source: str, where: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.prescore")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        scored = info.format is Format.SCORED
        self.setWindowTitle("Suggested scores" if scored else "Suggested decisions")
        self.setMinimumWidth(440)
        self._info, self._plan, self._where = info, plan, where
        self.chosen = plan
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(self.windowTitle(), "title"))
        self.words = label("", wrap=True, name="prescore.words")
        layout.addWidget(self.words)
        self.histogram = ScoreHistogram("prescore.histogram")
        layout.addWidget(self.histogram)
        self.half = QCheckBox("Only the half that the model is surer of")
        self.half.setObjectName("prescore.half")
        self.half.setEnabled(len(plan.found) > 1)
        self.half.toggled.connect(self._show)
        layout.addWidget(self.half)
        kept = "Notes and sources stay; each row's note says that its score was suggested."
        if not scored:
            kept = "Notes and sources stay; each row's note says that the decision was suggested."
        layout.addWidget(label(f"{source} {kept} One undo takes all of them back.", "caption", wrap=True))
        if plan.left_out:
            more = f"These are the surest ones; up to {plan.left_out:,} more rows wait for the next time."
            layout.addWidget(label(more, "caption", wrap=True, name="prescore.more"))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button("Cancel", name="prescore.cancel", clicked=self.reject))
        self.take = button("", kind="primary", name="prescore.take", clicked=self.accept)
        row.addWidget(self.take)
        layout.addLayout(row)
        self.take.setDefault(True)
        self._show()

    def _show(self) -> None:
        self.chosen = self._plan.surer_half() if self.half.isChecked() else self._plan
        count, info = len(self.chosen.found), self._info
        rows = "1 row" if count == 1 else f"{count:,} rows"
        if info.format is Format.SCORED:
            self.words.setText(f"{rows} without a score in {self._where}.")
            low, high = (score_text.plain(end) for end in (info.scale.low, info.scale.high))
            self.take.setText(f"Score {rows}")
        else:
            yes = sum(one.value == "accepted" for one in self.chosen.found)
            self.words.setText(
                f"{rows} that nobody has decided about in {self._where}: {yes:,} to accept, {count - yes:,} to reject."
            )
            low, high = "unlikely", "likely a pair"
            self.take.setText(f"Decide {rows}")
        self.histogram.show_bars(self.chosen.histogram(), low.replace("-", "−"), high)
