"""Which encoding a text file is in, judged by all of its bytes."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from core.atomic import explained
from core.dataset.importing.datafile import DataFile
from core.dataset.importing.legacy import guess_legacy
from core.errors import FileProblem, ImportProblem

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
_TRIED = 1 << 16
_CANDIDATES = (
    "utf-8", "cp1252", "latin-1", "iso8859_15", "mac_roman", "cp1250", "cp1251", "koi8_r", "iso8859_7", "cp1254", "cp1255",
    "cp1256", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "utf-16", "utf-16-le", "utf-16-be",
)  # fmt: skip
_NO_CHARSETS = (
    "unicode-escape",
    "raw-unicode-escape",
    "unicode_escape",
    "raw_unicode_escape",
    "undefined",
    "idna",
    "punycode",
)
_TITLES = {"cp1252": "Windows-1252", "gb18030": "GB 18030", "cp1251": "Windows-1251", "koi8_r": "KOI8-R",
           "iso8859_7": "ISO 8859-7 (Greek)", "shift_jis": "Shift JIS", "euc_jp": "EUC-JP", "euc_kr": "EUC-KR", "big5": "Big5",
           "cp1255": "Windows-1255", "cp1256": "Windows-1256"}  # fmt: skip


@dataclass(frozen=True)
class TextEncoding:
    """`errors` is for `open`; with "surrogateescape", a cell that holds a lone surrogate holds bytes that are no text."""

    name: str
    errors: str = "strict"
    note: str = ""
    confidence: float = 1.0


def detect(file: DataFile) -> TextEncoding:
    """The encoding of a text file: a Unicode one for certain, or the likeliest of those before it.

    Raises:
        FileProblem: the file cannot be read, is empty, or is not text.
    """
    path = file.path
    with explained(path, "read"):
        head = file.head(_JUDGED)
        if not head:
            raise FileProblem(f"{path} is empty.", "Choose a file that holds data.")
        marked = next((name for mark, name in _MARKS if head.startswith(mark)), "")
        if marked in ("utf-16", "utf-32"):
            return TextEncoding(marked)
        if not marked and (wide := _utf16_without_mark(head)):
            return TextEncoding(wide)
        sound = _is_utf8(file)
        # control characters that are valid UTF-8 are odd text; a few zeros are lines to reject, many are no text
        controls = head.count(0) if sound else sum(head.count(code) for code in _CONTROLS)
        if controls > len(head) * 0.02 + 8:
            raise FileProblem(
                f"{path} is not a text file.", "Choose a CSV, TSV, JSONL, Parquet or XLSX file."
            )
        if sound:
            return TextEncoding(marked or "utf-8")
    return _damaged_or_legacy(head, marked)


def _is_utf8(file: DataFile) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with file.open() as stream:
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
        return TextEncoding(marked or "utf-8", "surrogateescape", confidence=0.8)
    name, confidence = guess_legacy(head)
    shown = _TITLES.get(name, name)
    note = f"Read as {shown} (the file is not UTF-8): look whether its letters are right."
    return TextEncoding(name, "surrogateescape", note, confidence)


def chosen(file: DataFile, name: str) -> TextEncoding:
    """The encoding that a person named; what it cannot decode is rejected line by line.

    Raises:
        ImportProblem: there is no such encoding.
        FileProblem: the file is empty or cannot be read.
    """
    head = file.head(4)
    if not head:
        raise FileProblem(f"{file.path} is empty.", "Choose a file that holds data.")
    try:
        codec = codecs.lookup(name)
        text = codec._is_text_encoding and codec.name not in _NO_CHARSETS
    except (LookupError, ValueError):
        text = False
    if not text:
        raise ImportProblem(f"There is no text encoding {name!r}.", "Use utf-8, utf-16, cp1252 …")
    plain = codecs.lookup(name).name
    for mark, marked in _MARKS:  # a mark at the beginning is no part of the text
        if head.startswith(mark) and plain in (marked.removesuffix("-sig"), f"{marked}-le", f"{marked}-be"):
            return TextEncoding(marked, "surrogateescape")
    return TextEncoding(name, "surrogateescape")


def possible(file: DataFile, first: str) -> tuple[str, ...]:
    """The encodings that the beginning of the file can be decoded with, `first` among them and first."""
    head = file.head(_TRIED)
    cut = head[: head.rfind(b"\n") + 1] or head
    found = [first]
    for name in _CANDIDATES:
        try:
            cut[: len(cut) // 4 * 4].decode(name) if name.startswith("utf-") else cut.decode(name)
        except UnicodeError:
            continue
        if name not in found:
            found.append(name)
    return tuple(found)
