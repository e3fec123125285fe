"""The parts of the panel of similar texts, from the anchor down to the buttons that label."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from core.dataset.formats import Role
from gui.context import Context
from gui.theme import icons
from gui.views.label.assist.among import Among
from gui.views.label.assist.label_buttons import LabelButtons
from gui.views.label.assist.model_choice import ModelChoice
from gui.views.label.assist.panel import AssistTab
from gui.views.label.assist.text_list import NearList
from gui.views.label.assist.waiting import Teaching, Waiting
from gui.widgets.basic import ElidedLabel, button, label, separator
from gui.widgets.roles import RoleSign


class SimilarView(AssistTab):
    cancel_requested = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("similar")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(16, 12, 16, 12)
        head.setSpacing(8)
        anchor = QHBoxLayout()
        anchor.setSpacing(8)
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
        anchor.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignVCenter)
        anchor.addWidget(self.anchor, 1)
        anchor.addWidget(self.join)
        self.count = label("", "caption", name="similar.count")
        anchor.addWidget(self.count)
        head.addLayout(anchor)
        self.typed = QLineEdit()
        self.typed.setObjectName("similar.typed")
        self.typed.setAccessibleName("Text to look from, instead of the anchor")
        self.typed.setPlaceholderText("Or type a text")
        self.typed.setMaxLength(4000)
        self.typed.setClearButtonEnabled(True)
        self.typed.addAction(icons.icon("search", size=16), QLineEdit.ActionPosition.LeadingPosition)
        head.addWidget(self.typed)
        line = QHBoxLayout()
        line.setSpacing(8)
        self.model = ModelChoice(context, "similar.model")
        self.among = Among("similar.among")
        line.addWidget(self.model, 1)
        line.addWidget(self.among)
        head.addLayout(line)
        column.addLayout(head)
        column.addWidget(separator())
        self.waiting = Waiting("similar", self.cancel_requested.emit)
        column.addWidget(self.waiting)
        self.list = NearList("similar.list", "Similar texts", "PN0123456789")
        self.empty = Teaching("similar", "similar")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        column.addWidget(self.stack, 1)
        self.foot = QWidget()
        foot = QVBoxLayout(self.foot)
        foot.setContentsMargins(16, 10, 16, 12)
        foot.setSpacing(8)
        self.buttons = LabelButtons("similar")
        foot.addWidget(self.buttons)
        done = QHBoxLayout()
        done.setSpacing(8)
        self.done = ElidedLabel("", "caption")
        self.done.setObjectName("similar.done")
        self.undo = button("Undo", kind="link", name="similar.undo")
        done.addWidget(self.done, 1)
        done.addWidget(self.undo)
        foot.addLayout(done)
        column.addWidget(separator())
        column.addWidget(self.foot)
