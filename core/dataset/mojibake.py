"""Letters that were garbled because UTF-8 was once read as Windows-1252: â€™ instead of ’, Ã© instead of é.

Text that was put in small letters afterwards (ã© instead of é) is recognised too, and comes back in small letters.
"""

from __future__ import annotations

import re

_TIMES = 4  # one more than text is garbled, once upon the other


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
_MARKS = "‘’“”‚„…–—»\xa0"  # that may well stand after a letter
_NO_MARK = "".join(c for c in _NEXT if c not in _MARKS)
# Two bytes are believed where they make a letter or sign of Latin-1 (Â©, Ã©), a letter of Latin Extended-A (Å‚, cÅ“ur), or stand
# beside others (Ð¿Ñ€Ð¸): an É before a closing quotation mark is French, an Ä German.
_GARBLED = re.compile(
    "(?P<lost>â€\ufffd)"
    f"|(?P<small>(?:ã{_one_of(_NO_ENDING)})+|(?:{_one_of(_SMALL)}{_one_of(_NEXT)}){{2,}})"
    f"|(?:{_one_of('ÂÃ')}{_one_of(_NEXT)}|{_one_of('ÄÅ')}{_one_of(_NO_MARK)}"
    f"|(?<=[^\\W\\d_]){_one_of('ÄÅ')}{_one_of(_MARKS)}(?=[^\\W\\d_])|{_one_of(_span(0xE0, 0xEF))}{_one_of(_NEXT)}{{2}}"
    f"|{_one_of(_span(0xF0, 0xF4))}{_one_of(_NEXT)}{{3}}|(?:{_one_of(_span(0xC4, 0xDF))}{_one_of(_NEXT)}){{2,}})+"
)
_HINT = re.compile(
    f"[Â-þ]{_one_of(_NEXT)}"
)  # without it nothing is garbled; looking for it costs next to nothing
# In a text with some that is believed, every sequence of bytes that is UTF-8 is.
_ANY = re.compile(
    f"(?:{_one_of(_span(0xC2, 0xDF))}|{_one_of(_span(0xE0, 0xEF))}{_one_of(_NEXT)}|"
    f"{_one_of(_span(0xF0, 0xF4))}{_one_of(_NEXT)}{{2}}){_one_of(_NEXT)}"
)
_BYTES = {_windows(byte): byte for byte in range(0x80, 0x100)}
_CAPITALS = {"š": 0x8A, "œ": 0x8C, "ž": 0x8E}


def repaired(text: str) -> str:
    """The text as it was before it was garbled; the same where nothing is."""
    if text.isascii() or _HINT.search(text) is None:
        return text
    for _ in range(_TIMES):
        whole = any(not match["lost"] and not match["small"] for match in _GARBLED.finditer(text))
        found = _ANY.sub(_decoded, text) if whole else _GARBLED.sub(_restored, text)
        if found == text:
            break
        text = found
    return text


def is_garbled(text: str) -> bool:
    """Whether `repaired` would change the text."""
    if text.isascii() or _HINT.search(text) is None:
        return False
    return _GARBLED.search(text) is not None and repaired(text) != text


def _restored(match: re.Match[str]) -> str:
    if match["lost"]:
        return "”"  # of the three bytes E2 80 9D, the last is the one that Windows-1252 cannot hold
    if not match["small"]:
        return _decoded(match)
    raw = bytes(
        _CAPITALS.get(c, _BYTES[c]) if place % 2 else _BYTES[c.upper()] for place, c in enumerate(match[0])
    )
    return _text_of(raw, match[0]).lower()


def _decoded(match: re.Match[str]) -> str:
    return _text_of(bytes(_BYTES[c] for c in match[0]), match[0])


def _text_of(raw: bytes, otherwise: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return otherwise  # not garbled letters after all
