"""Which encoding a text file is in, judged by all of its bytes."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from core.atomic import explained
from core.errors import FileProblem

_CHUNK = 1 << 20
_JUDGED = 4 << 20  # bytes that a legacy encoding is guessed from

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\v\x1b")) + b"\x7f"
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")


@dataclass(frozen=True)
class TextEncoding:
    """`errors` is for `open`; with "surrogateescape", a cell that holds a lone surrogate holds bytes that are no text."""

    name: str
    errors: str = "strict"
    note: str = ""


def detect(path: Path) -> TextEncoding:
    """The encoding of a text file: utf-8, utf-8-sig, utf-16, utf-32, cp1252 or gb18030.

    Raises:
        FileProblem: the file cannot be read, is empty, or is not text.
    """
    with explained(path, "read"):
        with path.open("rb") as stream:
            head = stream.read(_JUDGED)
        if not head:
            raise FileProblem(f"{path} is empty.", "Choose a file that holds data.")
        marked = next((name for mark, name in _MARKS if head.startswith(mark)), "")
        if marked in ("utf-16", "utf-32"):
            return TextEncoding(marked)
        if not marked and (wide := _utf16_without_mark(head)):
            return TextEncoding(wide)
        sound = _is_utf8(path)
        # control characters that are valid UTF-8 are odd text; a few zeros are lines to reject, many are no text
        controls = head.count(0) if sound else sum(head.count(code) for code in _CONTROLS)
        if controls > len(head) * 0.02 + 8:
            raise FileProblem(
                f"{path} is not a text file.", "Choose a CSV, TSV, JSONL, Parquet or XLSX file."
            )
        if sound:
            return TextEncoding(marked or "utf-8")
    return _damaged_or_legacy(head, marked)


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        try:
            while chunk := stream.read(_CHUNK):
                if decoder.getstate()[0] or not chunk.isascii():
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _utf16_without_mark(head: bytes) -> str:
    """Latin text in UTF-16 has a zero in nearly every second byte."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.4 * len(head[1::2]) and even < 0.1 * odd:
        return "utf-16-le"
    if even > 0.4 * len(head[0::2]) and odd < 0.1 * even:
        return "utf-16-be"
    return ""


def _damaged_or_legacy(head: bytes, marked: str) -> TextEncoding:
    text = head.decode("utf-8", "surrogateescape")
    broken = sum("\udc80" <= character <= "\udcff" for character in text)
    sound = sum(character > "\x7f" for character in text) - broken
    if marked or broken == 0 or sound > 4 * broken:
        # UTF-8 with some damage: reading all of it as something else would garble every sound line
        return TextEncoding(marked or "utf-8", "surrogateescape")
    if _looks_chinese(head):
        return TextEncoding("gb18030", "surrogateescape", "Read as GB 18030 (the file is not UTF-8).")
    note = "Read as Windows-1252 (the file is not UTF-8): look whether accented letters are right."
    return TextEncoding("cp1252", "surrogateescape", note)


def _looks_chinese(head: bytes) -> bool:
    """Valid GB 18030, and its high bytes come in runs: in Western text an accented letter stands alone between ASCII."""
    cut = head[: head.rfind(b"\n") + 1] or head
    try:
        cut.decode("gb18030")
    except UnicodeDecodeError:
        return False
    runs = _HIGH_RUN.findall(cut)
    return sum(len(run) > 1 for run in runs) > 0.7 * len(runs)
