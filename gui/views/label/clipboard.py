"""Copying to a spreadsheet and pasting from one. Small blocks at once, large ones in a worker."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from core.dataset.formats import DatasetInfo, Example, Rejected
from core.errors import AnchorLabError, Cancelled
from core.project import Change, Project
from core.project.edits import Compound, Edit, InsertExamples, SetCells
from gui.context import Context
from gui.models import clipboard_text
from gui.models.example_table import ExampleTable
from gui.models.paste_plan import PastePlan, plan_fill, plan_paste, tiled
from gui.models.table_columns import TableColumn, value
from gui.views.label.selection import Selected
from gui.views.label.table import ExampleView
from gui.workers.job import Job

ORIGIN = "label"
COPIED_AT_ONCE = 2_000  # rows
_PASTED_AT_ONCE = 100_000  # characters


class Clipboard(QObject):
    """`refresh` asks the store anew for the rows of the view."""

    def __init__(self, context: Context, view: ExampleView, refresh: Callable[[], object]) -> None:
        super().__init__(view)
        self._context = context
        self._view = view
        self._model: ExampleTable = view.examples
        self._refresh = refresh

    # -- copying ------------------------------------------------------------------------------------------------

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

    # -- pasting ------------------------------------------------------------------------------------------------

    def paste(self) -> None:
        """Overwrite from the current cell downwards; what goes beyond the last row becomes new examples."""
        info = self._model.info
        text = QGuiApplication.clipboard().text()
        if info is None or not text:
            return
        make = self._planner(info, text)
        if len(text) <= _PASTED_AT_ONCE:
            self._paste_now(info, make())
            return
        made: list[PastePlan] = []

        def paste(project: Project) -> Change | None:
            made.append(make())
            return _apply(project, made[0], info)

        def done(change: Change | None) -> None:
            if change is not None:
                self._refresh()
            self._report(made[0])

        self._context.background.start("Pasting rows", paste, done)

    def _planner(self, info: DatasetInfo, text: str) -> Callable[[], PastePlan]:
        """What pasting `text` into the selection will do, to be worked out here or in a worker."""
        chosen, columns = self._view.selected(), self._model.columns
        ids = self._model.ids
        row, column = len(ids), 0
        if chosen.blocks:
            row, column = chosen.first, min(left for _, left, _, _ in chosen.blocks)
        below = ids[row : row + text.count("\n") + chosen.count + 1]
        parts = chosen.parts() if not chosen.whole and chosen.cells > 1 else []

        def plan() -> PastePlan:
            grid = clipboard_text.to_grid(text)
            if parts and len(grid) == 1 and len(grid[0]) == 1:
                cells = ((id, column.key) for ids, written in parts for id in ids for column in written)
                return plan_fill(grid[0][0], info, list(cells), columns)
            if len(chosen.blocks) == 1:
                top, left, bottom, right = chosen.blocks[0]
                grid = tiled(grid, bottom - top + 1, right - left + 1)
            return plan_paste(grid, info, column, below, columns)

        return plan

    def _paste_now(self, info: DatasetInfo, plan: PastePlan) -> None:
        if not plan.empty:
            change = self._context.edit(lambda project: _apply(project, plan, info))
            if change is None:
                return
            if plan.new:
                self._show_new(plan, change)
        self._report(plan)

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

    def _report(self, plan: PastePlan) -> None:
        if plan.rejected:
            n, lines = len(plan.rejected), plan.lines
            head = f"{n:,} of {lines:,} lines could not be pasted." if lines > 1 else "Nothing was pasted."
            self._context.messages.warn(head, _reasons(plan.rejected))
        elif plan.surplus:
            s = "1 column was" if plan.surplus == 1 else f"{plan.surplus} columns were"
            self._context.messages.warn(
                f"{s} left out: the table has no more columns to the right.",
                "Paste from a column further left.",
            )


def _apply(project: Project, plan: PastePlan, info: DatasetInfo) -> Change | None:
    edits: list[Edit] = []
    if plan.cells:
        edits.append(SetCells(tuple(plan.cells)))
    if plan.new:
        edits.append(InsertExamples(info.id, tuple(plan.new)))
    if not edits:
        return None
    rows = plan.changed_rows + len(plan.new)
    words = "Paste 1 row" if rows == 1 else f"Paste {rows:,} rows"
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
