"""Which theme is on: follows the system until the user chooses, and tells everyone when it changes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

from gui.theme.style import palette, style_sheet
from gui.theme.tokens import DARK, LIGHT, Tokens

FAMILIES = ("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "Cantarell", "DejaVu Sans")


class ThemeManager(QObject):
    """Owns the application's palette and style sheet. `mode` is system, light or dark."""

    changed = Signal(object)  # Tokens

    def __init__(self, app: QApplication, mode: str = "system") -> None:
        super().__init__(app)
        self._app = app
        self._mode = mode
        self.tokens: Tokens = self._wanted()
        app.setStyle("Fusion")
        app.setFont(interface_font())
        app.styleHints().colorSchemeChanged.connect(self._system_changed)
        self._apply()

    @property
    def mode(self) -> str:
        return self._mode

    def set_mode(self, mode: str) -> None:
        self._mode = mode
        self._refresh()

    def _system_changed(self) -> None:
        if self._mode == "system":
            self._refresh()

    def _refresh(self) -> None:
        wanted = self._wanted()
        if wanted is not self.tokens:
            self.tokens = wanted
            self._apply()
            self.changed.emit(wanted)

    def _wanted(self) -> Tokens:
        if self._mode == "system":
            return DARK if self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT
        return DARK if self._mode == "dark" else LIGHT

    def _apply(self) -> None:
        # Putting one sheet in place of another takes Qt five times as long as taking it off and putting one on.
        self._app.setStyleSheet("")
        self._app.setPalette(palette(self.tokens))
        self._app.setStyleSheet(style_sheet(self.tokens))


def interface_font() -> QFont:
    """The system's interface font, with figures of one width so that columns of numbers align."""
    font = QFont()
    known = set(QFontDatabase.families())
    family = next((name for name in FAMILIES if name in known), None)
    if family is not None:
        font.setFamilies([family, *(name for name in FAMILIES if name != family)])
    font.setPixelSize(13)
    font.setStyleHint(QFont.StyleHint.SansSerif)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def current() -> ThemeManager:
    """The manager of the running application (there is exactly one; `gui.app` makes it)."""
    manager = QApplication.instance().findChild(ThemeManager)  # type: ignore[union-attr]
    assert isinstance(manager, ThemeManager), "gui.app.create() makes the theme before any widget"
    return manager


def tokens() -> Tokens:
    """The tokens in force."""
    return current().tokens
