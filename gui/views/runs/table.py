"""The table of runs: which columns, how wide, in what order."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QMenu, QTableView, QToolButton, QWidget

from gui.models.runs_model import BY_RANK, COLUMNS, RUN_ROLE, SHARING, WIDTHS
from gui.theme.tokens import ROW_HEIGHT
from gui.views.runs.delegate import RunDelegate
from gui.widgets.basic import tool_button

ALWAYS = "Run"  # without its number nobody knows which is which
DEFAULT = ("Run", "Name", "State", "Verdict", "Base", "Kept", "Change", "Dataset", "Loss", "Started")


class RunsTable(QTableView):
    delete_pressed = Signal()
    rename_pressed = Signal()
    open_pressed = Signal(str)

    def __init__(self, proxy: QSortFilterProxyModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wanted: tuple[str, ...] = DEFAULT
        self.setObjectName("runs.table")
        self.setAccessibleName("Runs")
        self.setModel(proxy)
        self.setItemDelegate(RunDelegate(self))
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setShowGrid(False)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(48)
        for number, name in enumerate(COLUMNS):
            if WIDTHS[name]:
                self.setColumnWidth(number, WIDTHS[name])
            else:
                header.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
        self.doubleClicked.connect(self._open)

    def show_columns(self, wanted: tuple[str, ...]) -> None:
        """Those to show, as far as they fit; what matters least goes first where room is short."""
        self._wanted = wanted
        self._fit()

    def _fit(self) -> None:
        room = self.viewport().width()
        shown: set[str] = set()
        for name in BY_RANK:
            width = WIDTHS[name] or SHARING
            if name in self._wanted and (name == ALWAYS or width <= room):
                shown.add(name)
                room -= width
        for number, name in enumerate(COLUMNS):
            self.setColumnHidden(number, name not in shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _open(self) -> None:
        run = self.currentIndex().data(RUN_ROLE)
        if run is not None and run.status != "unreadable":
            self.open_pressed.emit(run.folder.name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_pressed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        elif event.key() == Qt.Key.Key_F2:
            self.rename_pressed.emit()
        else:
            super().keyPressEvent(event)


def known_columns(names: list[str]) -> tuple[str, ...]:
    """What was chosen at an earlier time, as far as it still exists."""
    found = tuple(name for name in COLUMNS if name in names or name == ALWAYS)
    return found if len(found) > 1 else DEFAULT


def column_chooser(wanted: tuple[str, ...], changed: Callable[[tuple[str, ...]], object]) -> QToolButton:
    """A button with a menu of all columns; it stays open while they are ticked."""
    made = tool_button("table", "Choose the columns", name="runs.columns")
    made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu = _StayingMenu(made)
    menu.setObjectName("runs.columns.menu")

    def tell() -> None:
        changed(tuple(action.text() for action in menu.actions() if action.isChecked()))

    for name in COLUMNS:
        action = menu.addAction(name)
        action.setCheckable(True)
        action.setChecked(name in wanted)
        action.setEnabled(name != ALWAYS)
        action.toggled.connect(lambda _on: tell())
    made.setMenu(menu)
    return made


class _StayingMenu(QMenu):
    def mouseReleaseEvent(self, event) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        action = self.activeAction()
        if action is not None and action.isEnabled() and action.isCheckable():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)
