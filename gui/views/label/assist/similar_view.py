"""The parts of the panel of similar texts: the anchor or a typed text above, the buttons that label below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit

from core.dataset.formats import Role
from gui.context import Context
from gui.theme import icons
from gui.views.label.assist.label_buttons import LabelButtons
from gui.views.label.assist.labeller import Labeller
from gui.views.label.assist.near_tab import NearTab
from gui.widgets.basic import ElidedLabel, label, tab_order
from gui.widgets.roles import RoleSign


class SimilarView(NearTab):
    hint = "Keys label the chosen text; Enter looks from it."

    def __init__(self, context: Context, labeller: Labeller) -> None:
        super().__init__(context, labeller, "similar", "Similar texts", "PN0123456789")
        self.head.addLayout(self._anchor_line())
        self.typed = QLineEdit()
        self.typed.setObjectName("similar.typed")
        self.typed.setAccessibleName("Text to look from, instead of the anchor")
        self.typed.setPlaceholderText("Or type a text")
        self.typed.setMaxLength(4000)
        self.typed.setClearButtonEnabled(True)
        self.typed.addAction(icons.icon("search", size=16), QLineEdit.ActionPosition.LeadingPosition)
        self.head.addWidget(self.typed)
        self.head.addLayout(self._model_line())
        self.buttons = LabelButtons("similar")
        self.foot.addWidget(self.buttons)
        self.foot.addLayout(self._done_line())
        tab_order(self.join, self.typed, self.model, self.among, self.empty.button, self.list, self.undo)

    def _anchor_line(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.sign = RoleSign(Role.ANCHOR)
        self.anchor = ElidedLabel("", "strong")
        self.anchor.setObjectName("similar.anchor")
        self.join = QComboBox()
        self.join.setObjectName("similar.join")
        self.join.setAccessibleName("How several anchors are looked at together")
        self.join.addItem("mean", "mean")
        self.join.addItem("nearest", "max")
        self.join.setItemData(0, "Similar to the middle of all of them", Qt.ItemDataRole.ToolTipRole)
        self.join.setItemData(1, "Similar to any one of them", Qt.ItemDataRole.ToolTipRole)
        self.join.hide()
        self.count = label("", "caption", name="similar.count")
        row.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.anchor, 1)
        row.addWidget(self.join)
        row.addWidget(self.count)
        return row
