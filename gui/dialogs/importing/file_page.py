"""One file of the wizard: how it is read, what its columns mean, its first rows, and where they go."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.dataset.importing import Inspection, Reading
from gui.dialogs.importing.destination_form import DestinationForm
from gui.dialogs.importing.entry import Entry
from gui.dialogs.importing.preview import PreviewTable
from gui.dialogs.importing.reading_form import ReadingForm, shown_encoding
from gui.dialogs.importing.repair_bar import RepairBar
from gui.dialogs.importing.roles_form import RolesForm
from gui.dialogs.importing.session import ImportSession
from gui.dialogs.importing.words_form import WordsForm
from gui.widgets.basic import ElidedLabel, EmptyState, button, label

_UNSURE = 0.8  # of the encoding
_FORMS = 150  # pixels that the choices have at least
_REST = 262  # pixels for everything else: the preview with its first rows, the lines around it


class FilePage(QStackedWidget):
    def __init__(self, session: ImportSession) -> None:
        super().__init__()
        self._session = session
        self._entry: Entry | None = None
        self.reading = ReadingForm()
        self.roles = RolesForm()
        self.words = WordsForm()
        self.repair = RepairBar()
        self.preview = PreviewTable()
        self.as_file = button("In the file", kind="tab", name="import.as_file")
        self.as_rows = button("As rows", kind="tab", name="import.as_rows")
        self.destination = DestinationForm()
        self.waiting = EmptyState("import", "Looking at the file…")
        self.broken = EmptyState("warning", "", "Look again", self._look_again)
        self.broken.button.setObjectName("import.look_again")
        self.texts = button("Choose the files of the texts…", name="import.texts", clicked=self._choose_texts)
        self.broken.add(self.texts)
        self._sheet = QWidget()
        self._lay_out()
        for part in (self._sheet, self.waiting, self.broken):
            self.addWidget(part)
        self.reading.changed.connect(self._wish)
        self.roles.changed.connect(self._wish)
        self.words.confirmed.connect(lambda scores: self._change_reading(labels=scores))
        self.repair.changed.connect(lambda on: self._change_reading(repair=on))
        self.destination.changed.connect(self._place)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self._sheet)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.what = ElidedLabel("", "secondary")
        self.what.setObjectName("import.what")
        column.addWidget(self.what)
        self._upper = QWidget()
        self._upper.setObjectName("scrolled")
        inside = QVBoxLayout(self._upper)
        inside.setContentsMargins(0, 0, 10, 0)
        inside.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(24)
        row.addWidget(self.reading, 1)
        row.addWidget(self.roles, 1)
        inside.addLayout(row)
        inside.addWidget(self.words)
        inside.addWidget(self.repair)
        self.words.hide()
        self.repair.hide()
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._upper)
        self._scroll.setFixedHeight(_FORMS)
        column.addWidget(self._scroll)
        tabs = QHBoxLayout()
        tabs.setSpacing(4)
        group = QButtonGroup(self)
        for tab in (self.as_file, self.as_rows):
            tab.setCheckable(True)
            group.addButton(tab)
            tabs.addWidget(tab)
        tabs.addStretch(1)
        self.as_file.setChecked(True)
        group.buttonClicked.connect(lambda _button: self._show_preview())
        column.addLayout(tabs)
        column.addWidget(self.preview, 1)
        self.problem = label("", tone="warning", wrap=True, name="import.question")
        column.addWidget(self.problem)
        self.rejected = ElidedLabel("", "caption")
        self.rejected.setObjectName("import.rejected_first")
        column.addWidget(self.rejected)
        column.addWidget(self.destination)

    def show_entry(self, entry: Entry) -> None:
        self._entry = entry
        found = entry.inspection
        if found is None:
            self.texts.setVisible(entry.wants_texts)
            self.broken.sentence.setText(f"{entry.problem} {entry.hint}".strip())
            self.setCurrentWidget(self.broken if entry.problem else self.waiting)
            return
        self.setCurrentWidget(self._sheet)
        asked = self._pending(entry, found)
        self.what.setText(described(found))
        self.reading.show_reading(found, asked)
        self.roles.show_reading(found, asked)
        self.words.show_words(found, asked)
        self.repair.show_reading(found, asked)
        self._show_preview()
        self.problem.setText("" if entry.waiting else entry.open_question)
        self.problem.setVisible(bool(self.problem.text()))
        self._tell_rejected(found)
        self.destination.show_entry(entry, self._session.datasets())
        self._fit_forms()
        # once more when what was shown or hidden has its size
        QTimer.singleShot(0, self._sheet, self._settle)

    @staticmethod
    def _pending(entry: Entry, found: Inspection) -> Reading:
        """What was asked for; once it was looked at, with the columns that it came to."""
        if entry.waiting:
            return entry.asked
        return replace(entry.asked, mapping=found.reading.mapping, corpus=found.reading.corpus)

    def _show_preview(self) -> None:
        found = self._entry.inspection if self._entry is not None else None
        if found is not None:
            self.preview.show_inspection(found, self.as_rows.isChecked())

    def _tell_rejected(self, found: Inspection) -> None:
        count = len(found.rejected)
        self.rejected.setVisible(bool(count))
        if count:
            first = "; ".join(f"line {item.line}: {item.reason}" for item in found.rejected[:3])
            lines = f"{count:,} line{' is' if count == 1 else 's are'}"
            self.rejected.setText(f"Of the first rows {lines} not taken: {first}{' …' if count > 3 else ''}")

    def _fit_forms(self) -> None:
        """The choices get the height they need while the preview keeps some rows; beyond that they scroll."""
        layout = self._upper.layout()
        assert layout is not None
        layout.activate()
        needed = layout.totalSizeHint().height()
        if layout.hasHeightForWidth():
            needed = layout.totalHeightForWidth(max(200, self._scroll.width()))
        room = max(_FORMS, self.height() - _REST)
        self._scroll.setFixedHeight(min(needed, room))

    def _settle(self) -> None:
        self._fit_forms()
        if self.words.open_question:
            self._scroll.ensureWidgetVisible(self.words, 0, 8)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_forms()

    def _wish(self, reading: Reading) -> None:
        if self._entry is not None:
            self._session.ask(self._entry, reading)

    def _change_reading(self, **choices: object) -> None:
        if self._entry is not None:
            asked = (
                self._pending(self._entry, self._entry.inspection)
                if self._entry.inspection
                else self._entry.asked
            )
            self._session.ask(self._entry, replace(asked, **choices))  # type: ignore[arg-type]

    def _place(self, choices: dict[str, object]) -> None:
        if self._entry is not None:
            self._session.change(self._entry, **choices)

    def _choose_texts(self) -> None:
        names, _filter = QFileDialog.getOpenFileNames(self, "Files of the queries and the documents")
        if names:
            self._change_reading(companions=tuple(Path(name) for name in names))

    def _look_again(self) -> None:
        if self._entry is not None:
            self._session.look_again(self._entry)


def described(found: Inspection) -> str:
    """What the file is, in one line."""
    parts = [found.found or found.kind.upper()]
    if found.encoding:
        sure = "" if found.confidence >= _UNSURE else f", {found.confidence:.0%} sure"
        parts.append(f"{shown_encoding(found.encoding)}{sure}")
    parts.append(f"{len(found.columns)} column{'' if len(found.columns) == 1 else 's'}")
    return " · ".join([*parts, *found.notes])
