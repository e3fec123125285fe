"""How a file is read: what was detected, each part changeable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from core.dataset.importing import Inspection, Quoting, Reading
from gui.theme.tokens import CONTROL_HEIGHT
from gui.widgets.basic import ElidedLabel, brief, button, label

_DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar |", "": "None: a text a line"}
_OTHER = "\0other"
_QUOTING = {
    Quoting.QUOTED: "“…” encloses a cell",
    Quoting.PLAIN: "“ is an ordinary sign",
    Quoting.BACKSLASH: "“…”, with \\ for signs inside",
}
_MEMBER = {"xlsx": "Sheet", "ods": "Sheet"}
_MOST_SKIPPED = 10_000


def combo(name: str, title: str) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(title)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    return box


def fill(box: QComboBox, items: list[tuple[str, Any]], chosen: Any) -> None:
    """Show these items with one chosen, without telling anybody."""
    box.blockSignals(True)
    if [(box.itemText(n), box.itemData(n)) for n in range(box.count())] != items:
        box.clear()
        for words, data in items:
            box.addItem(words, data)
    box.setCurrentIndex(next((n for n, (_words, data) in enumerate(items) if data == chosen), -1))
    box.blockSignals(False)


class ReadingForm(QWidget):
    """`changed` carries the wished `Reading`."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._asked = Reading()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(label("How it is read", "section"))
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(4)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        column.addLayout(self._form)
        self.member = combo("import.member", "Part of the file")
        self.encoding = combo("import.encoding", "Encoding")
        self.delimiter = combo("import.delimiter", "Cells are separated by")
        self.other = QLineEdit()
        self.other.setObjectName("import.delimiter_other")
        self.other.setAccessibleName("Another separator")
        self.other.setMaxLength(1)
        self.other.setFixedWidth(44)
        separated = QWidget()
        line = QHBoxLayout(separated)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        line.addWidget(self.delimiter, 1)
        line.addWidget(self.other)
        self.quoting = combo("import.quoting", "Quotation marks")
        self.skip = QLineEdit("0")
        self.skip.setObjectName("import.skip")
        self.skip.setAccessibleName("Lines to pass over at the start")
        self.skip.setValidator(QIntValidator(0, _MOST_SKIPPED, self.skip))
        self.header = QCheckBox("The first row names the columns")
        self.header.setObjectName("import.header")
        self.zeros = QCheckBox("Judgements of 0 are negatives")
        self.zeros.setObjectName("import.zeros")
        self.companions = ElidedLabel("", "caption")
        texts = QWidget()
        line = QHBoxLayout(texts)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.companions, 1)
        line.addWidget(button("Choose…", kind="link", name="import.companions", clicked=self._choose_texts))
        self._texts = texts
        self._rows: dict[str, QWidget] = {}
        self._member_title = label("Sheet")
        for key, title, widget in (
            ("member", self._member_title, self.member),
            ("encoding", label("Encoding"), self.encoding),
            ("delimiter", label("Separated by"), separated),
            ("quoting", label("Quotes"), self.quoting),
            ("skip", label("Pass over lines"), self.skip),
            ("companions", label("Texts from"), texts),
        ):
            title.setMinimumHeight(CONTROL_HEIGHT)
            self._form.addRow(title, widget)
            self._rows[key] = widget
        column.addWidget(self.header)
        column.addWidget(self.zeros)
        self.nothing = label("There is nothing to choose for this kind of file.", "caption", wrap=True)
        column.addWidget(self.nothing)
        column.addStretch(1)
        self.member.currentIndexChanged.connect(lambda _n: self._wish(member=self.member.currentData()))
        self.encoding.currentIndexChanged.connect(lambda _n: self._wish(encoding=self.encoding.currentData()))
        self.delimiter.currentIndexChanged.connect(self._delimiter_chosen)
        self.other.textEdited.connect(self._other_typed)
        self.quoting.currentIndexChanged.connect(
            lambda _n: self._wish(quoting=Quoting(self.quoting.currentData()))
        )
        self.skip.textEdited.connect(self._skip_typed)
        self.header.clicked.connect(lambda on: self._wish(header=on))
        self.zeros.clicked.connect(lambda on: self._wish(zeros=on))

    def show_reading(self, found: Inspection, asked: Reading) -> None:
        """What was detected, overlaid with what was asked for meanwhile."""
        self._asked = asked
        detected, applies = found.reading, found.choices
        encoding = asked.encoding or detected.encoding
        known = list(dict.fromkeys([*found.encodings, *([encoding] if encoding else [])]))
        fill(self.encoding, [(shown_encoding(name), name) for name in known], encoding)
        delimiter = asked.delimiter if asked.delimiter is not None else detected.delimiter
        other = self.other.hasFocus() or (delimiter is not None and delimiter not in _DELIMITERS)
        items: list[tuple[str, Any]] = [(words, sign) for sign, words in _DELIMITERS.items()]
        fill(self.delimiter, [*items, ("Another…", _OTHER)], _OTHER if other else delimiter)
        self.other.setVisible(other)
        if other and not self.other.hasFocus():
            self.other.setText(delimiter or "")
        quoting = asked.quoting or detected.quoting
        fill(
            self.quoting,
            [(words, kind.value) for kind, words in _QUOTING.items()],
            quoting.value if quoting else None,
        )
        members = [(brief(name, 60), name) for name in found.members]
        fill(self.member, members, asked.member or detected.member)
        self._member_title.setText(_MEMBER.get(found.kind, "Part"))
        lines = str((asked.skip if asked.skip is not None else detected.skip) or 0)
        if not self.skip.hasFocus() and self.skip.text() != lines:
            self.skip.setText(lines)
        self.header.setChecked(bool(asked.header if asked.header is not None else detected.header))
        self.zeros.setChecked(asked.zeros)
        named = asked.companions or detected.companions
        self.companions.setText(", ".join(path.name for path in named) or "files beside it")
        self._show_rows(applies, len(found.members))

    def _show_rows(self, applies: frozenset[str], members: int) -> None:
        for key, widget in self._rows.items():
            self._form.setRowVisible(widget, key in applies and (key != "member" or members > 1))
        self.header.setVisible("header" in applies)
        self.zeros.setVisible("zeros" in applies)
        self.nothing.setVisible(not (applies - {"repair"} - ({"member"} if members < 2 else set())))

    def _wish(self, **choices: Any) -> None:
        if "member" in choices or "delimiter" in choices:
            # other columns: what they mean is guessed anew
            choices = {"mapping": None, "corpus": None, "labels": None, **choices}
        self._asked = replace(self._asked, **choices)
        self.changed.emit(self._asked)

    def _delimiter_chosen(self, _index: int) -> None:
        sign = self.delimiter.currentData()
        self.other.setVisible(sign == _OTHER)
        if sign == _OTHER:
            self.other.clear()
            self.other.setFocus()
        else:
            self._wish(delimiter=sign)

    def _other_typed(self, text: str) -> None:
        if text and text not in '"\r\n':
            self._wish(delimiter=text)

    def _skip_typed(self, text: str) -> None:
        if text.isdecimal():
            self._wish(skip=min(int(text), _MOST_SKIPPED))

    def _choose_texts(self) -> None:
        names, _filter = QFileDialog.getOpenFileNames(self, "Files that hold the texts")
        if names:
            self._wish(companions=tuple(Path(name) for name in names))


def shown_encoding(name: str) -> str:
    return {
        "utf-8": "UTF-8",
        "utf-8-sig": "UTF-8 with BOM",
        "utf-16": "UTF-16",
        "utf-16-le": "UTF-16 LE",
        "utf-16-be": "UTF-16 BE",
        "utf-32": "UTF-32",
        "cp1252": "Windows-1252",
        "gb18030": "GB 18030",
    }.get(name, name)
