"""Which encoding text was written in before UTF-8, guessed from how its letters lie together."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_HIGH_LINE = re.compile(rb"[^\n]*[\x80-\xff][^\n]*\n?")
_TWO_IN_A_WORD = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]{2}(?=[A-Za-z])")  # German Größe, French créée
_EVIDENCE = 1 << 18  # bytes of lines with letters beyond ASCII: more of them say the same again


@dataclass(frozen=True)
class _Script:
    """An encoding and the letters that text in it is made of."""

    encoding: str
    letter: Callable[[str], bool]
    vowels: str = ""  # of an alphabet with capitals


def _between(*ranges: tuple[str, str]) -> Callable[[str], bool]:
    return lambda character: any(first <= character <= last for first, last in ranges)


_CYRILLIC = "аеёиоуыэюяіїєѣ"
_GREEK = "αεηιουωάέήίόύώϊϋΐΰ"
_VOWELS = 0.3  # share of the letters that words cannot do without
_SCRIPTS = (
    _Script("gb18030", _between(("一", "鿿"), ("　", "〗"), ("！", "～"))),
    _Script("shift_jis", _between(("ぁ", "ヿ"))),
    _Script("euc_jp", _between(("ぁ", "ヿ"))),
    _Script("euc_kr", _between(("가", "힣"))),
    _Script("big5", _between(("一", "鿿"), ("　", "〗"), ("！", "～"))),
    _Script("cp1251", _between(("Ѐ", "ӿ")), _CYRILLIC),
    _Script("koi8_r", _between(("Ѐ", "ӿ")), _CYRILLIC),
    _Script("iso8859_7", _between(("Ͱ", "Ͽ")), _GREEK),
    _Script("cp1255", _between(("א", "ת"))),
    _Script("cp1256", _between(("ء", "ي"))),
)  # fmt: skip
_ENOUGH = 0.8  # share of the letters beyond ASCII that belong to the script
# (least share of the letters, how good the fit then is). They can be read as each other: the rarer sign decides.
_EAST_ASIAN = {
    "euc_kr": (0.95, 0.95),  # Chinese read as Korean is half in Chinese characters
    "shift_jis": (0.3, 0.93),  # the rest are Chinese characters
    "euc_jp": (0.3, 0.93),
    "gb18030": (0.9, 0.9),
    "big5": (0.9, 0.85),
}


def guess_legacy(head: bytes) -> tuple[str, float]:
    """(encoding, how sure from 0 to 1). In Western text an accented letter stands alone between ASCII, seldom two of them; runs of
    letters beyond ASCII are another script."""
    cut = _evidence(head[: head.rfind(b"\n") + 1] or head)
    runs = _HIGH_RUN.findall(cut)
    long = sum(len(run) > 1 for run in runs) - len(_TWO_IN_A_WORD.findall(cut))
    if not runs or long <= 0.5 * len(runs):
        return "cp1252", 0.7 if len(runs) > 20 else 0.5
    fits = [(fit, script.encoding) for script in _SCRIPTS if (fit := _fit(cut, script)) > 0]
    if not fits:
        return "cp1252", 0.3
    best = max(fits, key=lambda found: found[0])
    return best[1], round(min(0.9, best[0]) * (0.6 if len(runs) < 10 else 1.0), 2)


def _evidence(text: bytes) -> bytes:
    found, size = [], 0
    for match in _HIGH_LINE.finditer(text):
        found.append(match[0])
        size += len(match[0])
        if size > _EVIDENCE:
            break
    return b"".join(found)


def _fit(content: bytes, script: _Script) -> float:
    """How well the content reads as the script; 0 where it cannot be."""
    try:
        text = content.decode(script.encoding)
    except UnicodeDecodeError:
        return 0.0
    beyond = [character for character in text if character > "\x7f"]
    share = sum(map(script.letter, beyond)) / len(beyond)
    if script.encoding in _EAST_ASIAN:
        least, fit = _EAST_ASIAN[script.encoding]
        if script.encoding == "gb18030":  # nearly everything can be read as it, but not in common characters
            share = len("".join(beyond).encode("gb2312", "ignore")) / 2 / len(beyond)
        return fit if share >= least else 0.0
    if share < _ENOUGH:
        return 0.0
    if not script.vowels:
        return share
    vowels = sum(character in script.vowels for character in text.lower()) / len(beyond)
    return share * _well_cased(text) * min(1.0, vowels / _VOWELS)


def _well_cased(text: str) -> float:
    """Capitals stand at the beginning of words: read in the wrong one of two Cyrillic encodings, they are everywhere else."""
    pairs = [(a, b) for a, b in pairwise(text) if a.isalpha() and b.isalpha()]
    wrong = sum(a.islower() and b.isupper() for a, b in pairs)
    lower = sum(b.islower() for _, b in pairs)
    return max(0.0, (lower + 1) / (len(pairs) + 1) - wrong / (len(pairs) + 1))
