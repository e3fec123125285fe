"""Where the rows of a file go: a new dataset, one that is there, or the project's unpaired texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from core.dataset.formats import DatasetInfo
from gui.dialogs.importing.entry import NEW, Entry, fits
from gui.dialogs.importing.reading_form import combo, fill
from gui.widgets.basic import brief, label

_SPLITS = (("left open", ""), ("train", "train"), ("eval", "eval"), ("test", "test"))


class DestinationForm(QWidget):
    """`changed` carries {field of Entry: value}."""

    changed = Signal(dict)

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label("Into", "strong"))
        self.corpus = label(
            "the unpaired texts of the project, for similar texts and hard negatives", "secondary", wrap=True
        )
        row.addWidget(self.corpus, 1)
        self.place = combo("import.destination", "Where the rows go")
        row.addWidget(self.place, 2)
        self.name = QLineEdit()
        self.name.setObjectName("import.name")
        self.name.setAccessibleName("Name of the new dataset")
        self.name.setPlaceholderText("Name")
        self.name.setMaxLength(200)
        row.addWidget(self.name, 3)
        self.split_title = label("Split")
        row.addWidget(self.split_title)
        self.split = combo("import.split", "Split of all rows of this file")
        self.split.setFixedWidth(104)
        row.addWidget(self.split)
        self.place.currentIndexChanged.connect(
            lambda _n: self.changed.emit({"destination": str(self.place.currentData()), "chosen": True})
        )
        self.name.textEdited.connect(lambda text: self.changed.emit({"name": text, "chosen": True}))
        self.split.currentIndexChanged.connect(
            lambda _n: self.changed.emit({"split": str(self.split.currentData())})
        )

    def show_entry(self, entry: Entry, datasets: Sequence[DatasetInfo]) -> None:
        corpus = entry.corpus
        self.corpus.setVisible(corpus)
        for part in (self.place, self.name, self.split_title, self.split):
            part.setVisible(not corpus)
        if corpus:
            return
        fitting = [info for info in datasets if fits(entry, info)]
        items: list[tuple[str, Any]] = [("a new dataset", NEW)]
        items += [(f"{brief(info.name, 40)} · {info.rows:,} rows", str(info.id)) for info in fitting]
        fill(self.place, items, entry.destination)
        self.name.setVisible(entry.destination == NEW)
        if self.name.text() != entry.name:
            self.name.setText(entry.name)
        mapping = entry.inspection.mapping if entry.inspection is not None else None
        own = mapping is not None and "split" in mapping.columns
        self.split.setVisible(not own)
        self.split_title.setVisible(not own)
        fill(self.split, list(_SPLITS), entry.split)
