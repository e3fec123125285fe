"""A box to choose from whose words end in an ellipsis where they are longer than the box, never in the middle of a letter."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent, QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QToolTip, QWidget

from gui.widgets.basic import plain_tip

_MOST_LISTED = 460  # pixels that the list may be wide
_AROUND = 44  # of a line in the list: its margins and a scroll bar
SHORT = Qt.ItemDataRole.UserRole + 1  # of an entry: what it is called where there is little room
_WORTH = 7  # letters behind the short name, from which the long one is worth its ellipsis


class ChoiceBox(QComboBox):
    """`title` is its accessible name and its tool tip; where the words are cut, the tool tip tells them too. With `letters` the box keeps a
    width that its entries do not change."""

    def __init__(self, name: str, title: str, letters: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setToolTip(title)
        policy = QComboBox.SizeAdjustPolicy
        self.setSizeAdjustPolicy(
            policy.AdjustToMinimumContentsLengthWithIcon if letters else policy.AdjustToContents
        )
        self.setMinimumContentsLength(letters)

    def shown_words(self) -> str:
        """What stands in the box: the words of the entry, cut where they have no room."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        return self._fitting(option)

    def _fitting(self, option: QStyleOptionComboBox) -> str:
        room = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        words = " ".join(self.currentText()[:500].split())
        cut = self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room.width() - 2)
        short = self.currentData(SHORT)
        if cut != words and short and len(cut) < len(short) + _WORTH:
            return self.fontMetrics().elidedText(short, Qt.TextElideMode.ElideRight, room.width() - 2)
        return cut

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        option.currentText = self._fitting(option)  # type: ignore[attr-defined]
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cut = self.shown_words() != " ".join(self.currentText().split())
            if cut:
                QToolTip.showText(
                    event.globalPos(), plain_tip(f"{self.currentText()}\n{self.toolTip()}"), self
                )
                return True
        return super().event(event)

    def showPopup(self) -> None:
        """The list is as wide as its entries need, where the box is narrow."""
        needed = self.view().sizeHintForColumn(0) + _AROUND
        self.view().setMinimumWidth(max(self.width(), min(needed, _MOST_LISTED)))
        super().showPopup()
