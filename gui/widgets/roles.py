"""The signs of the data roles, drawn so that they sit on the line in every font: a dot, a plus, a minus."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from core.dataset.formats import Role
from gui.theme.manager import tokens
from gui.widgets.basic import label

SIGN_SIZE = 10
SIGNED = (Role.ANCHOR, Role.POSITIVE, Role.NEGATIVE)


def paint_sign(painter: QPainter, centre: QPointF, role: Role, colour: str) -> None:
    """The sign of `role`, at most ten pixels wide, around `centre`. Roles without a sign paint nothing."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if role is Role.ANCHOR:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QRectF(centre.x() - 4.5, centre.y() - 4.5, 9, 9))
    elif role in SIGNED:
        pen = QPen(QColor(colour), 2)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLine(QPointF(centre.x() - 4, centre.y()), QPointF(centre.x() + 4, centre.y()))
        if role is Role.POSITIVE:
            painter.drawLine(QPointF(centre.x(), centre.y() - 4), QPointF(centre.x(), centre.y() + 4))
    painter.restore()


def sign_pixmap(role: Role, ratio: float = 2.0) -> QPixmap:
    """The sign of `role` in its colour, as large as an icon in the head of a table is drawn."""
    side = 16
    picture = QPixmap(round(side * ratio), round(side * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_sign(painter, QPointF(SIGN_SIZE / 2, side / 2), role, tokens().role(role.value))
    painter.end()
    return picture


class RoleSign(QWidget):
    def __init__(self, role: Role, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role = role
        self.setFixedSize(SIGN_SIZE, SIGN_SIZE)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        return QSize(SIGN_SIZE, SIGN_SIZE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_sign(painter, QRectF(self.rect()).center(), self._role, tokens().role(self._role))


class RoleHeading(QWidget):
    """A role's sign and title in its colour, above an editor or a list."""

    def __init__(self, title: str, role: Role, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        if role in SIGNED:
            row.addWidget(RoleSign(role), 0, Qt.AlignmentFlag.AlignVCenter)
        self.title: QLabel = label(title, tone=role.value if role in SIGNED else "")
        if role not in SIGNED:
            self.title.setProperty("kind", "secondary")
        row.addWidget(self.title, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
