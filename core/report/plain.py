"""Text from data as text: what a page and its drawings can carry, and nothing that hides, reorders or ends what stands around it."""

from __future__ import annotations

import html
import re

from core.models.card_text import clean

LONGEST = 280  # characters of one text of the data

_NO_XML = re.compile("[\ufffe\uffff\U0001fffe\U0001ffff]")


def plain(text: str, most: int = LONGEST) -> str:
    """`text` without what a page cannot show; a long one is cut and says how long it was."""
    cut = len(text) > most
    shown = _NO_XML.sub("\ufffd", clean(text[:most]))
    return f"{shown.rstrip()}… ({len(text):,} characters)" if cut else shown


def line(text: str, most: int = LONGEST) -> str:
    """As `plain`, on one line."""
    return " ".join(plain(text, most).split())


def escaped(text: str) -> str:
    """For element content and for attributes in double quotes; what is left of unsafe characters goes here too."""
    return html.escape(_NO_XML.sub("\ufffd", clean(text)), quote=True)
