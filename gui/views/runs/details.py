"""One run in words, or what differs between two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.training.runs import Run
from core.training.spec import Spec
from gui.models.runs_model import STATES, started
from gui.views.train.recipe_row import shown
from gui.widgets.basic import Chip, ElidedLabel, button, label, separator

_SETTINGS = (
    "loss",
    "base_model",
    "batch_size",
    "epochs",
    "learning_rate",
    "warmup_steps",
    "weight_decay",
    "seed",
    "holdout",
    "precision",
    "dropout",
    "evaluation_name",
    "eval_steps",
)
_MOST_COMPARED = 3  # columns of values that the panel has room for
_TONES = {
    "finished": "positive",
    "stopped": "positive",
    "running": "accent",
    "failed": "negative",
    "interrupted": "warning",
}


def settings_of(spec: Spec) -> dict[str, Any]:
    """A spec's settings under the keys that people know."""
    values = {key: getattr(spec, key) for key in _SETTINGS}
    values.update({f"loss.{key}": value for key, value in spec.loss_parameters.items()})
    values["dataset"] = spec.dataset_name
    return values


class RunDetails(QFrame):
    open_requested = Signal(str)
    explore_requested = Signal(str)
    continue_requested = Signal(object)  # Run
    delete_requested = Signal(object)  # list[Run]
    export_requested = Signal(object)  # Run
    note_changed = Signal(object, str)  # Run, text

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("details")
        self.setFixedWidth(300)
        self._runs: list[Run] = []
        self._note: QPlainTextEdit | None = None
        self._saved_note = ""
        self._editable = True
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer.addWidget(self._scroll)
        self.show_runs([])

    def show_runs(self, runs: Sequence[Run], *, editable: bool = True) -> None:
        if runs and (list(runs), editable) == (self._runs, self._editable):
            return  # nothing new: whoever is writing a note keeps the cursor
        self.keep_note()
        self._runs, self._note, self._editable = list(runs), None, editable
        inside = QWidget()
        inside.setObjectName("scrolled")
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(8)
        if not runs:
            column.addWidget(
                label("Select a run to see what it used and what came out.", "secondary", wrap=True)
            )
        elif len(runs) == 1:
            self._one(column, runs[0])
        else:
            self._several(column, list(runs))
        column.addStretch(1)
        self._scroll.setWidget(inside)

    def _one(self, column: QVBoxLayout, run: Run) -> None:
        head = QHBoxLayout()
        head.addWidget(label(f"Run {run.number}", "section"))
        head.addStretch(1)
        head.addWidget(Chip(STATES.get(run.status, run.status), _TONES.get(run.status, "")))
        column.addLayout(head)
        column.addWidget(label(started(run), "caption"))
        if run.finished is not None:
            column.addWidget(
                label(str(run.finished.metrics.get("verdict", "")), wrap=True, name="runs.verdict")
            )
        elif run.failed is not None:
            column.addWidget(
                label(f"{run.failed.message} {run.failed.hint}".strip(), tone="error", wrap=True)
            )
        elif run.status == "interrupted":
            column.addWidget(
                label(
                    "The run ended before it could save a model. Its curve and its data are kept.",
                    tone="warning",
                    wrap=True,
                )
            )
        usable = run.status in ("finished", "stopped")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(
            button("Open", name="runs.open", clicked=lambda: self.open_requested.emit(run.folder.name))
        )
        if usable:
            row.addWidget(
                button(
                    "Explore",
                    name="runs.explore",
                    clicked=lambda: self.explore_requested.emit(run.folder.name),
                )
            )
            row.addWidget(
                button("Export…", name="runs.export", clicked=lambda: self.export_requested.emit(run))
            )
        if run.resumable and self._editable:
            go_on = button(
                "Continue", name="runs.continue", clicked=lambda: self.continue_requested.emit(run)
            )
            go_on.setToolTip("Train on from the run's last checkpoint")
            row.addWidget(go_on)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(separator())
        column.addWidget(label("Note", "caption"))
        note = QPlainTextEdit(run.note)
        note.setObjectName("runs.note")
        note.setAccessibleName("Note")
        note.setPlaceholderText("What you tried, what you saw")
        note.setFixedHeight(64)
        note.setTabChangesFocus(True)
        note.installEventFilter(self)
        note.setReadOnly(not self._editable)
        self._note, self._saved_note = note, run.note
        column.addWidget(note)
        if run.spec is not None:
            column.addWidget(separator())
            self._table(column, [(key, [shown(value)]) for key, value in settings_of(run.spec).items()])
        column.addWidget(separator())
        self._delete(column, [run])

    def _several(self, column: QVBoxLayout, runs: list[Run]) -> None:
        column.addWidget(label(f"{len(runs)} runs", "section"))
        specs = [run.spec for run in runs if run.spec is not None]
        values = [settings_of(spec) for spec in specs]
        keys = list(dict.fromkeys(key for item in values for key in item))
        different = [key for key in keys if len({repr(item.get(key)) for item in values}) > 1]
        if len(specs) < 2 or not different:
            column.addWidget(label("They used the same settings.", "secondary", wrap=True))
        else:
            column.addWidget(label("Settings that differ", "caption"))
            numbers = [f"run {run.number}" for run in runs if run.spec is not None]
            rows = [(key, [shown(item.get(key)) for item in values[:_MOST_COMPARED]]) for key in different]
            self._table(column, [("", numbers[:_MOST_COMPARED]), *rows])
            if len(numbers) > _MOST_COMPARED:
                others = ", ".join(number.removeprefix("run ") for number in numbers[_MOST_COMPARED:])
                column.addWidget(label(f"Not beside them: run {others}", "caption", wrap=True))
        column.addWidget(separator())
        self._delete(column, runs)

    def _table(self, column: QVBoxLayout, rows: list[tuple[str, list[str]]]) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for number, (key, values) in enumerate(rows):
            grid.addWidget(label(key.replace("_", " "), "caption"), number, 0)
            for position, value in enumerate(values):
                cell = ElidedLabel(value, "strong" if key else "caption")
                cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                cell.setMinimumWidth(48)
                grid.addWidget(cell, number, position + 1)
                grid.setColumnStretch(position + 1, 1)
        column.addLayout(grid)

    def _delete(self, column: QVBoxLayout, runs: list[Run]) -> None:
        words = "Delete this run" if len(runs) == 1 else f"Delete these {len(runs)} runs"
        delete = button(
            words,
            "trash",
            kind="danger",
            name="runs.delete",
            clicked=lambda: self.delete_requested.emit(runs),
        )
        delete.setEnabled(self._editable and all(run.status != "running" for run in runs))
        column.addWidget(delete, 0, Qt.AlignmentFlag.AlignLeft)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._note and event.type() == QEvent.Type.FocusOut:
            self.keep_note()
        return super().eventFilter(watched, event)

    def keep_note(self) -> None:
        """Hand on what was written into the note, if it is not saved yet."""
        if self._note is None or len(self._runs) != 1 or self._note.toPlainText() == self._saved_note:
            return
        self._saved_note = self._note.toPlainText()
        self.note_changed.emit(self._runs[0], self._saved_note)
