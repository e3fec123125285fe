"""The switch between the table and the review of the same rows, and what the label page does differently in either."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.project import Change
from gui.actions.registry import ActionSpec
from gui.theme import icons
from gui.views.label.review.orders import reason_against
from gui.widgets.basic import button

if TYPE_CHECKING:
    from gui.views.label.page import LabelPage
    from gui.views.label.review.panel import ReviewPanel
    from gui.views.label.review.rounds import Rounds

_FOLLOWS_MS = 30
_NARROW = 540  # of the tool bar: below it the words become icons
_WIDEST = 16777215


class ModeSwitch(QFrame):
    """[Table | Review]"""

    def __init__(self, bar: QWidget) -> None:
        """`bar` is the tool bar it stands in, whose width decides between words and icons."""
        super().__init__()
        bar.installEventFilter(self)
        self.setObjectName("label.mode")
        self.setAccessibleName("Table or review")
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        self.group = QButtonGroup(self)
        self.table = self._half("Table", "table", "All rows in a table (Ctrl+R)")
        self.review = self._half("Review", "label", "One example at a time, decided by keys (Ctrl+R)")
        self.table.setChecked(True)
        for half in (self.table, self.review):
            row.addWidget(half)

    def _half(self, title: str, icon: str, tip: str) -> QPushButton:
        made = button(title, kind="tab", name=f"label.mode.{title.lower()}", tip=tip)
        icons.attach(made, icon, "secondary", on="accent", size=16)
        made.setProperty("title", title)
        made.setCheckable(True)
        self.group.addButton(made)
        return made

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self._fit(watched.width() < _NARROW)
        return super().eventFilter(watched, event)

    def _fit(self, narrow: bool) -> None:
        for half in (self.table, self.review):
            words = "" if narrow else half.property("title")
            if half.text() != words:
                half.setText(words)
                half.setMaximumWidth(34 if narrow else _WIDEST)


class ReviewMode(QObject):
    """Puts the review beside the table in the page's middle. The panel is built when it is first wanted."""

    def __init__(self, page: LabelPage) -> None:
        super().__init__(page)
        self._page = page
        self.on = False
        self.details = False  # the helpers on the right, which the review hides until they are asked for
        self.panel: ReviewPanel | None = None
        # The table goes along, after the example is painted: what acts on its selection acts on the example in front.
        self._follow = QTimer(self)
        self._follow.setSingleShot(True)
        self._follow.setInterval(_FOLLOWS_MS)
        self._follow.timeout.connect(self._bring_table)
        self.switch = ModeSwitch(page.toolbar)
        self.switch.table.clicked.connect(lambda: self.show(False))
        self.switch.review.clicked.connect(lambda: self.show(True))
        bar = page.toolbar.layout()
        assert isinstance(bar, QHBoxLayout)
        bar.insertWidget(0, self.switch)
        self.stack = QStackedWidget()
        holder = page.places.parentWidget()
        middle = holder.layout() if holder is not None else None
        assert isinstance(middle, QVBoxLayout)
        middle.replaceWidget(page.places, self.stack)
        middle.setStretchFactor(self.stack, 1)
        self.stack.addWidget(page.places)
        context = page.context
        context.dataset_changed.connect(self._dataset_changed)
        context.data_changed.connect(self._data_changed)
        for last_moment in (context.project_closing, context.background.starting):
            last_moment.connect(self.commit)
        context.background.changed.connect(self._editable_changed)
        for change in (page.model.modelReset, page.model.rowsInserted, page.model.rowsRemoved):
            change.connect(self._sync)

    # -- table or review ----------------------------------------------------------------------------------------

    def show(self, on: bool) -> None:
        """Review the rows of the table from where it stands, or go back to where the review stands."""
        if on and self.panel is None:
            self._build()
        if on:
            self._page.table.commit()
        elif self.on:
            self._bring_table()
        self.on = on
        (self.switch.review if on else self.switch.table).setChecked(True)
        self._sync()
        self._page.show_details_panel()
        self._page.focus_table()

    def commit(self) -> None:
        """Keep what is being typed."""
        if self.panel is not None:
            self.panel.commit()

    def _editable_changed(self) -> None:
        if self.panel is not None:
            self.panel.allow(self._page.context.editable)

    def toggle(self) -> None:
        self.show(not self.on)

    def _build(self) -> None:
        # Only now: the first frame of the window must not wait for it.
        from gui.views.label.review.panel import ReviewPanel

        page = self._page
        self.panel = ReviewPanel(page.context, page.model, page.scores.scores, self._start)
        self.panel.header.scores_requested.connect(page.scores.show)
        self.panel.rounds.changed.connect(page.show_details_panel)
        self.panel.moved.connect(lambda _id: self._follow.start())
        self.stack.addWidget(self.panel)
        self.panel.open(page.context.dataset)

    def _start(self) -> int:
        """The id of the table's current row. A table nobody has moved in yet starts with the first undecided row."""
        page, panel = self._page, self.panel
        here = page.table.currentIndex()
        row = here.row() if here.isValid() else 0
        if not 0 <= row < len(page.model.ids):
            return 0
        if row == 0 and panel is not None and panel.deck.decided:
            return next((id for id in page.model.ids if id not in panel.deck.decided), page.model.ids[0])
        return page.model.ids[row]

    def _bring_table(self) -> None:
        """The table goes to the example in front."""
        page = self._page
        self._follow.stop()
        if self.panel is None or not self.panel.deck.id:
            return
        row = page.model.row_of(self.panel.deck.id)
        if row >= 0:
            column = page.table.currentIndex().column()
            page.table.go_to(row, column if column >= 0 else 1)

    def _sync(self, *_change: object) -> None:
        """Without rows there is nothing to review: the page says what to do next, as for the table."""
        there = self.on and self.panel is not None and self._page.model.rowCount() > 0
        wanted = self.panel if there and self.panel is not None else self._page.places
        if self.stack.currentWidget() is not wanted:
            had = self.panel is not None and self.panel.isAncestorOf(self._page.focusWidget() or self._page)
            self.stack.setCurrentWidget(wanted)
            if had or there:
                self.focus()

    def focus(self) -> bool:
        """Give the keyboard to the review. False while the table is on show."""
        if self.panel is None or self.stack.currentWidget() is not self.panel:
            return False
        self.panel.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    # -- the helpers on the right -------------------------------------------------------------------------------

    @property
    def shows_details(self) -> bool:
        """In a second pass they would tell the first judgement."""
        return self.details and (self.panel is None or self.panel.rounds.blind is None)

    def toggle_details(self) -> bool:
        """Show or hide the helpers beside the review. False while the table is on show."""
        if not self.on:
            return False
        self.details = not self.details
        if self.details:
            self._bring_table()
        self._page.show_details_panel()
        return True

    # -- news ---------------------------------------------------------------------------------------------------

    def _dataset_changed(self) -> None:
        if self.panel is not None:
            self.panel.open(self._page.context.dataset)

    def _data_changed(self, change: Change) -> None:
        if self.panel is None:
            return
        if self._page.context.dataset_id in change.dataset_ids:
            self.panel.changed(change)
        if "meta" in change.kinds:
            self.panel.meta_changed()

    def actions(self) -> list[ActionSpec]:
        page = self._page

        def here() -> bool:
            return not page.isHidden() and page.context.dataset_id is not None

        def start(what: Callable[[Rounds], object]) -> Callable[[], object]:
            def do() -> None:
                self.show(True)
                assert self.panel is not None
                what(self.panel.rounds)

            return do

        def editable() -> bool:
            return here() and page.context.editable

        def in_order(order: str) -> Callable[[], object]:
            def do() -> None:
                self.show(True)
                assert self.panel is not None
                self.panel.set_order(order)

            return do

        def possible(order: str) -> Callable[[], bool]:
            return lambda: here() and not reason_against(page.scores.scores, order)

        orders = [
            ActionSpec(
                f"label.review.{key}", f"Review: {words}", in_order(key), "", "label", "Label", possible(key)
            )
            for key, words in (
                ("listed", "in the order of the table"),
                ("shuffled", "in a shuffled order"),
                ("uncertain", "what the model is least sure of first"),
                ("disagreeing", "what the model contradicts most first"),
            )
        ]
        return [
            *orders,
            ActionSpec(
                "label.second_pass",
                "Second pass over a blind sample…",
                start(lambda rounds: rounds.ask_second_pass()),
                "",
                "retry",
                "Label",
                editable,
            ),
            ActionSpec(
                "label.merge_copy",
                "Merge another person’s copy…",
                start(lambda rounds: rounds.ask_merge()),
                "",
                "import",
                "Label",
                editable,
            ),
            ActionSpec(
                "label.agreement",
                "Agreement and disagreements",
                start(lambda rounds: rounds.show_agreement()),
                "",
                "check",
                "Label",
                here,
            ),
            ActionSpec(
                "label.review",
                "Review one example at a time",
                self.toggle,
                "Ctrl+R",
                "label",
                "Label",
                here,
                checked=lambda: self.on,
            ),
        ]
