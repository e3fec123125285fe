"""Ask what a probe is: a query and its hits, a pair, or two pairs in order. Nothing is written here."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.errors import DataProblem
from core.project.probes import MOST_HITS, More, Probe, check
from gui.widgets.basic import button, label, set_tone, tool_button
from gui.widgets.spin import inset

KINDS = (("query", "Query and hits"), ("order", "Two pairs in order"), ("pair", "One pair"))
_WISHES = {"": "Nothing in particular", "similar": "Be similar", "different": "Not be similar"}
_TEACH = {
    "query": "A question and the texts that should be among its first hits, or should not.",
    "order": "The first pair should score higher than the second.",
    "pair": "Two texts that should, or should not, be similar: from the threshold on, or just to be watched.",
}


class ProbeEditor(QDialog):
    """`probe` holds the answer once accepted; `id` 0 is a new one."""

    def __init__(
        self, probe: Probe | None = None, kind: str = "query", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.probe_editor")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._before = probe or Probe(0, "", "")
        heading = "Edit the probe" if probe is not None and probe.id else "New probe"
        self.setWindowTitle(heading)
        self.resize(560, 520)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(8)
        column.addWidget(label(heading, "title"))
        column.addLayout(self._kinds())
        self.teach = label("", "secondary", wrap=True)
        column.addWidget(self.teach)
        self.stack = QStackedWidget()
        self.stack.addWidget(self._query())
        self.stack.addWidget(self._pair_page("order"))
        self.stack.addWidget(self._pair_page("pair"))
        column.addWidget(self.stack, 1)
        column.addWidget(label("Note", "strong"))
        self.note = _line("probe.note", "Note", column)
        self.problem = label("", "caption", wrap=True, name="probe.problem")
        set_tone(self.problem, "warning")
        column.addWidget(self.problem)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button("Cancel", name="probe.cancel", clicked=self.reject))
        self.ok = button(
            "Save" if self._before.id else "Add", kind="primary", name="probe.ok", clicked=self._accept
        )
        self.ok.setDefault(True)
        row.addWidget(self.ok)
        column.addLayout(row)
        self._show(probe, kind)

    # -- building -------------------------------------------------------------------------------------------------------

    def _kinds(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        self._tabs = QButtonGroup(self)
        for place, (key, words) in enumerate(KINDS):
            tab = button(words, kind="tab", name=f"probe.kind.{key}")
            tab.setCheckable(True)
            tab.setAutoDefault(False)
            self._tabs.addButton(tab, place)
            row.addWidget(tab)
        row.addStretch(1)
        self._tabs.idToggled.connect(lambda place, on: self._chosen(place) if on else None)
        return row

    def _query(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label("Query", "strong"))
        self.query = _line("probe.query", "Query", column)
        self.query.textChanged.connect(self._check)
        self.lists = {
            "expected": TextList("expected", "These texts should be found"),
            "unwanted": TextList("unwanted", "These should not"),
        }
        for made in self.lists.values():
            column.addWidget(made, 1)
            made.changed = self._check
        line = QHBoxLayout()
        line.addWidget(label("Among the first", "secondary"))
        self.k = inset(QSpinBox())
        self.k.setObjectName("probe.k")
        self.k.setAccessibleName("Among how many first hits")
        self.k.setRange(1, MOST_HITS)
        line.addWidget(self.k)
        line.addWidget(label("hits", "secondary"))
        line.addStretch(1)
        column.addLayout(line)
        return page

    def _pair_page(self, kind: str) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        names = ("one", "other", "lower_one", "lower_other") if kind == "order" else ("one", "other")
        fields: list[QLineEdit] = []
        for place, name in enumerate(names):
            if kind == "order" and place in (0, 2):
                column.addWidget(
                    label("This pair scores higher" if place == 0 else "than this pair", "strong")
                )
            field = _line(
                f"probe.{kind}.{name}",
                f"{('Higher', 'Lower')[place // 2]} pair, {('one', 'other')[place % 2]} text"
                if kind == "order"
                else ("One text", "Another text")[place],
                column,
            )
            field.setPlaceholderText(("One text", "Another text")[place % 2])
            field.textChanged.connect(self._check)
            fields.append(field)
        if kind == "order":
            self.order = fields
        else:
            self.pair = fields
            column.addWidget(label("They should", "strong"))
            self.wish = QComboBox()
            self.wish.setObjectName("probe.wish")
            self.wish.setAccessibleName("They should")
            self.wish.addItems(list(_WISHES.values()))
            column.addWidget(self.wish)
        column.addStretch(1)
        return page

    # -- showing --------------------------------------------------------------------------------------------------------

    def _show(self, probe: Probe | None, kind: str) -> None:
        found = self._before
        kind = found.kind if probe is not None else kind
        self.query.setText(_shown(found.text))
        self.k.setValue(found.k)
        for role, made in self.lists.items():
            made.set_texts(getattr(found, role))
        for field, text in zip(self.order, (found.text, found.other, *found.lower), strict=False):
            field.setText(_shown(text))
        for field, text in zip(self.pair, (found.text, found.other), strict=True):
            field.setText(_shown(text))
        self.wish.setCurrentIndex(list(_WISHES).index(found.expectation))
        self.note.setText(found.note)
        self._tabs.button([key for key, _ in KINDS].index(kind)).setChecked(True)
        self._check()

    def _chosen(self, place: int) -> None:
        self.stack.setCurrentIndex(place)
        self.teach.setText(_TEACH[KINDS[place][0]])
        (self.query, self.order[0], self.pair[0])[place].setFocus()
        self._check()

    @property
    def kind(self) -> str:
        return KINDS[self._tabs.checkedId()][0]

    @property
    def probe(self) -> Probe:
        before = self._before
        id, note = before.id, self.note.text().strip()
        if self.kind == "query":
            lists = {role: tuple(made.texts()) for role, made in self.lists.items()}
            text = _kept(self.query, before.text)
            return Probe(id, text, "", "", note, self.k.value(), lists["expected"], lists["unwanted"])
        if self.kind == "order":
            known = (*(before.text, before.other), *(before.lower or ("", "")))
            one, other, low, least = (
                _kept(field, text) for field, text in zip(self.order, known, strict=True)
            )
            return Probe(id, one, other, "", note, lower=(low, least))
        one, other = (
            _kept(field, text) for field, text in zip(self.pair, (before.text, before.other), strict=True)
        )
        return Probe(id, one, other, list(_WISHES)[self.wish.currentIndex()], note)

    def _check(self) -> None:
        if not hasattr(self, "ok"):
            return
        probe, problem = self.probe, ""
        complete = bool(probe.text.strip()) and (
            self.kind == "query" or all(one.strip() for one in (probe.other, *probe.lower))
        )
        if complete:
            more = More(probe.k, probe.expected, probe.unwanted, probe.lower)
            try:
                check((probe.text, probe.other, probe.expectation, probe.note), more)
            except DataProblem as error:
                problem = f"{error.message} {error.hint}"
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.ok.setEnabled(complete and not problem)

    def _accept(self) -> None:
        for made in self.lists.values():
            made.take_typed()  # what was typed and not added is meant as well
        self._check()
        if self.ok.isEnabled():
            self.accept()


class TextList(QWidget):
    """Texts with a field to add one, each editable in its place. A text with several lines stays whole."""

    def __init__(self, key: str, title: str) -> None:
        super().__init__()
        self.changed = lambda: None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(label(title, "strong"))
        row = QHBoxLayout()
        row.setSpacing(6)
        self.field = QLineEdit()
        self.field.setObjectName(f"probe.{key}.field")
        self.field.setAccessibleName(title)
        self.field.setPlaceholderText("Type or paste a text, and Enter")
        self.field.installEventFilter(self)
        self.add = tool_button("plus", "Add this text", name=f"probe.{key}.add", clicked=self.take_typed)
        self.remove = tool_button(
            "minus", "Remove the selected texts", name=f"probe.{key}.remove", clicked=self._remove
        )
        for widget in (self.field, self.add, self.remove):
            row.addWidget(widget)
        column.addLayout(row)
        self.list = QListWidget()
        self.list.setObjectName(f"probe.{key}.list")
        self.list.setAccessibleName(title)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setMinimumHeight(48)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemChanged.connect(self._edited)
        column.addWidget(self.list, 1)

    def eventFilter(self, watched: object, event: object) -> bool:
        from PySide6.QtCore import QEvent
        from PySide6.QtGui import QKeyEvent

        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and self.field.text().strip()
        ):
            self.take_typed()
            return True  # not the dialog's own button
        return False

    def texts(self) -> list[str]:
        return [str(self.list.item(row).data(Qt.ItemDataRole.UserRole)) for row in range(self.list.count())]

    def set_texts(self, texts: tuple[str, ...]) -> None:
        self.list.clear()
        for text in texts:
            self._append(text)

    def take_typed(self) -> None:
        text = self.field.text()
        if text.strip() and text not in self.texts():
            self._append(text)
        self.field.clear()
        self.changed()

    def _append(self, text: str) -> None:
        item = QListWidgetItem(_shown(text))
        item.setData(Qt.ItemDataRole.UserRole, text)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        self.list.addItem(item)

    def _edited(self, item: QListWidgetItem) -> None:
        if item.text() != _shown(str(item.data(Qt.ItemDataRole.UserRole))):
            item.setData(Qt.ItemDataRole.UserRole, item.text())
        self.changed()

    def _remove(self) -> None:
        for item in self.list.selectedItems():
            self.list.takeItem(self.list.row(item))
        self.changed()


def _line(name: str, title: str, column: QVBoxLayout) -> QLineEdit:
    field = QLineEdit()
    field.setObjectName(name)
    field.setAccessibleName(title)
    column.addWidget(field)
    return field


def _shown(text: str) -> str:
    return " ".join(text.split("\n"))


def _kept(field: QLineEdit, before: str) -> str:
    """What is in the field; a text with several lines that nobody touched is what it was."""
    return before if field.text() == _shown(before) else field.text()
