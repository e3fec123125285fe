"""Text on paper: fonts, paragraphs broken into lines, all in units of 1/96 inch times `SCALE`."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPainter, QTextLayout, QTextOption

from core.report.palette import LIGHT
from gui.theme.manager import interface_font

SCALE = 10  # dots of the device for a unit: fonts have whole sizes there
_SPACING = 1.36


@dataclass(frozen=True)
class Style:
    size: float = 12.2
    colour: str = "text"
    bold: bool = False
    right: bool = False
    fixed: bool = False  # a font for code
    spacing: float = _SPACING

    def font(self) -> QFont:
        made = QFont(interface_font())
        if self.fixed:
            made.setFamilies([QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()])
        made.setPixelSize(max(1, round(self.size * SCALE)))
        made.setWeight(QFont.Weight.DemiBold if self.bold else QFont.Weight.Normal)
        made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        return made


class Words:
    """A text broken into lines of this width; `height` is known before it is painted."""

    def __init__(self, text: str, width: float, style: Style) -> None:
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        if style.right:
            option.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute)
        self._style = style
        self._layout = QTextLayout(text.replace("\n", "\u2028"), style.font())
        self._layout.setTextOption(option)
        self._layout.setCacheEnabled(True)
        line_height = style.size * style.spacing
        self._layout.beginLayout()
        count = 0
        self.widest = 0.0
        while (line := self._layout.createLine()).isValid():
            line.setLineWidth(max(width, 1) * SCALE)
            spare = line_height * SCALE - line.height()
            line.setPosition(QPointF(0, count * line_height * SCALE + spare / 2))
            self.widest = max(self.widest, line.naturalTextWidth() / SCALE)
            count += 1
        self._layout.endLayout()
        self.height = max(count, 1) * line_height

    def draw(self, painter: QPainter, x: float, y: float) -> None:
        painter.setPen(colour(self._style.colour))
        self._layout.draw(painter, QPointF(x * SCALE, y * SCALE))


def colour(name: str) -> QColor:
    """A colour of the palette; paper is light."""
    return QColor(LIGHT[name])
