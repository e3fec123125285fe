"""The example table's view: selection as in a spreadsheet, keys, editing that goes on from cell to cell."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QHeaderView,
    QTableView,
    QWidget,
)

from gui.models.example_table import ExampleTable
from gui.theme.tokens import ROW_HEIGHT
from gui.views.label.column_widths import ColumnWidths
from gui.views.label.delegates import CellDelegate, mark_places
from gui.views.label.header import ExampleHeader
from gui.views.label.selection import Selected, selected

Index = QModelIndex | QPersistentModelIndex
_Flag = QItemSelectionModel.SelectionFlag
_Hint = QAbstractItemDelegate.EndEditHint
_Trigger = QAbstractItemView.EditTrigger


class ExampleView(QTableView):
    """Emits what is asked for; the page's commands do it."""

    copy_requested = Signal()
    cut_requested = Signal()
    paste_requested = Signal()
    delete_requested = Signal()
    flag_requested = Signal()  # of the selected rows
    flag_clicked = Signal(int)  # a row
    split_requested = Signal(int, QPoint)  # a row, where to open the menu (global)
    status_requested = Signal(int, QPoint)
    selection_moved = Signal()  # selection or current cell

    def __init__(
        self, model: ExampleTable, widths: ColumnWidths | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("label.table")
        self.setAccessibleName("Examples")
        self.examples = model
        self.head = ExampleHeader(self)
        self.setHorizontalHeader(self.head)
        self.setModel(model)
        self.cells = CellDelegate(self)
        self.setItemDelegate(self.cells)
        self.widths = widths
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setEditTriggers(_Trigger.DoubleClicked | _Trigger.EditKeyPressed | _Trigger.AnyKeyPressed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)  # Tab leaves the table; inside an editor it goes to the next cell
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setFrameShape(QTableView.Shape.NoFrame)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        self.verticalScrollBar().setSingleStep(ROW_HEIGHT)

    # -- what is selected ---------------------------------------------------------------------------------------

    def selected(self) -> Selected:
        return selected(self.selectionModel(), self.examples)

    def select_rows(self, rows: list[int], *, scroll: bool = True) -> None:
        """Select whole rows and make the first one current."""
        if not rows:
            return
        last = self.examples.columnCount() - 1
        selection = QItemSelection()
        start = previous = rows[0]
        for row in [*rows[1:], -1]:
            if row == previous + 1:
                previous = row
                continue
            selection.select(self.examples.index(start, 0), self.examples.index(previous, last))
            start = previous = row
        here = self.currentIndex()
        column = here.column() if here.isValid() else 0
        model = self.selectionModel()
        model.setCurrentIndex(self.examples.index(rows[0], column), _Flag.NoUpdate)
        model.select(selection, _Flag.ClearAndSelect)
        if scroll:
            self.scrollTo(self.examples.index(rows[0], column))

    def go_to(self, row: int, column: int) -> None:
        """Make one cell current and select only it."""
        index = self.examples.index(row, column)
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, _Flag.ClearAndSelect)
            self.scrollTo(index)

    def selectionCommand(
        self, index: Index, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        """The number column stands for the whole row."""
        command = super().selectionCommand(index, event)
        if index.isValid() and index.column() == 0:
            command |= _Flag.Rows
        return command

    def selectionChanged(self, chosen: QItemSelection, left: QItemSelection) -> None:
        super().selectionChanged(chosen, left)
        self._selection_moved()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self._repaint_row(previous)
        self._repaint_row(current)
        self._selection_moved()

    def reset(self) -> None:
        super().reset()
        self._selection_moved()

    def _selection_moved(self) -> None:
        selection = self.selectionModel().selection()
        lone = selection.count() == 0
        if selection.count() == 1:
            only = selection.at(0)
            lone = only.width() == 1 and only.height() == 1
        if lone != bool(self.property("lone_cell")):
            self.setProperty("lone_cell", lone)
            self._repaint_row(self.currentIndex())
        self.selection_moved.emit()

    def _repaint_row(self, index: Index) -> None:
        if index.isValid():
            top = self.rowViewportPosition(index.row())
            self.viewport().update(0, top, self.viewport().width(), ROW_HEIGHT)

    # -- editing ------------------------------------------------------------------------------------------------

    def edit(  # type: ignore[override]
        self,
        index: Index,
        trigger: QAbstractItemView.EditTrigger | None = None,
        event: QEvent | None = None,
    ) -> bool:
        """Open an editor. Typing replaces what is there; F2, Enter and a double click change it."""
        if trigger is None:
            super().edit(index)
            return True
        if trigger == _Trigger.AnyKeyPressed and isinstance(event, QKeyEvent) and not _types(event):
            return False
        self.cells.replacing = trigger == _Trigger.AnyKeyPressed
        try:
            return bool(super().edit(index, trigger, event))  # type: ignore[arg-type]
        finally:
            self.cells.replacing = False

    def edit_cell(self, row: int, column: int) -> None:
        """Go to a cell and open its editor."""
        self.go_to(row, column)
        index = self.examples.index(row, column)
        if index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        super().closeEditor(editor, _Hint.NoHint)
        here = self.currentIndex()
        if not here.isValid():
            return
        if hint == _Hint.SubmitModelCache:
            if here.row() + 1 < self.examples.rowCount():
                self.go_to(here.row() + 1, here.column())
        elif hint in (_Hint.EditNextItem, _Hint.EditPreviousItem):
            self._edit_beside(here, 1 if hint == _Hint.EditNextItem else -1)

    def _edit_beside(self, here: QModelIndex, step: int) -> None:
        """Go on with the next cell that takes text; after the last of a row with the first of the row below."""
        typed = self.examples.typed_columns()
        place = here.row() * len(typed) + typed.index(here.column()) + step
        row, column = divmod(place, len(typed))
        if 0 <= row < self.examples.rowCount():
            self.edit_cell(row, typed[column])

    @property
    def editing(self) -> bool:
        """Whether a cell's editor is open."""
        return self.state() == QAbstractItemView.State.EditingState

    def commit(self) -> None:
        """Keep what an open editor holds."""
        if self.editing:
            for editor in self.viewport().children():
                # one that was closed is hidden, and only waits for its deletion
                if (
                    isinstance(editor, QWidget)
                    and editor.property("kind") == "cell"
                    and not editor.isHidden()
                ):
                    self.commitData(editor)
                    self.closeEditor(editor, _Hint.NoHint)

    # -- events -------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        here = self.currentIndex()
        column = self.examples.columns[here.column()] if here.isValid() else None
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_requested.emit()
        elif event.matches(QKeySequence.StandardKey.Cut):
            self.cut_requested.emit()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste_requested.emit()
        elif plain and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_requested.emit()
        elif (
            plain
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2)
            and column is not None
        ):
            self._open(here, column.kind)
        elif event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self.select_rows(self.selected().some_rows(10_000), scroll=False)
        elif plain and event.key() == Qt.Key.Key_F and column is not None and not column.typed:
            self.flag_requested.emit()
        elif plain and event.key() == Qt.Key.Key_Space and column is not None and not column.typed:
            self._open(here, column.kind)
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)
            return
        if event.key() != Qt.Key.Key_Escape:
            event.accept()

    def _open(self, index: QModelIndex, kind: str) -> None:
        """What Enter does on a cell."""
        if kind == "flag":
            self.flag_requested.emit()
        elif kind in ("split", "status"):
            corner = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())
            asked = self.split_requested if kind == "split" else self.status_requested
            asked.emit(index.row(), corner)
        elif kind == "number":
            first = self.examples.typed_columns()
            if first:
                self.edit_cell(index.row(), first[0])
        elif index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)

    def keyboardSearch(self, text: str) -> None:
        """Not in here: it would walk a million rows for one key; the search box asks the store."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or event.modifiers() or not index.isValid():
            return
        if self.examples.columns[index.column()].kind == "flag":
            flag, _ = mark_places(self.visualRect(index))
            if flag.adjusted(-6, -6, 6, 6).contains(event.position().toPoint()):
                self.flag_clicked.emit(index.row())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        kind = self.examples.columns[index.column()].kind if index.isValid() else ""
        if kind in ("split", "status"):
            self._open(index, kind)
            return
        super().mouseDoubleClickEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.examples.rowCount():
            first = self.examples.typed_columns()
            self.go_to(0, first[0] if first else 0)
        self._repaint_row(self.currentIndex())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._repaint_row(self.currentIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.widths_changed()

    def widths_changed(self) -> None:
        """Fit the columns to the room there is."""
        if self.widths is not None:
            self.widths.lay_out(self.viewport().width())


def _types(event: QKeyEvent) -> bool:
    """Whether the key writes something; Ctrl and Alt make commands of keys."""
    commands = (
        Qt.KeyboardModifier.ControlModifier
        | Qt.KeyboardModifier.AltModifier
        | Qt.KeyboardModifier.MetaModifier
    )
    return bool(event.text()) and event.text().isprintable() and not event.modifiers() & commands
