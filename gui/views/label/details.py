"""The panel on the right: one example in full, or what can be done with several."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from core.dataset.formats import DatasetInfo, Example, Role
from core.dataset.issues import Issue
from gui.models import score_text
from gui.models.table_columns import SPLIT_TITLES
from gui.theme import icons
from gui.views.label.detail_fields import ScoreField, TextField
from gui.widgets.basic import ElidedLabel, button, label, separator, tab_order, tool_button
from gui.widgets.roles import RoleHeading


class DetailsPanel(QFrame):
    """Says what was edited; the page does it. `edited(id, key, value)` is one cell of the shown example."""

    edited = Signal(int, str, object)
    flag_selected = Signal(bool)
    split_selected = Signal(str)
    delete_selected = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("details")
        self._id = 0
        self._info: DatasetInfo | None = None
        self._editable = False
        self.fields: dict[str, TextField] = {}
        self.score: ScoreField | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._pages = QStackedWidget()
        column.addWidget(self._pages)
        self._nothing = self._make_nothing()
        self._one = self._make_one()
        self._many = self._make_many()
        for page in (self._nothing, self._one, self._many):
            self._pages.addWidget(page)

    # -- building -----------------------------------------------------------------------------------------------

    def _make_nothing(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 24, 24, 24)
        words = label("Choose an example to see it in full.", "secondary", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(words)
        return page

    def _make_one(self) -> QWidget:
        scroll = QScrollArea()
        scroll.setObjectName("label.details.scroll")
        scroll.setAccessibleName("Details of the example")
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        inside.setObjectName("scrolled")
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setSpacing(4)
        self.title = label("", "section", name="label.details.title")
        self.flag = tool_button("flag", "Flag this example", name="label.details.flag")
        icons.attach(self.flag, "flag", on="accent", size=18)
        self.flag.setCheckable(True)
        self.flag.clicked.connect(lambda checked: self._emit("flag", checked))
        self.split = button("", kind="chip", name="label.details.split", tip="Split of this example")
        icons.attach(self.split, "chevron", size=12)
        self.split.setIconSize(QSize(12, 12))
        self.split.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands behind the word
        self.split.setMenu(self._split_menu(self.split, lambda key: self._emit("split", key)))
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.flag)
        head.addWidget(self.split)
        column.addLayout(head)
        self._issues = QVBoxLayout()
        self._issues.setSpacing(4)
        self._issues.setContentsMargins(0, 4, 0, 0)
        column.addLayout(self._issues)
        self._texts = QVBoxLayout()
        self._texts.setSpacing(0)
        column.addLayout(self._texts)
        column.addSpacing(16)
        column.addWidget(separator())
        column.addSpacing(12)
        column.addWidget(label("Note", "secondary"))
        column.addSpacing(6)
        self.note = TextField("label.details.note", "Note", hint="Why this row is as it is")
        self.note.committed.connect(lambda text: self._emit("note", text))
        column.addWidget(self.note)
        column.addSpacing(10)
        self.source = ElidedLabel("", "caption")
        self.source.setObjectName("label.details.source")
        column.addWidget(self.source)
        column.addStretch(1)
        scroll.setWidget(inside)
        return scroll

    def _make_many(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        self.count = label("", "section", name="label.details.count")
        self.count.setMinimumHeight(32)
        column.addWidget(self.count)
        flags = QHBoxLayout()
        flags.setSpacing(8)
        self.flag_all = button(
            "Flag", "flag", name="label.details.flag_all", clicked=lambda: self.flag_selected.emit(True)
        )
        self.unflag_all = button(
            "Remove flag", name="label.details.unflag_all", clicked=lambda: self.flag_selected.emit(False)
        )
        flags.addWidget(self.flag_all, 1)
        flags.addWidget(self.unflag_all, 1)
        column.addLayout(flags)
        self.split_all = button("Set split", name="label.details.split_all")
        icons.attach(self.split_all, "chevron", size=12)
        self.split_all.setIconSize(QSize(12, 12))
        self.split_all.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.split_all.setMenu(self._split_menu(self.split_all, self.split_selected.emit))
        column.addWidget(self.split_all)
        self.delete_all = button(
            "Delete",
            "trash",
            kind="danger",
            name="label.details.delete_all",
            clicked=self.delete_selected.emit,
        )
        column.addWidget(self.delete_all)
        column.addStretch(1)
        return page

    def _split_menu(self, owner: QWidget, chosen: object) -> QMenu:
        menu = QMenu(owner)
        for key, title in SPLIT_TITLES.items():
            action = menu.addAction(title)
            action.triggered.connect(lambda _checked=False, key=key: chosen(key))  # type: ignore[operator]
        return menu

    def open(self, info: DatasetInfo | None, editable: bool) -> None:
        """Another dataset: other editors."""
        self._info, self._editable, self._id = info, editable, 0
        while (item := self._texts.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.fields, self.score = {}, None
        for column in info.columns if info is not None else ():
            if column.role is Role.SCORE:
                continue
            field = TextField(f"label.details.{column.key}", column.title)
            field.committed.connect(lambda text, key=column.key: self._emit(key, text))
            self.fields[column.key] = field
            self._add(RoleHeading(column.title, column.role), field)
        if info is not None and any(column.role is Role.SCORE for column in info.columns):
            self.score = ScoreField(info.scale)
            self.score.committed.connect(lambda text: self._emit("score", text))
            heading = label(f"Score, {score_text.span(info.scale)}", "secondary")
            self._add(heading, self.score)
        tab_order(
            self.flag,
            self.split,
            *self.fields.values(),
            *(self.score.controls if self.score is not None else ()),
            self.note,
        )
        self.allow(editable)
        self._pages.setCurrentWidget(self._nothing)

    def allow(self, editable: bool) -> None:
        """Whether the example can be changed now."""
        self._editable = editable
        for part in (self.flag, self.split, self.flag_all, self.unflag_all, self.split_all, self.delete_all):
            part.setEnabled(editable)
        for text in [*self.fields.values(), self.note]:
            text.set_editable(editable)
        if self.score is not None:
            self.score.set_editable(editable)

    def _add(self, heading: QWidget, editor: QWidget) -> None:
        self._texts.addSpacing(14)
        self._texts.addWidget(heading)
        self._texts.addSpacing(6)
        self._texts.addWidget(editor)

    # -- showing ------------------------------------------------------------------------------------------------

    @property
    def shown_id(self) -> int:
        """The example that is shown alone; 0 when none or several are."""
        return self._id if self._pages.currentWidget() is self._one else 0

    def show_nothing(self) -> None:
        self.commit()
        self._id = 0
        self._pages.setCurrentWidget(self._nothing)

    def show_many(self, count: int) -> None:
        self.commit()
        self._id = 0
        self.count.setText(f"{count:,} examples selected")
        self._pages.setCurrentWidget(self._many)

    def show_example(self, example: Example, issues: list[Issue]) -> None:
        info = self._info
        if info is None:
            return
        same = example.id == self._id
        if not same:
            self.commit()
        self._id = example.id
        self.title.setText(f"Example {example.number:,}")
        self.flag.setChecked(example.flag)
        self.flag.setToolTip("Remove the flag" if example.flag else "Flag this example")
        self.split.setText(SPLIT_TITLES.get(example.split, example.split))
        self.split.setAccessibleName(f"Split: {self.split.text()}")
        for column in info.columns:
            field = self.fields.get(column.key)
            if field is not None and column.slot < len(example.texts):
                field.show_text(example.texts[column.slot], same=same)
        if self.score is not None:
            self.score.show_score(example, same=same)
        self.note.show_text(example.note, same=same)
        self.source.setText(f"From {example.source}" if example.source else "")
        self._show_issues(issues)
        self._pages.setCurrentWidget(self._one)

    def _show_issues(self, issues: list[Issue]) -> None:
        while (item := self._issues.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for issue in issues:
            self._issues.addWidget(_IssueLine(issue))

    def commit(self) -> None:
        """Keep what is being typed, for the example it is typed into."""
        if self._id:
            for field in [*self.fields.values(), self.note]:
                field.commit()
            if self.score is not None:
                self.score.commit()

    def _emit(self, key: str, value: object) -> None:
        if self._id and self._editable:
            self.edited.emit(self._id, key, value)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)


class _IssueLine(QWidget):
    """One issue of the shown example, in words about a single row."""

    def __init__(self, issue: Issue) -> None:
        super().__init__()
        self.setObjectName(f"label.details.issue.{issue.kind}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        sign = label()
        tone = "error" if issue.blocking else "warning"
        self._tone = tone
        sign.setPixmap(icons.icon("warning", tone, size=16).pixmap(16, 16))
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        words = label(_ROW_WORDS.get(issue.kind, issue.title), "caption", tone=tone, wrap=True)
        words.setToolTip("")
        words.setAccessibleDescription(issue.explanation)
        row.addWidget(words, 1)


_ROW_WORDS = {
    "empty_cell": "A text is missing.",
    "score_out_of_range": "The score is out of range.",
    "negative_equals_positive": "Positive and negative are the same text.",
    "conflict": "Contradicts another row.",
    "duplicate": "A copy of an earlier row.",
    "negative_equals_anchor": "The anchor is its own negative.",
    "anchor_contains_positive": "The anchor contains its positive word for word.",
    "lone_text": "The only text of its category.",
    "variant": "The same pair as an earlier row, in another spelling or order.",
    "near_duplicate": "Nearly the same as an earlier row.",
    "near_negative": "A negative is nearly the positive or the anchor.",
    "identical_low": "Identical texts, but not the highest score.",
    "mojibake": "Some characters are garbled.",
    "truncated": "A text is longer than the model reads.",
    "shared_texts": "A text of this row stands in another split too.",
    "one_sided": "One of the few on this side.",
}
