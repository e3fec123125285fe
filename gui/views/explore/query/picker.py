"""A window to find a row in: type some of its letters, choose it, Enter."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.dataset.formats import DatasetInfo, Example
from core.errors import AnchorLabError
from core.project import View
from gui.context import Context
from gui.models.next_examples import Item
from gui.theme import icons
from gui.views.label.assist.two_lines import ItemList
from gui.widgets.basic import button, label
from gui.workers.job import Job

_SHOWN = 200
_TYPING_MS = 150


class RowPicker(QDialog):
    """`chosen` gets the id of the row."""

    def __init__(
        self, context: Context, info: DatasetInfo, chosen: Callable[[int], object], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("explore.picker")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Pick a row of {info.name}")
        self.setModal(True)
        self.resize(620, 460)
        self._context, self._info, self._chosen = context, info, chosen
        self._job: Job | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(10)
        self.search = QLineEdit()
        self.search.setObjectName("explore.picker.search")
        self.search.setAccessibleName("Find a row")
        self.search.setPlaceholderText(f"Find a row of {info.name}")
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icons.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.installEventFilter(self)
        column.addWidget(self.search)
        self.list = ItemList("explore.picker.list", "Rows")
        self.list.opened.connect(self._open)
        column.addWidget(self.list, 1)
        foot = QHBoxLayout()
        self.hits = label("", "caption", name="explore.picker.hits")
        foot.addWidget(self.hits, 1)
        foot.addWidget(button("Cancel", name="explore.picker.cancel", clicked=self.reject))
        self.accept_button = button(
            "Explore",
            kind="primary",
            name="explore.picker.accept",
            clicked=lambda: self._open(self.list.item),
        )
        foot.addWidget(self.accept_button)
        column.addLayout(foot)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_TYPING_MS)
        self._timer.timeout.connect(self._look)
        self.search.textChanged.connect(lambda _text: self._timer.start())
        self.finished.connect(lambda _result: self._cancel())
        self._look()

    def _look(self) -> None:
        """In another thread: a million rows take half a second."""
        self._cancel()
        project, info = self._context.project, self._info
        if project is None:
            return
        view = View(search=self.search.text().strip())
        try:
            reader = project.reader()
        except AnchorLabError as error:
            self._context.messages.error(error)
            return

        def work(_job: Job) -> tuple[int, list[Example]]:
            with reader:
                ids = reader.ids(info.id, view)
                return len(ids), reader.examples(ids[:_SHOWN].tolist())

        self._job = self._context.run("", work, on_done=self._show)

    def _show(self, found: tuple[int, list[Example]]) -> None:
        self._job = None
        total, rows = found
        self.list.show_items([_item(row) for row in rows])
        self.accept_button.setEnabled(bool(rows))
        shown = len(rows)
        if not total:
            self.hits.setText(
                "No row contains this." if self.search.text().strip() else "There are no rows yet."
            )
        else:
            self.hits.setText(
                f"The first {shown:,} of {total:,} rows" if shown < total else f"{total:,} rows"
            )

    def _cancel(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _open(self, item: Item | None) -> None:
        if item is not None:
            self.accept()
            self._chosen(item.ids[0])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows and Enter in the line mean the list."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
                QApplication.sendEvent(self.list, event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._open(self.list.item)
                return True
        return super().eventFilter(watched, event)


def _item(row: Example) -> Item:
    texts = [text for text in row.texts if text.strip()]
    first = texts[0] if texts else "(blank)"
    below = " · ".join(" ".join(text[:200].split()) for text in texts[1:3])
    return Item(first, below, f"{row.number:,}", ids=(row.id,))
