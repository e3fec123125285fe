"""The style sheet and the Qt palette that a `Tokens` record turns into."""

from __future__ import annotations

from string import Template

from PySide6.QtGui import QColor, QPalette

from core.paths import RESOURCES
from gui.theme.tokens import Tokens


def palette(tokens: Tokens) -> QPalette:
    """A palette for everything that the style sheet does not reach (native dialogs, item views, text selection)."""
    result = QPalette()
    role = QPalette.ColorRole
    for name, colour in (
        (role.Window, tokens.window),
        (role.WindowText, tokens.text),
        (role.Base, tokens.surface),
        (role.AlternateBase, tokens.raised),
        (role.Text, tokens.text),
        (role.Button, tokens.surface),
        (role.ButtonText, tokens.text),
        (role.ToolTipBase, tokens.raised),
        (role.ToolTipText, tokens.text),
        (role.PlaceholderText, tokens.secondary),
        (role.Highlight, tokens.tint),
        (role.HighlightedText, tokens.text),
        (role.Link, tokens.accent),
        (role.Accent, tokens.accent),
        (role.Mid, tokens.line),
        (role.Dark, tokens.line_strong),
        (role.Light, tokens.raised),
        (role.BrightText, tokens.on_accent),
    ):
        result.setColor(name, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for name in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(disabled, name, QColor(tokens.secondary))
    return result


def style_sheet(tokens: Tokens) -> str:
    """`resources/themes/window.qss` with every `$token` filled in."""
    template = Template((RESOURCES / "themes" / "window.qss").read_text(encoding="utf-8"))
    names = {name: getattr(tokens, name) for name in tokens.__dataclass_fields__}
    return template.substitute(names, icons=(RESOURCES / "icons").as_posix())
