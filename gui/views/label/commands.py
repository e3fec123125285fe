"""What one can do with the selected examples. Every command is one undo step; what touches many rows is done by a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QObject, Qt, Signal

from core.dataset.formats import Example, slots
from core.project import Change
from gui.actions.taking_back import take_back
from gui.context import Context
from gui.models.example_table import Cell, ExampleTable
from gui.models.table_columns import value
from gui.views.label.clipboard import ORIGIN, Clipboard
from gui.views.label.pinning import pin_as_probes, pin_as_queries
from gui.views.label.table import ExampleView
from gui.workers.background_edit import AT_ONCE

__all__ = ["ORIGIN", "LabelCommands"]

MOST_CELLS = 2_000_000  # in one step: their old values are kept to be brought back


class Refresh(Protocol):
    """Asks the store anew for the rows of the view."""

    def __call__(self, keep: Sequence[int] | None = None, *, reveal: bool = False) -> None: ...


class LabelCommands(QObject):
    explore_requested = Signal(int, int)  # a row, and the place of the text to look from

    def __init__(self, context: Context, view: ExampleView, refresh: Refresh) -> None:
        super().__init__(view)
        self._context = context
        self._view = view
        self._model: ExampleTable = view.examples
        self._refresh = refresh
        self._clipboard = Clipboard(context, view, refresh)

    # -- cells --------------------------------------------------------------------------------------------------

    def set_cells(self, cells: Sequence[Cell]) -> bool:
        """Change cells; the error, if any, is in the message bar and nothing was changed."""
        return self._change(len(cells), lambda: cells)

    def _change(self, count: int, cells: Callable[[], Iterable[Cell]]) -> bool:
        """Change so many cells. Many are listed and changed by a worker: `cells` may not look at the table then."""
        if not count or not self._allowed():
            return False
        if count > MOST_CELLS:
            self._context.messages.warn(
                f"{count:,} cells are too many to change at once.", f"Select at most {MOST_CELLS:,}."
            )
            return False
        if count <= AT_ONCE:
            return self._context.set_cells(tuple(cells()), origin=ORIGIN) is not None
        return self._context.background.start(
            f"Changing {count:,} cells", lambda project: project.set_cells(cells(), origin=ORIGIN)
        )

    def clear_cells(self) -> None:
        parts = self._view.selected().parts()
        self._change(
            sum(len(ids) * len(columns) for ids, columns in parts),
            lambda: (
                (id, column.key, column.empty) for ids, columns in parts for id in ids for column in columns
            ),
        )

    def set_value(self, key: str, new: Any) -> None:
        """Give every selected row this value in one column."""
        ids = self._view.selected().ids()
        self._change(len(ids), lambda: ((id, key, new) for id in ids))

    def set_flag(self, flag: bool) -> None:
        self.set_value("flag", flag)

    def toggle_flags(self) -> None:
        """Flag the selected rows; where all are flagged already, take the flags away."""
        look = self._view.selected().some_rows(1000)
        examples = [self._model.example(row) for row in look]
        self.set_flag(not all(example is not None and example.flag for example in examples))

    def toggle_flag(self, row: int) -> None:
        example = self._model.example(row)
        if example is not None:
            self.set_cells([(example.id, "flag", not example.flag)])

    def set_split(self, split: str) -> None:
        self.set_value("split", split)

    def set_status(self, status: str) -> None:
        self.set_value("status", status)

    def fill_down(self) -> None:
        """Repeat the first row of each selected block in the rows below it; a single row takes over the row above."""
        chosen, info = self._view.selected(), self._model.info
        if info is None or not self._allowed():
            return
        filled = []
        for (top, _, bottom, _), (ids, columns) in zip(chosen.blocks, chosen.parts(), strict=True):
            above = self._model.example(top - 1 if top == bottom else top)
            if above is not None and columns:
                texts = [value(above, column, info) for column in columns]
                new = [text == "1" if column.kind == "flag" else text for column, text in zip(columns, texts)]
                filled.append((ids if top == bottom else ids[1:], columns, new))
        self._change(
            sum(len(ids) * len(columns) for ids, columns, _ in filled),
            lambda: (
                (id, column.key, one)
                for ids, columns, new in filled
                for id in ids
                for column, one in zip(columns, new)
            ),
        )

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
        typed = self._model.typed_columns()
        if typed:
            self._view.edit_cell(row, typed[0])

    def delete(self) -> None:
        """Delete the rows of the selection, whatever cells of them are selected."""
        chosen = self._view.selected()
        if not chosen.rows or not self._allowed():
            return
        ids = chosen.ids()
        if len(ids) > AT_ONCE:
            self._context.background.start(
                f"Deleting {len(ids):,} examples",
                lambda project: project.delete_examples(ids, origin=ORIGIN),
                lambda change: self._many_deleted(len(ids), change),
            )
            return
        first, column = chosen.first, max(self._view.currentIndex().column(), 0)
        change = self._context.delete_examples(ids, origin=ORIGIN)
        if change is None:
            return
        self._model.remove(chosen.rows)
        if self._model.rowCount():
            self._view.go_to(min(first, self._model.rowCount() - 1), column)
        self._tell_deleted(len(ids), change)

    def _many_deleted(self, count: int, change: Change | None) -> None:
        """The view may show other rows by now: ask, and stay at the same place."""
        self._refresh((), reveal=True)
        if change is not None:
            self._tell_deleted(count, change)

    def _tell_deleted(self, count: int, change: Change) -> None:
        words = "1 example" if count == 1 else f"{count:,} examples"
        self._context.messages.note(f"Deleted {words}.", action="Undo", do=self.take_back(change))

    def pin_as_probes(self) -> None:
        """Keep an eye on the pairs in the selected rows."""
        if self._allowed():
            pin_as_probes(self._context, self._view.selected())

    def pin_as_queries(self) -> None:
        """Keep an eye on what the anchors of the selected rows find."""
        if self._allowed():
            pin_as_queries(self._context, self._view.selected())

    def explore(self) -> None:
        """What both models find for the row in hand: for the text of the cell, or for its first one."""
        index = self._view.currentIndex()
        if index.isValid() and (example := self._model.example(index.row())) is not None:
            self.explore_requested.emit(example.id, max(0, self._model.columns[index.column()].slot))

    def delete_or_clear(self) -> None:
        """The Delete key: whole rows go, single cells are cleared."""
        if self._view.selected().whole:
            self.delete()
        else:
            self.clear_cells()

    def take_back(self, change: Change) -> Callable[[], None]:
        """Undo exactly this change: when something else was done since, say so instead."""
        return take_back(self._context, change)

    # -- clipboard ----------------------------------------------------------------------------------------------

    def copy(self) -> None:
        self._clipboard.copy()

    def cut(self) -> None:
        if self._allowed():
            self._clipboard.copy()
            self.delete_or_clear()

    def paste(self) -> None:
        if self._allowed():
            self._clipboard.paste()

    def _allowed(self) -> bool:
        context = self._context
        if context.editable:
            return True
        if context.project is None:
            return False
        if context.background.title:
            context.messages.note(
                f"Nothing was changed: {context.background.title[:1].lower()}{context.background.title[1:]} is not finished yet.",
                "Do it again when it is, or cancel it first.",
            )
        else:
            context.messages.note(
                "This project is open read-only, so nothing was changed.",
                "Close it in the other window to edit it here.",
            )
        return False
