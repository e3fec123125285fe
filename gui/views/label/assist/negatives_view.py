"""The parts of the panel of hard negatives, from the rows looked at down to the three buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.dataset.formats import Role
from gui.context import Context
from gui.theme import icons
from gui.views.label.assist.among import Among
from gui.views.label.assist.bounds_box import BoundsBox
from gui.views.label.assist.model_choice import ModelChoice
from gui.views.label.assist.panel import AssistTab
from gui.views.label.assist.text_list import NearList
from gui.views.label.assist.waiting import Teaching, Waiting
from gui.widgets.basic import ElidedLabel, button, label, separator
from gui.widgets.roles import RoleSign


class NegativesView(AssistTab):
    cancel_requested = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("negatives")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(16, 10, 16, 12)
        head.setSpacing(8)
        head.addLayout(self._modes())
        self.pair = QWidget()
        lines = QVBoxLayout(self.pair)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(4)
        self.anchor = self._text_line(lines, Role.ANCHOR, "strong", "negatives.anchor")
        self.positive = self._text_line(lines, Role.POSITIVE, "", "negatives.positive")
        head.addWidget(self.pair)
        self.bounds = BoundsBox("negatives")
        head.addWidget(self.bounds)
        line = QHBoxLayout()
        line.setSpacing(8)
        self.model = ModelChoice(context, "negatives.model")
        self.among = Among("negatives.among")
        line.addWidget(self.model, 1)
        line.addWidget(self.among)
        head.addLayout(line)
        column.addLayout(head)
        column.addWidget(separator())
        self.waiting = Waiting("negatives", self.cancel_requested.emit)
        column.addWidget(self.waiting)
        self.list = NearList("negatives.list", "Proposed negatives", "NPS")
        self.empty = Teaching("negatives", "negatives")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        column.addWidget(self.stack, 1)
        column.addWidget(separator())
        column.addLayout(self._foot())

    def _modes(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self.chosen_rows = button("This row", kind="tab", name="negatives.mode.chosen")
        self.all_rows = button("All rows of the view", kind="tab", name="negatives.mode.all")
        self._group = QButtonGroup(self)
        for made in (self.chosen_rows, self.all_rows):
            made.setCheckable(True)
            self._group.addButton(made)
            row.addWidget(made)
        self.chosen_rows.setChecked(True)
        row.addStretch(1)
        return row

    def _text_line(self, column: QVBoxLayout, role: Role, kind: str, name: str) -> ElidedLabel:
        row = QHBoxLayout()
        row.setSpacing(8)
        text = ElidedLabel("", kind)
        text.setObjectName(name)
        row.addWidget(RoleSign(role), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(text, 1)
        if role is Role.POSITIVE:
            self.own = label("", "strong", name="negatives.own")
            self.own.setToolTip("How similar the positive is to the anchor")
            row.addWidget(self.own)
        column.addLayout(row)
        return text

    def _foot(self) -> QVBoxLayout:
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 10, 16, 12)
        foot.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.buttons = {
            "N": button(
                "Negative  N", "minus", name="negatives.negative", tip="It is a negative of this anchor (N)"
            ),
            "P": button(
                "Positive  P",
                "plus",
                name="negatives.positive_button",
                tip="It is really a positive of this anchor (P)",
            ),
            "S": button("Skip  S", name="negatives.skip", tip="Neither; do not propose it again (S)"),
        }
        icons.attach(self.buttons["N"], "minus", "negative", size=16)
        icons.attach(self.buttons["P"], "plus", "positive", size=16)
        for made, name in zip(self.buttons.values(), ("Negative", "Really a positive", "Skip"), strict=True):
            made.setProperty("kind", "step")
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard in the list
            made.setAccessibleName(name)
            row.addWidget(made, 2 if made is self.buttons["S"] else 3)
        foot.addLayout(row)
        self.many = button(
            "Accept many at once…",
            name="negatives.many",
            tip="Preview proposals for all rows of the view, and accept them as one step",
        )
        self.many.hide()
        foot.addWidget(self.many)
        done = QHBoxLayout()
        done.setSpacing(8)
        self.done = ElidedLabel("", "caption")
        self.done.setObjectName("negatives.done")
        self.undo = button("Undo", kind="link", name="negatives.undo")
        done.addWidget(self.done, 1)
        done.addWidget(self.undo)
        foot.addLayout(done)
        return foot
