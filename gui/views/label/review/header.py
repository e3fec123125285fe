"""The line above the review: how far one is, at what pace, in which order."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QProgressBar, QPushButton, QVBoxLayout

from gui.theme import icons
from gui.views.label.review.deck import ORDERS
from gui.views.label.review.orders import OFF
from gui.widgets.basic import ElidedLabel, button, label

_NARROW = 600


class ReviewHeader(QFrame):
    order_chosen = Signal(str)
    shuffle_again = Signal()
    over_decided = Signal(bool)
    guidelines_toggled = Signal()
    second_pass_requested = Signal()
    merge_requested = Signal()
    agreement_requested = Signal()
    ends_toggled = Signal(bool)
    scores_requested = Signal()

    def __init__(self, why_not: Callable[[str], str]) -> None:
        """`why_not` gives the reason an order cannot be had now, "" where it can."""
        super().__init__()
        self.setObjectName("review.header")
        self._why_not = why_not
        self._order = "listed"
        self._blind = False
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 12, 8)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.progress = label("", "strong", name="review.progress")
        self.pace = ElidedLabel("", "caption")
        self.pace.setObjectName("review.pace")
        self.order = self._menu_button("review.order", "Order of the examples")
        self.order_menu = QMenu(self.order)
        self.order_menu.aboutToShow.connect(self._fill_orders)
        self.order.setMenu(self.order_menu)
        self.skip = button(
            "Skip decided",
            kind="chip",
            name="review.skip_decided",
            tip="Go over examples that are decided already (O)",
        )
        self.skip.setCheckable(True)
        self.skip.toggled.connect(self.over_decided)
        self.guidelines = button(
            "Guidelines", kind="chip", name="review.guidelines.toggle", tip="Show or hide the guidelines (G)"
        )
        self.guidelines.setCheckable(True)
        self.guidelines.clicked.connect(lambda _on: self.guidelines_toggled.emit())
        self.more = self._menu_button("review.more", "Second pass, merging, agreement")
        self.more.setText("Agreement")
        self.more_menu = QMenu(self.more)
        self.more.setMenu(self.more_menu)
        self._fill_more()
        for part in (self.order, self.skip, self.guidelines, self.more):
            part.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row.addWidget(self.progress)
        row.addWidget(self.pace, 1)
        for part in (self.order, self.skip, self.guidelines, self.more):
            row.addWidget(part)
        column.addLayout(row)
        self.bar = QProgressBar()
        self.bar.setObjectName("review.progress.bar")
        self.bar.setAccessibleName("Decided examples")
        self.bar.setTextVisible(False)
        self.bar.setProperty("tone", "positive")
        column.addWidget(self.bar)

    @staticmethod
    def _menu_button(name: str, tip: str) -> QPushButton:
        made = button("", kind="chip", name=name, tip=tip)
        made.setAccessibleName(tip)
        icons.attach(made, "chevron", size=12)
        made.setIconSize(QSize(12, 12))
        made.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        return made

    def _fill_orders(self) -> None:
        self.order_menu.clear()
        self.order_menu.setToolTipsVisible(True)
        for key, title in ORDERS.items():
            reason = self._why_not(key)
            action = self.order_menu.addAction(f"{title} — {reason}" if reason else title)
            action.setObjectName(f"review.order.{key}")
            action.setCheckable(True)
            action.setChecked(key == self._order)
            action.setEnabled(not reason)
            action.triggered.connect(lambda _on=False, key=key: self.order_chosen.emit(key))
        if any(self._why_not(key) == OFF for key in ORDERS):
            self.order_menu.addSeparator()
            ask = self.order_menu.addAction("Have the model score the rows")
            ask.setObjectName("review.order.score")
            ask.triggered.connect(lambda: self.scores_requested.emit())
        if self._order == "shuffled":
            self.order_menu.addSeparator()
            self.order_menu.addAction("Shuffle anew").triggered.connect(lambda: self.shuffle_again.emit())

    def _fill_more(self) -> None:
        for title, name, signal in (
            ("Second pass over a blind sample…", "second", self.second_pass_requested),
            ("Merge another person’s copy…", "merge", self.merge_requested),
            ("Agreement and disagreements", "agreement", self.agreement_requested),
        ):
            action = self.more_menu.addAction(title)
            action.setObjectName(f"review.more.{name}")
            action.triggered.connect(lambda _on=False, signal=signal: signal.emit())
        self._separator = self.more_menu.addSeparator()
        self._ends = self.more_menu.addAction("Only two score keys: 0 and 1 are the ends")
        self._ends.setObjectName("review.more.ends")
        self._ends.setCheckable(True)
        self._ends.triggered.connect(self.ends_toggled)

    def show_order(self, order: str) -> None:
        self._order = order
        self.order.setText(ORDERS[order])
        self.order.setAccessibleName(f"Order: {ORDERS[order]}")

    def show_ends(self, ends: bool, *, scored: bool) -> None:
        self._ends.setChecked(ends)
        self._ends.setVisible(scored)
        self._separator.setVisible(scored)

    def allow(self, editable: bool) -> None:
        for action in self.more_menu.actions()[:2]:
            action.setEnabled(editable)

    def show_progress(self, words: str, done: int, total: int) -> None:
        self.progress.setText(words)
        self.bar.setRange(0, max(total, 1))
        self.bar.setValue(done)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where there is little room the keys O and G have to do."""
        narrow = self.width() < _NARROW
        self.skip.setVisible(not narrow and not self._blind)
        self.guidelines.setVisible(not narrow)
        self.order.setVisible(not self._blind)

    def for_blind(self, blind: bool) -> None:
        """In a second pass the order is the sample's."""
        self._blind = blind
        self._fit()
