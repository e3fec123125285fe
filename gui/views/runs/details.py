"""One run in words and figures, or what differs between several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.training.events import Event
from core.training.run_probes import RunProbes
from core.training.runs import Run
from core.training.search_record import Record
from core.training.used import difference
from core.words import duration, interval, signed
from gui.models.runs_model import STATES, base_of, called, change_of, kept_of, started, told
from gui.views.runs import facts
from gui.views.runs.commands import RunCommands
from gui.views.runs.exports import FORMATS
from gui.views.train.recipe_row import shown
from gui.widgets.basic import Chip, button, label, separator
from gui.widgets.score import number
from gui.widgets.text_edit import TextEdit

_MOST_COMPARED = 3  # columns of values that the panel has room for
_TONES = {
    "finished": "positive",
    "stopped": "positive",
    "running": "accent",
    "failed": "negative",
    "interrupted": "warning",
    "unreadable": "warning",
}
_WIDTH = 320  # where there is room


class RunDetails(QFrame):
    open_requested = Signal(str)
    explore_requested = Signal(str)
    report_requested = Signal(str)
    continue_requested = Signal(object)  # Run
    delete_requested = Signal(object)  # list[Run]
    compare_requested = Signal(object)  # list[Run]

    def __init__(self, commands: RunCommands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("details")
        self.setMinimumWidth(264)
        self.setMaximumWidth(_WIDTH)
        self._do = commands
        self._runs: list[Run] = []
        self._name: QLineEdit | None = None
        self._note: TextEdit | None = None
        self._log: QVBoxLayout | None = None
        self._editable = True
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer.addWidget(self._scroll)
        self.show_runs([])

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, super().sizeHint().height())

    def show_runs(self, runs: Sequence[Run], *, editable: bool = True) -> None:
        if runs and (list(runs), editable) == (self._runs, self._editable):
            return  # nothing new: whoever is writing a note keeps the cursor
        self.keep_note()
        at = self._scroll.verticalScrollBar().value() if _same(runs, self._runs) else 0
        self._runs, self._editable = list(runs), editable
        self._name, self._note, self._log = None, None, None
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
        before = self._scroll.takeWidget()
        if before is not None:
            before.deleteLater()  # not at once: one of its buttons may be what was just clicked
        self._scroll.setWidget(inside)
        self._scroll.verticalScrollBar().setValue(at)

    def show_log(
        self,
        name: str,
        events: Sequence[Event],
        search: Record | None = None,
        probes: RunProbes | None = None,
    ) -> None:
        """What only the log of the run that is shown knows."""
        if self._log is None or [run.folder.name for run in self._runs] != [name]:
            return
        column, self._log = self._log, None
        facts.log(column, events, probes)
        if search is not None:
            facts.search(column, search)

    # -- one run ------------------------------------------------------------------------------------------------

    def _one(self, column: QVBoxLayout, run: Run) -> None:
        head = QHBoxLayout()
        head.addWidget(label(f"Run {run.number}", "section"))
        head.addStretch(1)
        head.addWidget(Chip(STATES.get(run.status, run.status), _TONES.get(run.status, "")))
        column.addLayout(head)
        if run.status != "unreadable":
            column.addWidget(self._name_field(run))
        length = duration(run.seconds) if run.seconds else ""
        rows = f"{run.rows:,} rows" if run.rows else ""
        words = " · ".join(part for part in (started(run), length, rows) if part)
        if words:
            column.addWidget(label(words, "caption", wrap=True))
        if run.problem:
            column.addWidget(label(run.problem, tone="warning", wrap=True, name="runs.problem"))
        self._outcome(column, run)
        if run.status != "unreadable":
            self._buttons(column, run)
            column.addWidget(separator())
            column.addWidget(label("Note", "strong"))
            column.addWidget(self._note_field(run))
            facts.results(column, run.outcome)
            self._log = QVBoxLayout()
            self._log.setSpacing(8)
            column.addLayout(self._log)
            facts.settings(column, run)
            column.addWidget(separator())
        self._delete(column, [run])

    def _outcome(self, column: QVBoxLayout, run: Run) -> None:
        if run.finished is not None:
            column.addWidget(label(run.outcome.verdict[:2000], wrap=True, name="runs.verdict"))
        elif run.failed is not None:
            words = (
                "Discarded." if run.failed.discarded else f"{run.failed.message} {run.failed.hint}".strip()
            )
            column.addWidget(label(words[:2000], tone="" if run.failed.discarded else "error", wrap=True))
        elif run.status == "interrupted":
            column.addWidget(
                label(
                    "The run ended before it could save a model. Its curve and its data are kept.",
                    tone="warning",
                    wrap=True,
                )
            )
        if kept_of(run) is None and base_of(run) is None:
            return
        change, ends = change_of(run), run.outcome.interval
        words = f"{number(base_of(run), 3)} → {number(kept_of(run), 3)}"
        if change is not None:
            words += f"   {signed(change)}"
        line = QHBoxLayout()
        tone = {1: "positive", -1: "negative"}.get(told(run), "")
        line.addWidget(label(words, "value", tone=tone, name="runs.figures"))
        line.addStretch(1)
        column.addLayout(line)
        parts = [run.outcome.title or run.metric_title]
        rows = run.outcome.rows or run.holdout_rows
        parts += [f"on {rows:,} rows"] if rows else []
        if ends is not None:
            parts.append(f"change {interval(*ends)} (95 %)")
        column.addWidget(label(", ".join(part for part in parts if part)[:300], "caption", wrap=True))

    def _name_field(self, run: Run) -> QLineEdit:
        field = QLineEdit(run.label)
        field.setObjectName("runs.name")
        field.setAccessibleName("Name of the run")
        field.setPlaceholderText(called(run))
        field.setToolTip("A name of your own; the folder keeps its name")
        field.setMaxLength(80)
        field.setReadOnly(not self._editable)
        field.setCursorPosition(0)
        field.editingFinished.connect(self._rename)
        field.installEventFilter(self)
        self._name = field
        return field

    def _rename(self) -> None:
        field = self._name
        if field is not None and len(self._runs) == 1 and field.text().strip() != self._runs[0].label:
            run, text = self._runs[0], field.text()
            self._name = None  # told once, whatever else makes the field lose the focus
            self._do.rename(run, text)

    def edit_name(self) -> None:
        """Put the cursor into the name."""
        if self._name is not None:
            self._name.setFocus(Qt.FocusReason.OtherFocusReason)
            self._name.selectAll()

    def _note_field(self, run: Run) -> TextEdit:
        note = TextEdit()
        note.hold(run.note)
        note.setObjectName("runs.note")
        note.setAccessibleName("Note")
        note.setPlaceholderText("What you tried, what you saw")
        note.setFixedHeight(64)
        note.setTabChangesFocus(True)
        note.installEventFilter(self)
        note.set_editable(self._editable)
        self._note = note
        return note

    def _buttons(self, column: QVBoxLayout, run: Run) -> None:
        usable, name = run.model is not None, run.folder.name
        row = QHBoxLayout()
        row.setSpacing(8)
        show = button("Open", name="runs.open", clicked=lambda: self.open_requested.emit(name))
        show.setToolTip("Its curves on the Train page")
        row.addWidget(show)
        if usable or run.status in ("finished", "stopped"):
            explore = button(
                "Explore", name="runs.explore", clicked=lambda: self.explore_requested.emit(name)
            )
            explore.setToolTip("Search with this run's model")
            row.addWidget(explore)
        if run.resumable and self._editable:
            go_on = button(
                "Continue", name="runs.continue", clicked=lambda: self.continue_requested.emit(run)
            )
            go_on.setToolTip("Train on from the run's last checkpoint")
            row.addWidget(go_on)
        row.addWidget(self._more(run))
        row.addStretch(1)
        column.addLayout(row)
        if run.spec is not None and self._editable:
            again = button(
                "Use these settings again",
                "retry",
                name="runs.again",
                clicked=lambda: self._do.use_again(run),
            )
            again.setToolTip("Make them the recipe of this project; one undo step")
            column.addWidget(again, 0, Qt.AlignmentFlag.AlignLeft)

    def _more(self, run: Run) -> QPushButton:
        made = button("More", name="runs.more_actions")
        made.setAccessibleName("More for this run")
        menu = QMenu(made)
        self._entry(menu, "Report…", "runs.report", lambda: self.report_requested.emit(run.folder.name))
        self._entry(menu, "Model card…", "runs.card", lambda: self._do.show_card(run), run.model is not None)
        self._entry(menu, "Open the folder", "runs.folder", lambda: self._do.open_folder(run))
        menu.addSeparator()
        exports = menu.addMenu("Export as")
        exports.setObjectName("runs.exports")
        for words, format, int8 in FORMATS:
            name = f"runs.export.{format.value}{'-int8' if int8 else ''}"
            do = partial(self._do.export_model, run, format, int8)
            self._entry(exports, words, name, do, run.model is not None)
        exports.addSeparator()
        self._entry(
            exports,
            "Training script…",
            "runs.script",
            lambda: self._do.export_script(run),
            run.spec is not None,
        )
        made.setMenu(menu)
        return made

    @staticmethod
    def _entry(menu: QMenu, words: str, name: str, do: Callable[[], object], enabled: bool = True) -> None:
        action = menu.addAction(words)
        action.setObjectName(name)
        action.setEnabled(enabled)
        action.triggered.connect(lambda _checked=False: do())

    # -- several ------------------------------------------------------------------------------------------------

    def _several(self, column: QVBoxLayout, runs: list[Run]) -> None:
        column.addWidget(label(f"{len(runs)} runs", "section"))
        known = [(run, run.spec) for run in runs if run.spec is not None]
        rows = difference([spec for _, spec in known]) if len(known) > 1 else []
        numbers = [f"run {run.number}" for run, _ in known]
        outcomes = [
            facts.Row("Kept", [number(kept_of(run), 3) for run, _ in known[:_MOST_COMPARED]], "", True),
            facts.Row("Change", [signed(change_of(run)) for run, _ in known[:_MOST_COMPARED]]),
        ]
        facts.table(column, "What came out", outcomes if known else [], numbers[:_MOST_COMPARED])
        if not rows:
            column.addWidget(label("They used the same settings.", "secondary", wrap=True))
        else:
            differing = [
                facts.Row(title, [shown(value) for value in values[:_MOST_COMPARED]])
                for title, values in rows
            ]
            facts.table(column, "Settings that differ", differing, numbers[:_MOST_COMPARED])
        if len(numbers) > _MOST_COMPARED:
            others = ", ".join(number.removeprefix("run ") for number in numbers[_MOST_COMPARED:])
            column.addWidget(label(f"Not beside them: run {others}", "caption", wrap=True))
        row = QHBoxLayout()
        row.addWidget(
            button(
                "Compare side by side…",
                name="runs.compare",
                clicked=lambda: self.compare_requested.emit(runs),
            )
        )
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(separator())
        self._delete(column, runs)

    def _delete(self, column: QVBoxLayout, runs: list[Run]) -> None:
        words = "Delete this run" if len(runs) == 1 else f"Delete these {len(runs)} runs"
        delete = button(
            words,
            "trash",
            kind="danger",
            name="runs.delete",
            clicked=lambda: self.delete_requested.emit(runs),
        )
        delete.setToolTip("Moved to the project's trash, from where it can be brought back")
        delete.setEnabled(self._editable and all(run.status != "running" for run in runs))
        column.addWidget(delete, 0, Qt.AlignmentFlag.AlignLeft)

    # -- what is being written ----------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._note and event.type() == QEvent.Type.FocusOut:
            self.keep_note()
        if (
            watched is self._name
            and self._name is not None
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Escape
        ):
            self._name.setText(self._runs[0].label)
            return True
        return super().eventFilter(watched, event)

    def keep_note(self) -> None:
        """Hand on what was written into the note or the name, if it is not saved yet."""
        self._rename()
        note = self._note
        if note is not None and len(self._runs) == 1 and note.touched:
            note.keep(note.held)
            self._do.set_note(self._runs[0], note.stored)


def _same(first: Sequence[Run], second: Sequence[Run]) -> bool:
    return [run.folder for run in first] == [run.folder for run in second]
