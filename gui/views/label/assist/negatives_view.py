"""The parts of the panel of hard negatives: the rows looked at, the bounds, and the three buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from core.dataset.formats import Role
from gui.context import Context
from gui.theme import icons
from gui.views.label.assist.bounds_box import BoundsBox
from gui.views.label.assist.labeller import Labeller
from gui.views.label.assist.near_tab import NearTab
from gui.widgets.basic import ElidedLabel, button, label, tab_order
from gui.widgets.roles import RoleSign


class NegativesView(NearTab):
    def __init__(self, context: Context, labeller: Labeller) -> None:
        super().__init__(context, labeller, "negatives", "Proposed negatives", "NPS")
        self.head.addLayout(self._modes())
        self.pair = QWidget()
        lines = QVBoxLayout(self.pair)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(4)
        self.anchor = self._text_line(lines, Role.ANCHOR, "strong", "negatives.anchor")
        self.positive = self._text_line(lines, Role.POSITIVE, "", "negatives.positive")
        self.head.addWidget(self.pair)
        self.bounds = BoundsBox("negatives")
        self.head.addWidget(self.bounds)
        self.head.addLayout(self._model_line())
        self.foot.addLayout(self._decisions())
        self.many = button(
            "Accept many at once…",
            name="negatives.many",
            tip="Preview proposals for all rows of the view, and accept them as one step",
        )
        self.many.hide()
        self.foot.addWidget(self.many)
        self.foot.addLayout(self._done_line())
        tab_order(
            self.bounds.line,
            self.model,
            self.among,
            self.empty.button,
            self.list,
            *self.buttons.values(),
            self.many,
            self.undo,
        )

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

    def _decisions(self) -> QHBoxLayout:
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
        return row
