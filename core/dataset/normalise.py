"""When two texts count as the same one."""

from __future__ import annotations

from unicodedata import normalize


def normalise(text: str) -> str:
    """The identity of a text for duplicates and for the hold-out: Unicode NFKC, case folded, whitespace runs as one space.

    Folding can undo the normal form (and the other way round), so the two alternate as Unicode's own
    NFKC_Casefold does (The Unicode Standard, section 3.13, D146); the result is a fixed point.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    folded = normalize("NFKC", normalize("NFKC", normalize("NFD", text).casefold()).casefold())
    return " ".join(folded.split())
