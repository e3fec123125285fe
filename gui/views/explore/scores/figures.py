"""What the thresholds of both models do, in figures: a line a model."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from core.similarity.cuts import Side
from core.similarity.thresholds import Cut
from core.words import exactly, fraction, percent
from gui.widgets.basic import label

_COLUMNS = (
    ("threshold", "Threshold", "Pairs that score at least this count as similar"),
    ("precision", "Precision", "Of the pairs that count as similar, how many are"),
    ("recall", "Recall", "Of the similar pairs, how many are found"),
    ("f1", "F1", "Precision and recall in one figure"),
    ("accuracy", "Accuracy", "How many pairs are decided rightly"),
    (
        "auc",
        "AUC",
        "The chance that a similar pair scores higher than a dissimilar one, whatever the threshold",
    ),
    ("tp", "Found", "Similar pairs that count as similar"),
    ("fp", "False match", "Dissimilar pairs that count as similar"),
    ("fn", "Missed", "Similar pairs that do not count as similar"),
    ("tn", "Kept apart", "Dissimilar pairs that do not count as similar"),
)


class Figures(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        self.titles: list[QLabel] = []
        self.cells: list[dict[str, QLabel]] = []
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column, (_, title, tip) in enumerate(_COLUMNS, 1):
            head = label(title, "caption")
            head.setToolTip(tip)
            grid.addWidget(head, 0, column, right)
            grid.setColumnStretch(column, 1)
        for row in range(2):
            name = label("", "strong")
            self.titles.append(name)
            grid.addWidget(name, row + 1, 0)
            cells = {}
            for column, (key, words, _) in enumerate(_COLUMNS, 1):
                cells[key] = label("", "strong" if row else "secondary", name=f"scores.{key}.{row}")
                cells[key].setAccessibleName(words)
                grid.addWidget(cells[key], row + 1, column, right)
            self.cells.append(cells)

    def show_cut(self, row: int, side: Side, cut: Cut) -> None:
        self.titles[row].setText(side.title)
        told = {
            "threshold": exactly(side.cuts.short(cut.threshold)),
            "precision": percent(cut.precision),
            "recall": percent(cut.recall),
            "f1": fraction(cut.f1),
            "accuracy": percent(cut.accuracy),
            "auc": fraction(side.auc),
            "tp": f"{cut.true_positives:,}",
            "fp": f"{cut.false_positives:,}",
            "fn": f"{cut.false_negatives:,}",
            "tn": f"{cut.true_negatives:,}",
        }
        for key, words in told.items():
            known = cut.threshold == cut.threshold or key == "auc"
            self.cells[row][key].setText(words if known else "—")
