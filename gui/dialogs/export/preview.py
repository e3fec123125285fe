"""What an export will write: counts, cautions, files and the first rows."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from core.dataset.exporting import (
    CellMaker,
    ExportChoices,
    Kind,
    Metadata,
    Survey,
    column_names,
    possible_files,
)
from core.dataset.exporting.columns import META
from core.dataset.formats import DatasetInfo
from gui.widgets.basic import label, set_tone
from gui.widgets.table_look import to_read

_LONGEST = 160
_ROW_HEIGHT = 28
_NARROW = 84
_TEXT = 150


class ExportPreview(QWidget):
    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label("What is written", "section"))
        self.counts = label("", wrap=True, name="export.counts")
        column.addWidget(self.counts)
        self.left_out = label("", "caption", wrap=True, name="export.left_out")
        column.addWidget(self.left_out)
        self.table = QTableWidget()
        to_read(self.table, "export.preview", "The first rows as they are written", _ROW_HEIGHT)
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.setHorizontalScrollMode(QTableWidget.ScrollMode.ScrollPerPixel)
        column.addWidget(self.table, 1)
        self.caution = label("", tone="warning", wrap=True, name="export.caution")
        column.addWidget(self.caution)
        self.files = label("", "caption", wrap=True, name="export.files")
        column.addWidget(self.files)

    def show_waiting(self) -> None:
        self.counts.setText("Counting the rows…")
        self.left_out.hide()
        self.caution.hide()

    def show_survey(
        self, info: DatasetInfo, choices: ExportChoices, found: Survey, path: Path | None
    ) -> None:
        rows = f"{found.rows:,} row{'' if found.rows == 1 else 's'}"
        self.counts.setText(f"{rows} · {', '.join(column_names(info, choices))}")
        missing = sum(found.left_out.values())
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in found.left_out.items())
        self.left_out.setText(f"{missing:,} left out: {reasons}.")
        self.left_out.setVisible(bool(missing))
        self._fill(info, choices, found)
        caution, tone = caution_of(choices, found)
        self.caution.setText(caution)
        set_tone(self.caution, tone)
        self.caution.setVisible(bool(caution))
        self.files.setText(files_of(choices, found, path))

    def _fill(self, info: DatasetInfo, choices: ExportChoices, found: Survey) -> None:
        names = column_names(info, choices)
        cells = CellMaker(info, choices)
        self.table.setColumnCount(len(names))
        self.table.setHorizontalHeaderLabels(names)
        self.table.setRowCount(len(found.sample))
        for row, example in enumerate(found.sample):
            for column, value in enumerate(cells(example)):
                text = "" if value is None else value if isinstance(value, str) else repr(value)
                self.table.setItem(row, column, QTableWidgetItem(" ".join(text[:_LONGEST].split())))
        self._share_width()
        QTimer.singleShot(
            0, self, self._share_width
        )  # once more when it is known whether there is a scroll bar

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        """The texts share what scores, labels and the columns for people leave."""
        names = [
            item.text() if (item := self.table.horizontalHeaderItem(n)) else ""
            for n in range(self.table.columnCount())
        ]
        if not names:
            return
        texts = [n for n, name in enumerate(names) if name not in (*META, "score", "label")]
        room = self.table.viewport().width() - _NARROW * (len(names) - len(texts))
        for n in range(len(names)):
            self.table.setColumnWidth(n, max(_TEXT, room // len(texts)) if n in texts else _NARROW)


def caution_of(choices: ExportChoices, found: Survey) -> tuple[str, str]:
    """What a person should know before writing, and its tone; "error" where the export cannot be written so."""
    if choices.kind is Kind.XLSX and found.too_long:
        named = ", ".join(map(str, found.too_long_rows)) + (
            ", …" if found.too_long > len(found.too_long_rows) else ""
        )
        rows = "Row" if found.too_long == 1 else "Rows"
        return (
            f"{rows} {named}: a text is longer than the 32,767 characters that an Excel cell holds. "
            "Choose CSV, JSON lines or Parquet, which keep every text whole.",
            "error",
        )
    if choices.metadata is Metadata.COLUMNS:
        return (
            "The last columns are for people: a trainer would take them for texts. Take them away before training.",
            "warning",
        )
    if found.rejected and choices.metadata is Metadata.NONE:
        rows = "1 rejected row is" if found.rejected == 1 else f"{found.rejected:,} rejected rows are"
        return f"{rows} among them, and nothing in the file tells which.", "warning"
    if choices.kind in (Kind.CSV, Kind.TSV) and found.like_missing:
        rows = f"{found.like_missing:,} row{'' if found.like_missing == 1 else 's'}"
        return (
            f"{rows} with a text such as “NA” or “null”: pandas reads these as missing unless told otherwise. "
            "JSON lines and Parquet have no such trap.",
            "warning",
        )
    return "", ""


def files_of(choices: ExportChoices, found: Survey, path: Path | None) -> str:
    if path is None:
        return ""
    if choices.kind is Kind.FOLDER:
        parts = ["README.md", "data/"] + (["metadata/"] if choices.metadata is Metadata.FILE else [])
        return f"A new folder “{path.name}” with {', '.join(parts)}"
    names = [file.name for file in possible_files(path, choices, found.splits or ("",))]
    return f"{'File' if len(names) == 1 else 'Files'}: {', '.join(names)}"
