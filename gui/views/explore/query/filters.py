"""Which texts a question looks through, and how many it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from core.dataset.formats import DatasetInfo, Format
from gui.context import Context
from gui.widgets.basic import button
from gui.widgets.choice_box import ChoiceBox

WHOLE, UNPAIRED = "whole", "unpaired"
COUNTS = (10, 20, 50, 100, 200)
_USUAL = 20

_SPLITS = (("Any split", ""), ("Train", "train"), ("Eval", "eval"), ("Test", "test"), ("No split", "none"))
_LABELS = (
    ("Any label", ""),
    ("Its known positives", "relation:positive"),
    ("Its known negatives", "relation:negative"),
    ("No label with it", "relation:open"),
    ("Rows without a label", "state:unlabelled"),
    ("Accepted rows", "state:accepted"),
    ("Rejected rows", "state:rejected"),
    ("Skipped rows", "state:skipped"),
    ("Flagged rows", "state:flagged"),
)


@dataclass(frozen=True)
class Choice:
    """`where`: a dataset's id, WHOLE or UNPAIRED; the rest as the engine's search takes it."""

    where: Any = WHOLE
    place: str = ""
    split: str = ""
    state: str = ""
    relation: str = ""
    k: int = _USUAL

    @property
    def narrow(self) -> bool:
        return bool(self.place or self.split or self.state or self.relation)

    def params(self) -> dict[str, Any]:
        return {
            "dataset_id": None if self.where in (WHOLE, UNPAIRED) else self.where,
            "role": "unpaired" if self.where == UNPAIRED else "all",
            "filter": {"place": self.place, "split": self.split, "state": self.state},
            "relation": self.relation,
            "k": self.k,
        }


class FilterBar(QWidget):
    changed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.where = _box("explore.where", "Where to search", 11)
        self.place = _box("explore.role", "In which column the texts stand", 11)
        self.split = _box("explore.split_filter", "In which split their rows are", 7)
        self.label = _box("explore.label_filter", "What is said of them", 12)
        self.count = _box("explore.k", "How many results", 6)
        for words, split in _SPLITS:
            self.split.addItem(words, split)
        for words, said in _LABELS:
            self.label.addItem(words, said)
        self.label.insertSeparator(4)
        for number in COUNTS:
            self.count.addItem(f"Top {number}", number)
        self.count.setCurrentIndex(COUNTS.index(_USUAL))
        self.count.setMaximumWidth(92)
        for box in (self.where, self.place, self.split, self.label):
            row.addWidget(box, 1)
        row.addWidget(self.count, 0)
        self.clear = button(
            "Clear", kind="link", name="explore.clear_filters", tip="Clear the filters", clicked=self.reset
        )
        row.addWidget(self.clear)
        for box in (self.where, self.place, self.split, self.label, self.count):
            box.currentIndexChanged.connect(lambda _place, box=box: self._changed(box))
        self.follow()

    @property
    def choice(self) -> Choice:
        kind, _, said = str(self.label.currentData() or "").partition(":")
        unpaired = self.where.currentData() == UNPAIRED
        return Choice(
            self.where.currentData() or WHOLE,
            "" if unpaired else str(self.place.currentData() or ""),
            "" if unpaired else str(self.split.currentData() or ""),
            said if kind == "state" and not unpaired else "",
            said if kind == "relation" else "",
            int(self.count.currentData()),
        )

    # -- what there is to choose from -----------------------------------------------------------------------------------

    def follow(self) -> None:
        """Search the dataset that the window shows."""
        self.refresh(self._context.dataset_id or WHOLE)

    def refresh(self, chosen: Any = None) -> None:
        """What the project has now; without `chosen` the choice stays where it is still there."""
        project = self._context.project
        before = self.where.currentData() if chosen is None else chosen
        entries: list[tuple[str, Any]] = []
        if project is not None:
            entries = [(info.name, info.id) for info in project.datasets()]
            if project.corpus_texts(0, 1):  # not counted: that looks at each
                entries.append(("Unpaired texts", UNPAIRED))
        entries.append(("Whole project", WHOLE))
        if _fill(self.where, entries, before):
            self._changed(self.where)

    def reset(self) -> None:
        """Every text of what is searched."""
        for box in (self.place, self.split, self.label):
            box.blockSignals(True)
            box.setCurrentIndex(0)
            box.blockSignals(False)
        self._changed(self.label)

    def _changed(self, box: QComboBox) -> None:
        if box is self.where:
            self._columns()
        for other in (self.place, self.split):
            other.setEnabled(self.where.currentData() != UNPAIRED)
        self.clear.setVisible(self.choice.narrow)
        self.changed.emit()

    def _columns(self) -> None:
        """The columns in the words of the format that is searched."""
        project, where = self._context.project, self.where.currentData()
        infos = [info for info in (project.datasets() if project is not None else []) if info.id == where]
        _fill(self.place, _places(infos[0] if infos else None), self.place.currentData())


def _places(info: DatasetInfo | None) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = [("All columns", "")]
    if info is None:
        return [*found, ("Anchors", "anchor"), ("Positives", "positive"), ("Negatives", "negative")]
    if info.format is Format.SCORED:
        found += [("Text A", "anchor"), ("Text B", "other")]
        return [*found, ("Text B, similar", "positive"), ("Text B, dissimilar", "negative")]
    if info.format is Format.CATEGORIES:
        return found
    found += [("Anchors", "anchor"), ("Positives", "positive")]
    if info.format is Format.TRIPLETS:
        found += [("Negatives", "negative"), ("All but anchors", "other")]
    return found


def _fill(box: QComboBox, entries: list[tuple[str, Any]], chosen: Any) -> bool:
    """Whether another entry is chosen now."""
    before = box.currentData()
    box.blockSignals(True)
    box.clear()
    for words, data in entries:
        box.addItem(words, data)
    box.setCurrentIndex(max(0, box.findData(chosen)))
    box.blockSignals(False)
    return bool(box.currentData() != before)


def _box(name: str, title: str, letters: int) -> ChoiceBox:
    made = ChoiceBox(name, title, letters)
    made.setMinimumWidth(64)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return made
