"""Icons: small SVG files drawn in `currentColor`, tinted with a token and re-tinted when the theme changes."""

from __future__ import annotations

import weakref
from functools import lru_cache
from typing import Protocol

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from core.paths import RESOURCES
from gui.theme.manager import current


class TakesIcon(Protocol):
    def setIcon(self, icon: QIcon, /) -> None: ...


@lru_cache(
    maxsize=2048
)  # every icon in its colours, sizes and both themes: fewer are drawn anew with every page
def pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """The icon `resources/icons/NAME.svg` in one colour, `size` logical pixels square."""
    source = (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    image = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, size * ratio, size * ratio))
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image


def icon(name: str, token: str = "secondary", *, on: str = "", size: int = 20) -> QIcon:
    """An icon in the colour of `token`; `on` is the token for the checked state."""
    tokens = current().tokens
    result = QIcon()
    for ratio in (1.0, 2.0):
        result.addPixmap(pixmap(name, getattr(tokens, token), size, ratio))
        faded = QColor(tokens.secondary)
        faded.setAlphaF(0.5)
        disabled = pixmap(name, tokens.line_strong, size, ratio)
        result.addPixmap(disabled, QIcon.Mode.Disabled)
        if on:
            lit = pixmap(name, getattr(tokens, on), size, ratio)
            for mode in (QIcon.Mode.Normal, QIcon.Mode.Active, QIcon.Mode.Selected):
                result.addPixmap(lit, mode, QIcon.State.On)
    return result


def attach(target: TakesIcon, name: str, token: str = "secondary", *, on: str = "", size: int = 20) -> None:
    """Give `target` (a button, an action) the icon and keep its colour right when the theme changes."""
    target.setIcon(icon(name, token, on=on, size=size))
    reference = weakref.ref(target)

    def retint(_tokens: object) -> None:
        alive = reference()
        if alive is None:
            manager.changed.disconnect(retint)
            return
        try:
            alive.setIcon(icon(name, token, on=on, size=size))
        except RuntimeError:  # the C++ half is gone already
            manager.changed.disconnect(retint)

    manager = current()
    manager.changed.connect(retint)
