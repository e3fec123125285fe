"""The product's colours on paper and on dark screens, the same as the window's (a test compares them)."""

from __future__ import annotations

LIGHT = {
    "window": "#F6F7F9",
    "surface": "#FFFFFF",
    "raised": "#FBFBFC",
    "line": "#E4E7EC",
    "line_strong": "#C5CBD5",
    "text": "#1B1F27",
    "secondary": "#5B6472",
    "accent": "#4F5BD5",
    "tint": "#EEEFFB",
    "anchor": "#0072B2",
    "positive": "#00795A",
    "negative": "#B94700",
    "warning": "#8A5D00",
    "error": "#B3261E",
    "track": "#E4E7EC",
}

DARK = {
    "window": "#14161B",
    "surface": "#1B1E25",
    "raised": "#20242C",
    "line": "#2D323D",
    "line_strong": "#454C5A",
    "text": "#E8EAEF",
    "secondary": "#9AA3B2",
    "accent": "#8B93FF",
    "tint": "#262A45",
    "anchor": "#56B4E9",
    "positive": "#2FC79A",
    "negative": "#FF8A4C",
    "warning": "#E3B341",
    "error": "#FF8F87",
    "track": "#2D323D",
}

# Classes of a map: Paul Tol's muted and light schemes, as on the window's map.
HUES = {
    "light": ("#4477AA", "#CC6677", "#228833", "#B38600", "#AA4499", "#44AA99"),
    "dark": ("#77AADD", "#EE8866", "#66CC88", "#EEDD88", "#EE99CC", "#44BB99"),
}
for _number, (_light, _dark) in enumerate(zip(HUES["light"], HUES["dark"], strict=True), 1):
    LIGHT[f"hue{_number}"], DARK[f"hue{_number}"] = _light, _dark
