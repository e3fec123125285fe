"""The views that a person saved, in the panel on the left: one click brings filter, search, order and columns back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from core.errors import AnchorLabError
from core.project import Change, View
from core.project import saved_views as core_views
from core.project.ranges import to_ranges
from core.project.saved_views import CHOSEN_ROWS, SavedView
from gui.actions.registry import ActionSpec
from gui.dialogs.name import NameDialog
from gui.theme import icons
from gui.views.label.side import ViewButton
from gui.widgets.basic import label, tool_button

if TYPE_CHECKING:
    from gui.views.label.page import LabelPage

ORIGIN = "label.views"


class SavedViews(QWidget):
    """Every change is an edit of the project: undo brings a deleted view back."""

    def __init__(self, page: LabelPage) -> None:
        super().__init__()
        self.setObjectName("label.saved_views")
        self._page = page
        self._views: list[SavedView] = []
        self._active = -1
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(10, 0, 2, 0)
        head.addWidget(label("Saved views", "caption"))
        head.addStretch(1)
        self.add = tool_button(
            "plus",
            "Save this view (filter, search, order, columns)",
            name="label.view.save",
            clicked=self.save,
        )
        head.addWidget(self.add)
        column.addLayout(head)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        column.addLayout(self._list)
        self.buttons: list[ViewButton] = []
        context = page.context
        context.dataset_changed.connect(self.reload)
        context.data_changed.connect(self._heard)
        context.background.changed.connect(self._allow)
        page.side.add_list(self)
        page.side.chosen.connect(lambda _view, _kind: self._mark(-1))
        page.toolbar.search.asked.connect(lambda _text: self._mark(-1))
        page.table.head.sectionClicked.connect(lambda _section: self._mark(-1))
        self.reload()

    # -- what there is ------------------------------------------------------------------------------------------

    def _heard(self, change: Change) -> None:
        if "meta" in change.kinds:
            self.reload()

    def reload(self) -> None:
        """Read the project's views again; those of the dataset are shown."""
        context = self._page.context
        project = context.project
        try:
            found = core_views.saved_views(project) if project is not None else []
        except AnchorLabError as error:
            context.messages.error(error)
            found = []
        self._views = found
        self._active = -1
        while self.buttons:
            made = self.buttons.pop()
            made.hide()
            made.deleteLater()
        for place, view in enumerate(found):
            if view.dataset_id == context.dataset_id:
                self._list.addWidget(self._button(place, view))
        self.setVisible(context.dataset_id is not None)
        self._allow()

    def _button(self, place: int, view: SavedView) -> ViewButton:
        made = ViewButton(f"saved.{place}", view.name, _described(view))
        made.clicked.connect(lambda _checked=False: self.open(place))
        made.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        made.customContextMenuRequested.connect(lambda at: self._menu(made, place, at))
        self.buttons.append(made)
        return made

    def _allow(self) -> None:
        self.add.setEnabled(self._page.context.editable)

    def _mark(self, place: int) -> None:
        self._active = place
        for made in self.buttons:
            made.setChecked(made.key == f"saved.{place}")

    # -- using --------------------------------------------------------------------------------------------------

    def open(self, place: int) -> None:
        """Show the rows of the view as they were kept: filter, search, order and columns."""
        view, page = self._views[place], self._page
        known = {column.key: column for column in page.model.all_columns}
        if view.columns:
            wanted = {key: key in view.columns for key in known if key != "number"}
            if any(page.columns.shown(known[key]) != on for key, on in wanted.items()):
                page.columns.choose(wanted)
        else:
            page.columns.usual()
        sort = view.sort if not view.sort or view.sort in known else ""
        page.chosen.take(id for first, last in view.rows for id in range(first, last + 1))
        page.rows.show_view(view.shown, view.kind, View(view.search, "all", sort, view.descending))
        self._mark(place)
        page.focus_table()

    def present(self, name: str = "") -> SavedView:
        """What the table shows now, as a view."""
        page = self._page
        shown = page.rows.view
        return SavedView(
            name,
            page.context.dataset_id or 0,
            page.side.view,
            page.side.kind,
            shown.search,
            shown.sort,
            shown.descending,
            tuple(column.key for column in page.model.columns),
            to_ranges(page.chosen.ids) if page.side.view == CHOSEN_ROWS else (),
        )

    # -- changing -----------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Keep what the table shows now under a name."""
        if not self._page.context.editable or self._page.context.dataset_id is None:
            return
        view = self.present()
        self._ask("Save this view", _suggested(view), lambda name: self._add(replace(view, name=name)))

    def _add(self, view: SavedView) -> None:
        self._store(lambda: core_views.added(self._views, view), f"Save the view {view.name}")
        self._mark(len(self._views) - 1)

    def rename(self, place: int) -> None:
        self._ask(
            "Rename the view",
            self._views[place].name,
            lambda name: self._store(lambda: core_views.renamed(self._views, place, name), "Rename the view"),
        )

    def update_view(self, place: int) -> None:
        """Let a view keep what the table shows now."""
        changed = list(self._views)
        changed[place] = self.present(self._views[place].name)
        self._store(lambda: changed, f"Change the view {changed[place].name}")
        self._mark(place)

    def shift(self, place: int, step: int) -> None:
        self._store(lambda: core_views.moved(self._views, place, step), "Move the view")

    def delete(self, place: int) -> None:
        rest = [view for n, view in enumerate(self._views) if n != place]
        name = self._views[place].name
        self._store(lambda: rest, f"Delete the view {name}")
        context = self._page.context
        context.messages.note(f"Deleted the view “{name}”.", action="Undo", do=context.undo)

    def _store(self, make: Callable[[], list[SavedView]], label: str) -> None:
        self._page.context.edit(lambda project: project.apply(core_views.store(make()), label, ORIGIN))

    def _ask(self, title: str, name: str, done: Callable[[str], object]) -> None:
        NameDialog(title, name, done, self._page.window()).open()

    def _menu(self, made: ViewButton, place: int, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setObjectName("label.view_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        editable = self._page.context.editable
        own = [n for n, view in enumerate(self._views) if view.dataset_id == self._page.context.dataset_id]
        entries = (
            ("rename", "Rename…", "label", lambda: self.rename(place), True),
            ("update", "Keep what the table shows now", "check", lambda: self.update_view(place), True),
            ("up", "Move up", "up", lambda: self.shift(place, -1), place != own[0]),
            ("down", "Move down", "down", lambda: self.shift(place, 1), place != own[-1]),
            ("delete", "Delete", "trash", lambda: self.delete(place), True),
        )
        for key, title, icon, do, possible in entries:
            action = menu.addAction(title)
            action.setObjectName(f"label.view_menu.{key}")
            icons.attach(action, icon, size=16)
            action.setEnabled(editable and possible)
            action.triggered.connect(lambda _checked=False, do=do: do())
        menu.popup(made.mapToGlobal(at))

    def actions_of(self) -> list[ActionSpec]:
        page = self._page

        def possible() -> bool:
            return not page.isHidden() and page.context.dataset_id is not None and page.context.editable

        return [
            ActionSpec(
                "label.view.save", "Save this view…", self.save, "Ctrl+Shift+S", "plus", "Label", possible
            )
        ]


def _suggested(view: SavedView) -> str:
    if view.search:
        return f"“{view.search[:40]}”"
    return view.shown.capitalize() if view.shown != "all" else "My view"


def _described(view: SavedView) -> str:
    parts: Sequence[str] = [
        f"Rows: {view.shown}" + (f", {view.kind}" if view.kind else ""),
        f"containing “{view.search[:60]}”" if view.search else "",
        f"by {view.sort.removeprefix('extra:')}{', largest first' if view.descending else ''}"
        if view.sort
        else "",
    ]
    return " · ".join(part for part in parts if part)
