"""What to label next: rows, unpaired texts or groups without a label, found when somebody looks at them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from gui.models.next_examples import KINDS, Found, Item, NextExamples
from gui.views.label.assist.two_lines import ItemList
from gui.widgets.basic import ElidedLabel, button, label, tool_button


@dataclass(frozen=True)
class _Words:
    title: str
    tip: str
    none: str
    act: str


_WORDS = {
    "rows": _Words(
        "Rows",
        "Open rows that the model is unsure about, unlike each other and unlike labelled ones",
        "Every row is labelled.",
        "Go to the row",
    ),
    "texts": _Words(
        "Texts",
        "Unpaired texts that many others resemble, far from everything labelled",
        "There are no unpaired texts. Import a file of plain texts, and the ones worth a row are listed here.",
        "Make a row",
    ),
    "groups": _Words(
        "Groups",
        "Groups of alike texts in which not a single one is labelled",
        "No group of texts is without a label.",
        "Select its rows",
    ),
}


class NextList(QWidget):
    """`opened(kind, item)`: what to do with an entry; `more` is its second action, where there is one."""

    opened = Signal(str, object)
    more = Signal(str, object)
    import_requested = Signal()

    def __init__(self, source: NextExamples, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._editable = True
        self.kind = "rows"
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._head())
        column.addLayout(self._about_line())
        self.bar = QProgressBar()
        self.bar.setObjectName("next.progress")
        self.bar.setAccessibleName("Texts read by the model")
        self.bar.setTextVisible(False)
        self.list = ItemList("next.list", "What to label next")
        self.list.opened.connect(lambda item: self.opened.emit(self.kind, item))
        self.list.chosen.connect(self._show_acts)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self._empty())
        column.addWidget(self.stack, 1)
        column.addLayout(self._acts())
        source.changed.connect(lambda kind: self._show() if kind == self.kind else None)
        self.choose("rows")

    # -- building -----------------------------------------------------------------------------------------------

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(2)
        row.addWidget(label("Label next", "section"))
        row.addStretch(1)
        group = QButtonGroup(self)
        self.tabs = {}
        for kind in KINDS:
            made = button(_WORDS[kind].title, kind="tab", name=f"next.{kind}", tip=_WORDS[kind].tip)
            made.setCheckable(True)
            made.clicked.connect(lambda _checked=False, kind=kind: self.choose(kind))
            group.addButton(made)
            self.tabs[kind] = made
            row.addWidget(made)
        return row

    def _about_line(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(16, 0, 12, 0)
        self.about = ElidedLabel("", "caption")
        self.about.setObjectName("next.about")
        self.again = tool_button("retry", "Look again", name="next.again", clicked=self.ask)
        row.addWidget(self.about, 1)
        row.addWidget(self.again)
        return row

    def _empty(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 12, 24, 12)
        column.setSpacing(10)
        column.addStretch(1)
        self.words = label("", "secondary", wrap=True, name="next.words")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.words)
        column.addWidget(self.bar)
        row = QHBoxLayout()
        row.addStretch(1)
        self.look_for = button("Find them", "search", name="next.find", clicked=self.ask)
        self.cancel = button("Cancel", name="next.cancel", clicked=lambda: self._source.stop(self.kind))
        self.import_ = button(
            "Import a file…", "import", name="next.import", clicked=self.import_requested.emit
        )
        row.addWidget(self.look_for)
        row.addWidget(self.import_)
        row.addWidget(self.cancel)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(2)
        self._empty_page = page
        return page

    def _acts(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(16, 4, 16, 12)
        row.setSpacing(8)
        self.act = button("", name="next.act", clicked=lambda: self._emit(self.opened))
        self.second = button("", name="next.second", clicked=lambda: self._emit(self.more))
        row.addWidget(self.act)
        row.addWidget(self.second)
        row.addStretch(1)
        return row

    # -- using --------------------------------------------------------------------------------------------------

    def allow(self, editable: bool) -> None:
        if editable != self._editable:
            self._editable = editable
            self._show()

    def choose(self, kind: str) -> None:
        self.kind = kind
        self.tabs[kind].setChecked(True)
        self.list.setAccessibleName(_WORDS[kind].tip)
        self._show()

    def ask(self) -> None:
        self._source.ask(self.kind)

    @property
    def found(self) -> Found:
        return self._source.found[self.kind]

    def _emit(self, signal: object) -> None:
        item = self.list.item or (self.found.items[0] if self.found.items else None)
        if item is not None:
            signal.emit(self.kind, item)  # type: ignore[attr-defined]

    # -- showing ------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        found, words = self.found, _WORDS[self.kind]
        ready = found.state == "ready"
        about = f"{len(found.items)} {found.about}" if self.kind != "groups" else found.about
        self.about.setText(about if ready and found.items else "")
        self.again.setVisible(ready)
        self.list.show_items(found.items)
        self.stack.setCurrentWidget(self.list if found.items else self._empty_page)
        working = found.state == "working"
        self.bar.setVisible(working)
        self.bar.setRange(0, found.total)
        self.bar.setValue(found.done)
        self.look_for.setVisible(found.state in ("off", "failed"))
        self.cancel.setVisible(working)
        self.import_.setVisible(ready and self.kind == "texts" and self._editable)
        if working:
            told = f"Reading {found.done:,} of {found.total:,} texts…" if found.total else "Looking…"
        else:
            told = words.none if ready else f"{words.tip}."
        self.words.setText(told)
        self._show_acts()

    def _show_acts(self, _item: object = None) -> None:
        items, item = self.found.items, self.list.item
        self.act.setText(_WORDS[self.kind].act)
        self.act.setAccessibleName(self.act.text())
        self.act.setVisible(bool(items))
        self.act.setEnabled(item is not None and self._can_act(item))
        self.second.setVisible(bool(items) and self.kind != "texts")
        if self.kind == "rows":
            self.second.setText(f"Select all {len(items)}")
            self.second.setEnabled(True)
        else:
            count = len(item.texts[:5]) if item is not None else 0
            self.second.setText("Make rows" if not count else f"Make {count} row{'' if count == 1 else 's'}")
            self.second.setEnabled(count > 0 and self._editable)
        self.second.setAccessibleName(self.second.text())

    def _can_act(self, item: Item) -> bool:
        if self.kind == "texts":
            return self._editable
        return bool(item.ids)
