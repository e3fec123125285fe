"""What one can do with the selected examples. Every command is one undo step, durable when it returns."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication

from core.dataset.formats import DatasetInfo, Example, Rejected, slots
from core.errors import AnchorLabError, Cancelled
from core.project import Change, Project
from core.project.edits import Compound, Edit, InsertExamples, SetCells
from gui.context import Context
from gui.models import clipboard_text
from gui.models.example_table import Cell, ExampleTable
from gui.models.paste_plan import PastePlan, plan_fill, plan_paste
from gui.models.table_columns import TableColumn, value
from gui.views.label.pinning import pin_as_probes
from gui.views.label.selection import Selected
from gui.views.label.table import ExampleView
from gui.workers.job import Job

ORIGIN = "label"
# What a person can wait for without a progress bar.
MOST_CELLS = 200_000
COPIED_AT_ONCE = 5_000
_SLOW = 20_000


class LabelCommands(QObject):
    """`refresh` asks the store anew for the rows of the view."""

    def __init__(self, context: Context, view: ExampleView, refresh: Callable[[], object]) -> None:
        super().__init__(view)
        self._context = context
        self._view = view
        self._model: ExampleTable = view.examples
        self._refresh = refresh

    # -- cells --------------------------------------------------------------------------------------------------

    def set_cells(self, cells: Sequence[Cell]) -> bool:
        """Change cells; the error, if any, is in the message bar and nothing was changed."""
        if not cells or not self._allowed():
            return False
        if len(cells) > MOST_CELLS:
            self._context.messages.warn(
                f"{len(cells):,} cells are too many to change at once.", f"Select at most {MOST_CELLS:,}."
            )
            return False
        with _patience(len(cells)):
            return self._context.set_cells(cells, origin=ORIGIN) is not None

    def clear_cells(self) -> None:
        chosen = self._view.selected()
        if chosen.cells > MOST_CELLS:
            self._context.messages.warn(
                f"{chosen.cells:,} cells are too many to clear at once.", f"Select at most {MOST_CELLS:,}."
            )
            return
        cells: list[Cell] = []
        for row, place in chosen.cells_in():
            column = self._model.columns[place]
            if column.kind not in ("number", "extra"):
                cells.append((self._model.ids[row], column.key, False if column.kind == "flag" else ""))
        self.set_cells(cells)

    def set_flag(self, flag: bool) -> None:
        self.set_cells([(id, "flag", flag) for id in self._some_ids()])

    def toggle_flags(self) -> None:
        """Flag the selected rows; where all are flagged already, take the flags away."""
        chosen = self._view.selected()
        look = chosen.some_rows(1000)
        examples = [self._model.example(row) for row in look]
        self.set_flag(not all(example is not None and example.flag for example in examples))

    def toggle_flag(self, row: int) -> None:
        example = self._model.example(row)
        if example is not None:
            self.set_cells([(example.id, "flag", not example.flag)])

    def set_split(self, split: str) -> None:
        self.set_cells([(id, "split", split) for id in self._some_ids()])

    def _some_ids(self) -> array[int]:
        """The selected ids, one more than allowed at most: enough to be refused."""
        chosen = self._view.selected()
        if chosen.count <= MOST_CELLS:
            return chosen.ids()
        return array("q", range(MOST_CELLS + 1))

    # -- rows ---------------------------------------------------------------------------------------------------

    def add(self) -> None:
        """An empty row at the end, with the editor open in its first cell."""
        info = self._model.info
        if info is None or not self._allowed():
            return
        empty = Example(("",) * slots(info.format, info.negatives))
        change = self._context.add_examples([empty], origin=ORIGIN)
        if change is None:
            return
        self._model.append(change.ids)
        row = self._model.rowCount() - 1
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)
        self._view.edit_cell(row, self._model.typed_columns()[0])

    def delete(self) -> None:
        """Delete the rows of the selection, whatever cells of them are selected."""
        chosen = self._view.selected()
        if not chosen.rows or not self._allowed():
            return
        first, column = chosen.first, max(self._view.currentIndex().column(), 0)
        ids = chosen.ids()
        with _patience(len(ids)):
            change = self._context.delete_examples(ids, origin=ORIGIN)
        if change is None:
            return
        self._model.remove(chosen.rows)
        if self._model.rowCount():
            self._view.go_to(min(first, self._model.rowCount() - 1), column)
        words = "1 example" if len(ids) == 1 else f"{len(ids):,} examples"
        self._context.messages.note(f"Deleted {words}.", action="Undo", do=self._take_back(change))

    def pin_as_probes(self) -> None:
        """Keep an eye on the pairs in the selected rows."""
        if self._allowed():
            pin_as_probes(self._context, self._view.selected())

    def delete_or_clear(self) -> None:
        """The Delete key: whole rows go, single cells are cleared."""
        if self._view.selected().whole:
            self.delete()
        else:
            self.clear_cells()

    def _take_back(self, change: Change) -> Callable[[], None]:
        """Undo exactly this change: when something else was done since, say so instead."""
        project = self._context.project
        revision = project.revision if project is not None else 0

        def undo() -> None:
            now = self._context.project
            if now is not project or now is None or now.revision != revision:
                self._context.messages.note(
                    f"Something else was changed since. “{change.label}” can still be undone step by step.",
                    "Press Ctrl+Z.",
                )
                return
            self._context.undo()

        return undo

    # -- clipboard ----------------------------------------------------------------------------------------------

    def copy(self) -> None:
        """The selected cells, or the texts and scores of selected rows, for a spreadsheet."""
        chosen, info = self._view.selected(), self._model.info
        project = self._context.project
        if not chosen.blocks or info is None or project is None:
            return
        columns = self._copied_columns(chosen)
        ids = chosen.ids()
        if len(ids) <= COPIED_AT_ONCE:
            try:
                _to_clipboard(_copied(project.examples(ids), columns, info, _holes(chosen, columns)))
            except AnchorLabError as error:
                self._context.messages.error(error)
            return
        reader = project.reader()
        keep = [column for _, column in columns]

        def work(job: Job) -> str:
            try:
                return clipboard_text.to_text(_read_rows(job, reader.examples, ids, keep, info))
            finally:
                reader.close()

        def done(text: str) -> None:
            _to_clipboard(text)
            self._context.messages.note(f"Copied {len(ids):,} examples.")

        job = self._context.run(f"Copying {len(ids):,} examples", work, on_done=done)
        job.on_cancel(reader.interrupt)

    def _copied_columns(self, chosen: Selected) -> list[tuple[int, TableColumn]]:
        places = sorted({place for _, left, _, right in chosen.blocks for place in range(left, right + 1)})
        if chosen.whole:
            places = self._model.typed_columns()
        return [(place, self._model.columns[place]) for place in places]

    def paste(self) -> None:
        """Overwrite from the current cell downwards; what goes beyond the last row becomes new examples."""
        info, project = self._model.info, self._context.project
        if info is None or project is None or not self._allowed():
            return
        grid = clipboard_text.to_grid(QGuiApplication.clipboard().text())
        if not grid:
            return
        chosen = self._view.selected()
        single = len(grid) == 1 and len(grid[0]) == 1
        if single and not chosen.whole and 1 < chosen.cells <= MOST_CELLS:
            cells = [
                (self._model.ids[row], self._model.columns[place].key) for row, place in chosen.cells_in()
            ]
            self._carry_out(plan_fill(grid[0][0], info, cells), len(grid), info)
            return
        row, column = self._model.rowCount(), 0
        if chosen.blocks:
            row, column = chosen.first, min(left for _, left, _, _ in chosen.blocks)
        with _patience(len(grid)):
            plan = plan_paste(grid, info, column, self._model.ids[row : row + len(grid)], self._model.columns)
            self._carry_out(plan, len(grid), info)

    def _carry_out(self, plan: PastePlan, lines: int, info: DatasetInfo) -> None:
        if not plan.empty:
            edits: list[Edit] = []
            if plan.cells:
                edits.append(SetCells(tuple(plan.cells)))
            if plan.new:
                edits.append(InsertExamples(info.id, tuple(plan.new)))
            rows = plan.changed_rows + len(plan.new)
            words = "Paste 1 row" if rows == 1 else f"Paste {rows:,} rows"
            change = self._context.edit(lambda project: _apply(project, edits, words))
            if change is None:
                return
            if plan.new:
                self._show_new(plan, change)
        self._report(plan, lines)

    def _show_new(self, plan: PastePlan, change: Change) -> None:
        old = {id for id, _, _ in plan.cells}
        new = [id for id in change.ids if id not in old]
        if len(new) == len(plan.new):
            first = self._model.rowCount()
            self._model.append(new)
            if not plan.cells:
                self._view.select_rows(list(range(first, first + len(new))))
        else:  # more than a change names one by one
            self._refresh()

    def _report(self, plan: PastePlan, lines: int) -> None:
        reasons = _reasons(plan.rejected)
        if plan.rejected:
            n = len(plan.rejected)
            head = f"{n:,} of {lines:,} lines could not be pasted." if lines > 1 else "Nothing was pasted."
            self._context.messages.warn(head, reasons)
        elif plan.surplus:
            s = "1 column was" if plan.surplus == 1 else f"{plan.surplus} columns were"
            self._context.messages.warn(
                f"{s} left out: the table has no more columns to the right.",
                "Paste from a column further left.",
            )

    def _allowed(self) -> bool:
        if self._context.editable:
            return True
        if self._context.project is None:
            return False
        self._context.messages.note(
            "This project is open read-only, so nothing was changed.",
            "Close it in the other window to edit it here.",
        )
        return False


def _apply(project: Project, edits: list[Edit], words: str) -> Change:
    return project.apply(edits[0] if len(edits) == 1 else Compound(tuple(edits)), words, ORIGIN)


def _reasons(rejected: Sequence[Rejected]) -> str:
    shown = [f"Line {item.line}: {item.reason}" for item in rejected[:3]]
    if len(rejected) > 3:
        shown.append(f"and {len(rejected) - 3:,} more.")
    return " ".join(shown)


def _holes(chosen: Selected, columns: list[tuple[int, TableColumn]]) -> Callable[[int, int], bool]:
    """Whether a cell (nth copied row, table column) between scattered blocks is not selected."""
    if len(chosen.blocks) <= 1 or chosen.whole:
        return lambda _row, _place: False
    rows = chosen.some_rows(COPIED_AT_ONCE)

    def hole(nth: int, place: int) -> bool:
        row = rows[nth]
        return not any(
            top <= row <= bottom and left <= place <= right for top, left, bottom, right in chosen.blocks
        )

    return hole


def _copied(
    examples: Iterable[Example],
    columns: list[tuple[int, TableColumn]],
    info: DatasetInfo,
    hole: Callable[[int, int], bool],
) -> str:
    return clipboard_text.to_text(
        ["" if hole(nth, place) else value(example, column, info) for place, column in columns]
        for nth, example in enumerate(examples)
    )


def _read_rows(
    job: Job,
    examples: Callable[[Sequence[int]], list[Example]],
    ids: array[int],
    columns: list[TableColumn],
    info: DatasetInfo,
) -> Iterator[list[str]]:
    for start in range(0, len(ids), 1000):
        if job.stopped():
            raise Cancelled
        job.report(start, len(ids))
        for example in examples(ids[start : start + 1000]):
            yield [value(example, column, info) for column in columns]


def _to_clipboard(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


@contextmanager
def _patience(rows: int) -> Iterator[None]:
    """A waiting cursor for what takes longer than a moment."""
    if rows < _SLOW:
        yield
        return
    QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
    try:
        yield
    finally:
        QGuiApplication.restoreOverrideCursor()
