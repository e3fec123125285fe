"""The table's tools: columns, find and replace, fill down, swap, divide, merge, convert. One menu, and the command palette."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMenu, QToolButton

from core.dataset.formats import DatasetInfo, Role
from core.errors import AnchorLabError
from core.project.swap import SwapColumns
from gui.actions.registry import ActionSpec
from gui.theme import icons
from gui.views.label.column_menu import StayingMenu, fill_columns
from gui.views.label.selection import Selected
from gui.widgets.basic import tool_button

if TYPE_CHECKING:
    from gui.views.label.page import LabelPage


class TableTools(QObject):
    """Puts its button into the page's toolbar."""

    def __init__(self, page: LabelPage) -> None:
        super().__init__(page)
        self._page = page
        self.button = tool_button("more", "Columns and tools of the table", name="label.tools", kind="")
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.button)
        self.menu.setObjectName("label.tools_menu")
        self.menu.aboutToShow.connect(self._fill)
        self.button.setMenu(self.menu)
        page.toolbar.add_tool(self.button)

    # -- the tools ----------------------------------------------------------------------------------------------

    def replace(self) -> None:
        """Find and replace, in the selection when there is one of several rows."""
        from gui.dialogs.replace import ReplaceDialog

        page, info = self._page, self._page.context.dataset
        project = page.context.project
        if info is None or project is None:
            return
        page.table.commit()
        chosen = page.table.selected()
        selection = chosen.ids() if chosen.count > 1 else array("q")
        scopes = {
            f"All {info.rows:,} rows": lambda: project.ids(info.id),
            f"The {page.model.rowCount():,} rows shown": lambda: page.model.ids[:],
        }
        if selection:
            scopes[f"The {len(selection):,} selected rows"] = lambda: selection
        dialog = ReplaceDialog(page.context, info, scopes, page.window())
        if selection:
            dialog.scope.setCurrentIndex(2)
        dialog.show()

    def swap(self, first: int, second: int) -> None:
        """Let two text columns of the whole dataset change places."""
        page, info = self._page, self._page.context.dataset
        if info is None:
            return
        titles = {column.slot: column.title for column in info.columns}
        words = f"Swap {titles[first]} and {titles[second]}"
        page.context.background.start(
            f"Swapping {titles[first]} and {titles[second]}",
            lambda project: project.apply(SwapColumns(info.id, first, second), words, "label.swap"),
            lambda change: self._told(change is not None, words),
        )

    def _told(self, done: bool, words: str) -> None:
        context = self._page.context
        if done:
            context.messages.note(f"{words}: done.", action="Undo", do=context.undo)

    def swap_first(self) -> None:
        self.swap(0, 1)

    def divide(self) -> None:
        from gui.dialogs.divide import DivideDialog

        info = self._page.context.dataset
        if info is not None:
            DivideDialog(self._page.context, info, self._page.model.ids[:], self._page.window()).open()

    def merge(self) -> None:
        from gui.dialogs.divide import MergeDialog

        context, info = self._page.context, self._page.context.dataset
        if info is None or context.project is None:
            return
        try:
            infos = context.project.datasets()
        except AnchorLabError as error:
            context.messages.error(error)
            return
        MergeDialog(context, infos, info, self._page.window()).open()

    def convert(self) -> None:
        from gui.dialogs.convert import ConvertDialog

        info = self._page.context.dataset
        if info is not None:
            ConvertDialog(self._page.context, info, self._page.window()).open()

    def choose_columns(self) -> None:
        """The menu of columns under the button."""
        menu = StayingMenu(self._page)
        menu.setObjectName("label.columns_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_columns(menu, self._page.model, self._page.columns)
        menu.popup(self.button.mapToGlobal(self.button.rect().bottomLeft()))

    # -- the menu -----------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        self.menu.clear()
        page, info = self._page, self._page.context.dataset
        columns = StayingMenu("Columns", self.menu)
        icons.attach(columns.menuAction(), "table", size=16)
        fill_columns(columns, page.model, page.columns)
        self.menu.addMenu(columns).setEnabled(info is not None)
        self.menu.addSeparator()
        for spec in self.actions_of():
            if spec.id in ("label.columns", "label.swap"):
                continue
            action = self.menu.addAction(spec.title)
            action.setObjectName(f"label.tools.{spec.id.removeprefix('label.')}")
            if spec.icon:
                icons.attach(action, spec.icon, size=16)
            if spec.shortcut:
                action.setText(f"{spec.title}\t{spec.shortcut}")
            action.setEnabled(spec.enabled is None or spec.enabled())
            action.triggered.connect(lambda _checked=False, do=spec.do: do())
            if spec.id == "label.fill_down" and info is not None:
                self._add_swaps(info)
                self.menu.addSeparator()

    def _add_swaps(self, info: DatasetInfo) -> None:
        texts = [column for column in info.columns if column.role is not Role.SCORE]
        pairs = [(one, two) for n, one in enumerate(texts) for two in texts[n + 1 :]][:10]
        menu = self.menu.addMenu("Swap columns")
        menu.setObjectName("label.tools.swap")
        menu.setEnabled(self._page.context.editable and info.rows > 0)
        for one, two in pairs:
            action = menu.addAction(f"{one.title} ↔ {two.title}")
            action.setObjectName(f"label.tools.swap.{one.slot}.{two.slot}")
            action.triggered.connect(
                lambda _checked=False, first=one.slot, second=two.slot: self.swap(first, second)
            )

    def actions_of(self) -> list[ActionSpec]:
        page = self._page

        def here() -> bool:
            return not page.isHidden() and page.context.dataset_id is not None

        def rows() -> bool:
            info = page.context.dataset if here() and page.context.editable else None
            return info is not None and info.rows > 0

        def chosen() -> bool:
            return rows() and bool(_chosen(page).count)

        group = "Label"
        return [
            ActionSpec("label.columns", "Choose the columns…", self.choose_columns, "", "table", group, here),
            ActionSpec("label.replace", "Find and replace…", self.replace, "Ctrl+H", "search", group, rows),
            ActionSpec(
                "label.fill_down", "Fill down", page.commands.fill_down, "Ctrl+Shift+D", "down", group, chosen
            ),
            ActionSpec("label.swap", "Swap the first two columns", self.swap_first, "", "retry", group, rows),
            ActionSpec("label.convert", "Convert to another format…", self.convert, "", "pairs", group, rows),
            ActionSpec("label.divide", "Divide this dataset…", self.divide, "", "triplets", group, rows),
            ActionSpec("label.merge", "Merge datasets…", self.merge, "", "plus", group, rows),
        ]


def _chosen(page: LabelPage) -> Selected:
    return page.table.selected()
