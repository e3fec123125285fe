"""Letters that were garbled because UTF-8 was once read as Windows-1252: â€™ instead of ’, Ã© instead of é.

Text that was put in small letters afterwards (ã© instead of é) is recognised too, and comes back in small letters.
"""

from __future__ import annotations

import re

_TIMES = 3  # that text can have been garbled again


def _windows(byte: int) -> str:
    """What Windows-1252 makes of a byte, and what programs make of the five that it leaves open."""
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def _one_of(characters: str) -> str:
    return f"[{re.escape(characters)}]"


def _span(first: int, last: int) -> str:
    return "".join(map(_windows, range(first, last + 1)))


_NEXT = _span(0x80, 0xBF)
_SMALL = "".join(
    c for c in _span(0xC4, 0xDE).lower() if c not in "×âãï"
)  # the leads of other scripts, in small letters
_NO_ENDING = "".join(
    c for c in _NEXT if c not in "‘’“”…–—»\xa0ŠŒŽšœž"
)  # what follows an ã in no Portuguese sentence
# Two bytes are believed where they make a letter or sign of Latin-1 (Â©, Ã©), or stand beside others (Ð¿Ñ€Ð¸): an É before a
# closing quotation mark is French.
_GARBLED = re.compile(
    "(?P<lost>â€\ufffd)"
    f"|(?P<small>(?:ã{_one_of(_NO_ENDING)})+|(?:{_one_of(_SMALL)}{_one_of(_NEXT)}){{2,}})"
    f"|(?:{_one_of('ÂÃ')}{_one_of(_NEXT)}|{_one_of(_span(0xE0, 0xEF))}{_one_of(_NEXT)}{{2}}"
    f"|{_one_of(_span(0xF0, 0xF4))}{_one_of(_NEXT)}{{3}}|(?:{_one_of(_span(0xC4, 0xDF))}{_one_of(_NEXT)}){{2,}})+"
)
_BYTES = {_windows(byte): byte for byte in range(0x80, 0x100)}
_CAPITALS = {"š": 0x8A, "œ": 0x8C, "ž": 0x8E}


def repaired(text: str) -> str:
    """The text as it was before it was garbled; the same where nothing is."""
    if text.isascii():
        return text
    for _ in range(_TIMES):
        found = _GARBLED.sub(_restored, text)
        if found == text:
            break
        text = found
    return text


def is_garbled(text: str) -> bool:
    """Whether `repaired` would change the text."""
    return not text.isascii() and _GARBLED.search(text) is not None and repaired(text) != text


def _restored(match: re.Match[str]) -> str:
    if match["lost"]:
        return "”"  # of the three bytes E2 80 9D, the last is the one that Windows-1252 cannot hold
    raw = bytes(
        _BYTES[c.upper()]
        if match["small"] and place % 2 == 0
        else _CAPITALS.get(c, _BYTES[c])
        if match["small"]
        else _BYTES[c]
        for place, c in enumerate(match[0])
    )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return match[0]  # not garbled letters after all
    return text.lower() if match["small"] else text
