"""OpenDocument spreadsheets (.ods): the rows of a sheet, read from its XML as a stream and never further than it is believed."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any
from xml.parsers import expat

from core.atomic import explained
from core.dataset.importing.choices import Reading
from core.dataset.importing.datafile import BROKEN, DataFile
from core.dataset.importing.limits import MAX_CELL, MAX_COLUMNS, MAX_SHEET
from core.dataset.importing.sheets import MOST_ROWS, SheetRow, SheetSource, check_unpacked
from core.dataset.importing.source import Record, Reject, Ticker
from core.errors import FileProblem

_CONTENT = "content.xml"
_CHUNK = 1 << 18

Run = tuple[str, int, int, list[str]]  # (sheet, first row number, how many such rows, their cells)


class OdsSource(SheetSource):
    kind = "ods"
    found = "OpenDocument spreadsheet"

    def __init__(self, file: DataFile, reading: Reading) -> None:
        super().__init__(file.path, file.name)
        self._file = file
        self.choose(dict.fromkeys(sheet for sheet, _, _, _ in self._runs()), reading)
        self.begin(self._sheet(), reading)

    def records(self, picks: Sequence[int], reject: Reject, ticker: Ticker) -> Iterator[Record]:
        return self.sheet_records(self._sheet(), 0, picks, reject, ticker)

    def _sheet(self) -> Iterator[SheetRow]:
        for sheet, first, times, cells in self._runs():
            if sheet == self.member:
                for number in range(first, first + times):
                    yield number, cells

    def _runs(self) -> Iterator[Run]:
        with self._opened() as stream:
            reader = _Reader()
            while chunk := stream.read(_CHUNK):
                reader.feed(chunk)
                yield from reader.runs
                reader.runs.clear()
            reader.feed(b"", True)
            yield from reader.runs

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        try:
            with (
                explained(self.path, "read"),
                self._file.seekable() as whole,
                zipfile.ZipFile(whole) as archive,
            ):
                part = archive.getinfo(_CONTENT)
                check_unpacked(self.path, [part])
                with archive.open(part) as stream:
                    yield stream
        except (_Strange, expat.ExpatError, *BROKEN) as error:
            raise FileProblem(
                f"{self.path} is not a sound OpenDocument spreadsheet.",
                "Save it again, or save it as CSV.",
                details=repr(error),
            ) from error


class _Strange(Exception):
    """The XML is not that of a spreadsheet that a program wrote."""


class _Reader:
    """Turns the XML of content.xml into `runs` as it comes.

    Repeated cells are written out only where they hold something: the rest of a sheet is one repeated empty row. Repeated rows
    are not: some hundred letters of XML may ask for a million of them, again and again.
    """

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._sheet = ""
        self._numbers: dict[str, int] = {}  # of the last row, by sheet
        self._row_times = 1
        self._cells: list[str] = []
        self._blank = 0  # empty cells that count only if another follows
        self._cell_times = 1
        self._value = ""
        self._paragraphs: list[list[str]] = []
        self._in_text = 0
        self._in_note = 0
        self._size = 0

    def feed(self, chunk: bytes, last: bool = False) -> None:
        self._parser.Parse(chunk, last)

    def _refuse(self, *_: Any) -> None:
        raise _Strange("it declares a document type or entities")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        found = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        if tag == "table":
            self._sheet = found.get("name", "")
        elif tag == "table-row":
            self._row_times = _count(found.get("number-rows-repeated"))
            self._cells, self._blank = [], 0
        elif tag in ("table-cell", "covered-table-cell"):
            self._cell_times = _count(found.get("number-columns-repeated"))
            self._value = _value(found)
            self._paragraphs, self._size = [], 0
        elif tag == "annotation":
            self._in_note += 1
        elif self._in_note:
            return
        elif tag == "p":
            self._in_text += 1
            self._paragraphs.append([])
        elif self._in_text:
            if tag == "s":
                self._characters(" " * min(_count(found.get("c")), MAX_CELL))
            elif tag in ("tab", "line-break"):
                self._characters("\t" if tag == "tab" else "\n")

    def _end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "annotation":
            self._in_note -= 1
        elif tag == "p" and not self._in_note:
            self._in_text -= 1
        elif tag in ("table-cell", "covered-table-cell"):
            self._end_cell()
        elif tag == "table-row":
            self._end_row()

    def _characters(self, text: str) -> None:
        if self._in_text and not self._in_note and self._paragraphs:
            self._size += len(text)
            if self._size > MAX_CELL + 1:
                return  # it is refused for its length; there is no need to keep more of it
            self._paragraphs[-1].append(text)

    def _end_cell(self) -> None:
        text = self._value or "\n".join("".join(parts) for parts in self._paragraphs)
        if not text:
            self._blank += self._cell_times
            return
        if len(self._cells) + self._blank + self._cell_times > MAX_COLUMNS:
            raise _Strange("a row is wider than a sheet can be")
        self._cells += [""] * self._blank + [text] * self._cell_times
        self._blank = 0

    def _end_row(self) -> None:
        first = self._numbers.get(self._sheet, 0) + 1
        last = self._numbers[self._sheet] = first + self._row_times - 1
        if not any(cell.strip() for cell in self._cells):
            return
        if last > MOST_ROWS:
            raise _Strange("the sheet is longer than a sheet can be")
        if self._row_times > 1 and self._row_times * sum(map(len, self._cells)) > MAX_SHEET // 8:
            raise _Strange("one row is repeated until it fills the memory")
        self.runs.append((self._sheet, first, self._row_times, self._cells))


def _count(text: str | None) -> int:
    return max(1, int(text)) if text else 1


def _value(attributes: dict[str, str]) -> str:
    """Numbers as exact as they are stored; what is shown of them may be rounded. "" for text, which is its paragraphs."""
    kind = attributes.get("value-type")
    if kind in ("float", "percentage", "currency"):
        return attributes.get("value", "")
    if kind == "boolean":
        return attributes.get("boolean-value", "")
    if kind == "date":
        return attributes.get("date-value", "")
    return ""


def is_ods(file: DataFile) -> bool:
    """Whether an archive says that it is an OpenDocument spreadsheet."""
    try:
        with (
            file.seekable() as whole,
            zipfile.ZipFile(whole) as archive,
            archive.open("mimetype") as stream,
        ):
            return stream.read(64).startswith(b"application/vnd.oasis.opendocument.spreadsheet")
    except (*BROKEN, OSError):
        return False
