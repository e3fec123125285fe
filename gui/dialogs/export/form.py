"""The choices of an export."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from core.dataset.exporting import SUFFIXES, ExportChoices, Kind, Metadata
from core.dataset.exporting.choices import TEXTS, packed
from gui.dialogs.export.scopes import Scope
from gui.dialogs.new_project import folder_name
from gui.widgets.basic import button, label

_ABOUT = {
    Kind.CSV: "Opens everywhere.",
    Kind.TSV: "Commas stay plain; tabs and line breaks are quoted.",
    Kind.JSONL: "One object a line; no trap for any text.",
    Kind.JSON: "One list of objects.",
    Kind.PARQUET: "Small and quick; the native form of datasets.",
    Kind.XLSX: "For Excel and Calc. Every text is a text, never a formula.",
    Kind.FOLDER: "With a card and its splits, ready for load_dataset and the Hub.",
}
_METADATA = (
    ("Leave them out", Metadata.NONE),
    ("In a file beside the data", Metadata.FILE),
    ("As columns", Metadata.COLUMNS),
)


class ExportForm(QWidget):
    """`changed` says that other rows are meant, `adjusted` that the same rows are written in another way."""

    changed = Signal()
    adjusted = Signal()

    def __init__(self, name: str, scopes: list[Scope], place: Path) -> None:
        super().__init__()
        self._name = name
        self._scopes = scopes
        self._place = place  # where a name without a folder goes
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.scope = self._box(
            "export.scope", "Rows to export", [(scope.title, scope.key) for scope in scopes]
        )
        self._add(column, "Rows", self.scope)
        self.training = QRadioButton("For training")
        self.training.setObjectName("export.training")
        self.everything = QRadioButton("Everything")
        self.everything.setObjectName("export.everything")
        self.training.setChecked(True)
        group = QButtonGroup(self)
        column.addSpacing(4)
        column.addWidget(label("For", "strong"))
        for choice, words in (
            (self.training, "As sentence-transformers takes it; without rejected and unfinished rows."),
            (self.everything, "Every row, also rejected and unlabelled ones."),
        ):
            group.addButton(choice)
            column.addWidget(choice)
            hint = label(words, "caption", wrap=True)
            hint.setContentsMargins(24, 0, 0, 2)
            column.addWidget(hint)
        column.addSpacing(4)
        self.kind = self._box(
            "export.kind", "Format of the file", [(kind.title, kind.value) for kind in Kind]
        )
        self._add(column, "Format", self.kind)
        self.about = label("", "caption", wrap=True)
        column.addWidget(self.about)
        self.bom = QCheckBox("Mark it for Excel (UTF-8 with BOM)")
        self.bom.setObjectName("export.bom")
        self.packed = QCheckBox("Compress it (gzip)")
        self.packed.setObjectName("export.packed")
        self.by_split = QCheckBox("A file each for train, validation and test")
        self.by_split.setObjectName("export.by_split")
        column.addWidget(self.bom)
        column.addWidget(self.packed)
        column.addWidget(self.by_split)
        column.addSpacing(4)
        self.metadata = self._box(
            "export.metadata", "Status, flag, note, split, source", [(t, m.value) for t, m in _METADATA]
        )
        self._add(column, "Status, flag, note, split, source", self.metadata)
        self.place = self._place_row(place)
        column.addStretch(1)
        self.scope.currentIndexChanged.connect(lambda _index: self.changed.emit())
        self.training.toggled.connect(self._purpose_changed)
        self.kind.currentIndexChanged.connect(self._kind_changed)
        self.metadata.currentIndexChanged.connect(lambda _index: self.adjusted.emit())
        self.packed.toggled.connect(lambda _on: self._kind_changed())
        self.bom.toggled.connect(lambda _on: self.adjusted.emit())
        self.by_split.toggled.connect(lambda _on: self.adjusted.emit())
        self.path.textEdited.connect(lambda _text: self.adjusted.emit())
        self._purpose_changed(True)
        self._kind_changed()

    def _place_row(self, place: Path) -> QWidget:
        """Where to write; the dialog puts it below everything, where it is always in sight."""
        self.path = QLineEdit(str(place / f"{folder_name(self._name)}.csv"))
        self.path.setObjectName("export.path")
        self.path.setAccessibleName("File to write")
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(label("To", "strong"))
        line.addWidget(self.path, 1)
        line.addWidget(button("Choose…", name="export.choose", clicked=self._choose))
        return row

    @staticmethod
    def _box(name: str, title: str, items: list[tuple[str, str]]) -> QComboBox:
        box = QComboBox()
        box.setObjectName(name)
        box.setAccessibleName(title)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for words, key in items:
            box.addItem(words, key)
        return box

    @staticmethod
    def _add(column: QVBoxLayout, title: str, widget: QWidget) -> None:
        column.addWidget(label(title, "strong"))
        column.addWidget(widget)

    @property
    def chosen_scope(self) -> Scope:
        return self._scopes[max(0, self.scope.currentIndex())]

    @property
    def chosen_kind(self) -> Kind:
        return Kind(str(self.kind.currentData()))

    @property
    def target(self) -> Path | None:
        """Where to write, with the ending of the format; None while no name is typed."""
        typed = self.path.text().strip()
        try:
            path = self._place / Path(typed).expanduser()
        except RuntimeError:  # "~somebody" whom nobody knows
            return None
        if not typed or not path.name or "\0" in typed:
            return None
        suffix = self._suffix
        if suffix and not path.name.lower().endswith(suffix):
            path = path.with_name(path.name + suffix)
        return path

    @property
    def _suffix(self) -> str:
        kind = self.chosen_kind
        return kind.suffix + (".gz" if kind in TEXTS and self.packed.isChecked() else "")

    def choices(self) -> ExportChoices:
        kind = self.chosen_kind
        text = kind in (Kind.CSV, Kind.TSV)
        return ExportChoices(
            kind,
            self.training.isChecked(),
            Metadata(str(self.metadata.currentData())),
            self.by_split.isChecked() and kind is not Kind.FOLDER,
            self.bom.isChecked() and text,
        )

    def set_splits(self, splits: int) -> None:
        """Only rows of several splits can be parted."""
        self.by_split.setEnabled(splits > 1)
        if splits < 2:
            self.by_split.setChecked(False)

    def _purpose_changed(self, _training: bool) -> None:
        training = self.training.isChecked()
        position = self.metadata.findData(Metadata.COLUMNS.value)
        if training and position >= 0:
            if self.metadata.currentIndex() == position:
                self.metadata.setCurrentIndex(self.metadata.findData(Metadata.FILE.value))
            self.metadata.removeItem(position)
        elif not training and position < 0:
            title, key = _METADATA[-1]
            self.metadata.addItem(title, key.value)
            self.metadata.setCurrentIndex(self.metadata.count() - 1)
        self.changed.emit()

    def _kind_changed(self) -> None:
        kind = self.chosen_kind
        self.about.setText(_ABOUT[kind])
        self.bom.setVisible(kind in (Kind.CSV, Kind.TSV))
        self.packed.setVisible(kind in TEXTS)
        self.by_split.setVisible(kind is not Kind.FOLDER)
        typed = self.path.text().strip()
        if Path(typed).name:
            path = Path(typed)
            path = path.with_suffix("") if packed(path) and Path(path.stem).name else path
            stem = path.with_suffix("") if path.suffix.lower() in SUFFIXES else path
            self.path.setText(str(stem) + self._suffix)
        self.adjusted.emit()

    def _choose(self) -> None:
        here = str(self.target or Path.home())
        kind = self.chosen_kind
        if kind is Kind.FOLDER:
            chosen = QFileDialog.getExistingDirectory(
                self, "Where to make the folder", str(Path(here).parent)
            )
            chosen = str(Path(chosen) / Path(here).name) if chosen else ""
        else:
            chosen, _filter = QFileDialog.getSaveFileName(
                self,
                "Export to",
                here,
                f"{kind.title} (*{self._suffix})",
                options=QFileDialog.Option.DontConfirmOverwrite,  # asked once, for all files, before writing
            )
        if chosen:
            self.path.setText(chosen)
            self.adjusted.emit()
