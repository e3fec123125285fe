"""The palette and measures of the window: one frozen record for light, one for dark."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tokens:
    """Colours as `#RRGGBB`. Every text colour keeps a contrast of at least 4.5 : 1 on the surfaces it is used on."""

    name: str
    window: str
    surface: str
    raised: str
    line: str
    line_strong: str  # borders of controls that need 3 : 1 only on hover and focus
    text: str
    secondary: str
    accent: str
    accent_hover: str
    on_accent: str
    tint: str  # selection
    hover: str
    anchor: str
    positive: str
    negative: str
    warning: str
    error: str
    track: str  # the empty part of bars

    def role(self, role: str) -> str:
        """The colour of a data role (`core.dataset.formats.Role` value)."""
        return {"anchor": self.anchor, "positive": self.positive, "negative": self.negative}.get(
            role, self.secondary
        )


LIGHT = Tokens(
    name="light",
    window="#F6F7F9",
    surface="#FFFFFF",
    raised="#FBFBFC",
    line="#E4E7EC",
    line_strong="#C5CBD5",
    text="#1B1F27",
    secondary="#5B6472",
    accent="#4F5BD5",
    accent_hover="#434EC2",
    on_accent="#FFFFFF",
    tint="#EEEFFB",
    hover="#F0F2F5",
    anchor="#0072B2",
    positive="#00795A",
    negative="#B94700",
    warning="#8A5D00",
    error="#B3261E",
    track="#E4E7EC",
)

DARK = Tokens(
    name="dark",
    window="#14161B",
    surface="#1B1E25",
    raised="#20242C",
    line="#2D323D",
    line_strong="#454C5A",
    text="#E8EAEF",
    secondary="#9AA3B2",
    accent="#8B93FF",
    accent_hover="#9DA4FF",
    on_accent="#14161B",
    tint="#262A45",
    hover="#23272F",
    anchor="#56B4E9",
    positive="#2FC79A",
    negative="#FF8A4C",
    warning="#E3B341",
    error="#FF8F87",
    track="#2D323D",
)

# Runs are told apart by colour and by name; Okabe–Ito order, safe for colour-blind eyes. Per theme, because the dark
# yellow vanishes on white and the dark blue on black.
RUN_COLOURS = {
    "light": ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#B07D00", "#3A8FBF", "#5B6472"),
    "dark": ("#56B4E9", "#FF8A4C", "#2FC79A", "#E29CC6", "#E3B341", "#8B93FF", "#9AA3B2"),
}

# Text on ground, as used: the contrast test walks this list.
TEXT_PAIRS = (
    ("text", "window"),
    ("text", "surface"),
    ("text", "raised"),
    ("text", "tint"),
    ("text", "hover"),
    ("secondary", "window"),
    ("secondary", "surface"),
    ("secondary", "raised"),
    ("secondary", "tint"),
    ("secondary", "hover"),
    ("accent", "surface"),
    ("accent", "tint"),
    ("accent", "window"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("anchor", "surface"),
    ("anchor", "raised"),
    ("positive", "surface"),
    ("positive", "raised"),
    ("positive", "tint"),
    ("negative", "surface"),
    ("negative", "raised"),
    ("negative", "tint"),
    ("warning", "surface"),
    ("warning", "window"),
    ("error", "surface"),
    ("error", "window"),
)

RAIL_WIDTH = 76
TOP_BAR_HEIGHT = 48
STATUS_HEIGHT = 28
ROW_HEIGHT = 31
CONTROL_HEIGHT = 32


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two `#RRGGBB` colours, 1 to 21 (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
