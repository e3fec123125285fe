"""The one filled button of the window: *Train*, with a progress ring while a run is on."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QWidget

from gui.theme import icons
from gui.theme.manager import current


class TrainButton(QPushButton):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Train", parent)
        self.setObjectName("action.train")
        self.setProperty("kind", "primary")
        self.setAccessibleName("Train")
        self._share: float | None = None
        self._estimate = ""
        self.show_idle()

    def show_idle(self, estimate: str = "") -> None:
        """Ready to start; `estimate` is how long it will take ("≈ 48 s"), empty when unknown."""
        self._share = None
        self._estimate = estimate
        self.setText("Train")
        self.setToolTip("Train on the labelled examples (Ctrl+Return)")
        self.updateGeometry()
        self.update()

    def show_running(self, share: float, words: str) -> None:
        self._share = share
        self._estimate = ""
        self.setToolTip("Show the run")
        if self.text() != words:
            self.setText(words)
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._bold())
        width = 16 + 18 + 8 + metrics.horizontalAdvance(self.text()) + 16
        if self._estimate:
            width += 8 + self.fontMetrics().horizontalAdvance(self._estimate)
        return QSize(max(width, 104), 32)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter = QPainter(self)
        self.style().drawControl(QStyle.ControlElement.CE_PushButton, option, painter, self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = current().tokens
        ink = QColor(tokens.on_accent if self.isEnabled() else tokens.secondary)
        middle = self.height() / 2
        if self._share is None:
            image = icons.pixmap("play", ink.name(), 14, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(17, middle - 7), image)
        else:
            ring = QRectF(16, middle - 7, 14, 14)
            faint = QColor(ink)
            faint.setAlphaF(0.35)
            painter.setPen(QPen(faint, 2.5))
            painter.drawEllipse(ring)
            painter.setPen(QPen(ink, 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawArc(ring, 90 * 16, -round(self._share * 360 * 16))
        painter.setPen(ink)
        painter.setFont(self._bold())
        left = 38
        painter.drawText(
            QRect(left, 0, self.width() - left, self.height()),
            int(Qt.AlignmentFlag.AlignVCenter),
            self.text(),
        )
        if self._estimate:
            left += painter.fontMetrics().horizontalAdvance(self.text()) + 8
            painter.setFont(self.font())
            painter.drawText(
                QRect(left, 0, self.width() - left, self.height()),
                int(Qt.AlignmentFlag.AlignVCenter),
                self._estimate,
            )
