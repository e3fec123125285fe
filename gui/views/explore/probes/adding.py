"""Probes that came in a table, from a file or the clipboard: what would be added, what is there already, what is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.errors import DataProblem, FileProblem
from core.project import Change, Project
from core.project.edits import Compound
from core.project.probe_rows import Made, grid_of, probes_of
from core.project.probes import Probe, put
from core.training.probe_table import title, wish
from gui.context import Context
from gui.models.clipboard_text import to_grid
from gui.widgets.basic import brief, button, label, plain_tip
from gui.widgets.table_look import to_read
from gui.workers.job import Job

_MOST_BYTES = 20_000_000
_SHOWN = 200
_KINDS = {"query": "Query", "pair": "Pair", "order": "Order"}


class AddProbesDialog(QDialog):
    """`made` is what would be added. Nothing is written here."""

    def __init__(self, made: Made, source: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.add_probes")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Add probes")
        self.resize(760, 500)
        self.made = made
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(10)
        column.addWidget(label(f"Add probes from {brief(source, 60)}", "title", wrap=True))
        column.addWidget(label(_summary(made), "secondary", wrap=True, name="add_probes.summary"))
        column.addWidget(self._table(made), 1)
        if made.refused:
            said = "\n".join(f"Line {one.line}: {one.reason}" for one in made.refused[:5])
            more = len(made.refused) - 5
            column.addWidget(
                label(
                    said + (f"\nand {more:,} more" if more > 0 else ""),
                    "caption",
                    wrap=True,
                    name="add_probes.refused",
                )
            )
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button("Cancel", name="add_probes.cancel", clicked=self.reject))
        count = len(made.probes)
        self.ok = button(
            f"Add {count:,} probe{'' if count == 1 else 's'}",
            kind="primary",
            name="add_probes.ok",
            clicked=self.accept,
        )
        self.ok.setEnabled(bool(count))
        self.ok.setDefault(True)
        row.addWidget(self.ok)
        column.addLayout(row)

    def _table(self, made: Made) -> QTableWidget:
        shown = made.probes[:_SHOWN]
        table = QTableWidget(len(shown), 3)
        to_read(table, "add_probes.table", "The probes that are added")
        table.setHorizontalHeaderLabels(["Kind", "Probe", "Expected"])
        head = table.horizontalHeader()
        for place in (1, 2):
            head.setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch)
        for row, probe in enumerate(shown):
            for place, words in enumerate((_KINDS[probe.kind], title(probe), wish(probe))):
                item = QTableWidgetItem(brief(words, 300))
                item.setToolTip(plain_tip(words))
                table.setItem(row, place, item)
        return table


def _summary(made: Made) -> str:
    parts = [f"{len(made.probes):,} new"]
    if made.known:
        parts.append(f"{made.known:,} there already")
    if made.refused:
        count = len(made.refused)
        parts.append(f"{count:,} row{' that is' if count == 1 else 's that are'} no probe")
    words = " · ".join(parts)
    if not made.probes:
        words += ". A row is a query, a text it should find, and one it should not; or name the columns in a first row: text, other, expectation, expected, unwanted, k."
    elif len(made.probes) > _SHOWN:
        words += f". The first {_SHOWN} are shown."
    return words


def ask_file(context: Context, window: QWidget) -> None:
    """Choose a CSV file and add the probes in it."""
    name, _ = QFileDialog.getOpenFileName(
        window, "Probes from a table", str(Path.home()), "Tables (*.csv *.tsv *.txt)"
    )
    if name:
        add_file(context, window, Path(name))


def add_file(context: Context, window: QWidget, path: Path) -> None:
    context.run(
        f"Reading {path.name}",
        lambda _job: grid_of(_text(path)),
        on_done=lambda grid: _offer(context, window, lambda: grid, path.name),
    )


def add_pasted(context: Context, window: QWidget, text: str) -> None:
    """Cells as a spreadsheet copies them, or CSV."""
    if not text.strip():
        context.messages.note(
            "There is no text on the clipboard.",
            "Copy a query and a text it should find, side by side, from a spreadsheet.",
        )
        return
    _offer(context, window, lambda: to_grid(text) if "\t" in text else grid_of(text), "the clipboard")


def _offer(context: Context, window: QWidget, grid: Callable[[], list[list[str]]], source: str) -> None:
    project = context.project
    if project is None or not context.editable:
        return
    there = project.probes()

    def done(made: Made) -> None:
        dialog = AddProbesDialog(made, source, window)
        dialog.accepted.connect(lambda: add(context, made.probes))
        dialog.open()

    def work(_job: Job) -> Made:
        return probes_of(grid(), there)

    context.run("", work, on_done=done)


def add(context: Context, probes: tuple[Probe, ...]) -> Change | None:
    """As one step."""
    if not probes:
        return None
    words = "Add probe" if len(probes) == 1 else f"Add {len(probes):,} probes"

    def apply(project: Project) -> Change:
        return project.apply(Compound(tuple(put(probe) for probe in probes)), words, "probes")

    return context.edit(apply)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DataProblem(f"{path.name} is too large for probes.", "Take a part of it.")
        data = path.read_bytes()
    except OSError as error:
        raise FileProblem(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataProblem(f"{path.name} is no text in a known encoding.", "Save it as UTF-8.")
