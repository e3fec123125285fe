"""Where a question comes from: typed, a row picked or stepped to, or one asked before."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from core.errors import AnchorLabError
from gui.context import Context
from gui.views.explore.query import recent as recents
from gui.views.explore.query.bar import QueryBar
from gui.views.explore.query.picker import RowPicker
from gui.views.explore.query.recent import Asked, Recent
from gui.views.explore.query.rows import RowText, beside, row_text


class Questions(QObject):
    """Puts them into the bar; `asked` then says that it is meant."""

    asked = Signal()

    def __init__(self, context: Context, bar: QueryBar) -> None:
        super().__init__(bar)
        self.context, self.bar = context, bar
        self.recent = Recent()
        bar.pick.connect(self.pick_row)
        bar.step_row.connect(self.step_row)
        bar.asked_again.connect(self.ask_again)

    def read(self) -> None:
        """What was asked in this project before."""
        folder = self.context.folder
        self.recent = Recent(recents.read(recents.path_of(folder)) if folder is not None else ())
        self.bar.show_recent(self.recent)

    def refresh(self) -> None:
        """The row in the bar as it is now; where it is gone, its text stays."""
        row, project = self.bar.row, self.context.project
        if row is None or project is None:
            return
        now = row_text(project, row.row.id, row.slot)
        if now != row:
            self.bar.show_text(now.text if now is not None else row.text, now)

    def show_row(self, id: int, slot: int = 0) -> None:
        """A row as the question."""
        project = self.context.project
        found = row_text(project, id, slot) if project is not None else None
        if found is None:
            self.context.messages.note("This row has no text to search for.")
            return
        self._show_row(found)

    def _show_row(self, row: RowText) -> None:
        self.bar.show_text(row.text, row)
        self.asked.emit()

    def ask_text(self, text: str) -> None:
        if text.strip():
            self.bar.show_text(text)
            self.asked.emit()

    def step_row(self, by: int) -> None:
        """The next row of the dataset that is searched."""
        project = self.context.project
        row = self.bar.row
        where = row.info.id if row is not None else self.context.dataset_id
        if project is None or where is None:
            return
        try:
            found = beside(project, where, row, by)
        except AnchorLabError as error:
            self.context.messages.error(error)
            return
        if found is not None:
            self._show_row(found)

    def pick_row(self) -> None:
        dataset = self.context.dataset
        if dataset is not None:
            RowPicker(self.context, dataset, self.show_row, self.bar).open()

    def step_back(self, by: int) -> None:
        """To the question before or after."""
        asked = self.recent.step(by)
        if asked is not None:
            self.ask_again(asked)

    def ask_again(self, asked: Asked) -> None:
        project = self.context.project
        row = row_text(project, asked.row, asked.slot) if project is not None and asked.row else None
        same = row is not None and row.text == asked.text
        self.bar.show_text(asked.text, row if same else None)
        self.asked.emit()

    def remember(self) -> None:
        row, project = self.bar.row, self.context.project
        asked = Asked(self.bar.text, row.row.id if row is not None else 0, row.slot if row is not None else 0)
        if not self.recent.add(asked) or project is None:
            return
        self.bar.show_recent(self.recent)
        if not project.read_only:
            path, entries = recents.path_of(project.folder), tuple(self.recent.entries)
            self.context.run("", lambda _job: recents.write(path, entries), on_error=lambda _error: None)
