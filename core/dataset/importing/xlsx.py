"""Excel workbooks, through openpyxl: the first sheet that holds anything, the values as they were last calculated."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from core.atomic import explained
from core.dataset.importing.choices import Reading
from core.dataset.importing.datafile import BROKEN, DataFile
from core.dataset.importing.limits import MAX_COLUMNS
from core.dataset.importing.sheets import MOST_ROWS, SheetRow, SheetSource, check_unpacked
from core.dataset.importing.source import Record, Reject, Ticker
from core.errors import AnchorLabError, FileProblem

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how Excel writes characters that XML cannot hold


class XlsxSource(SheetSource):
    kind = "xlsx"
    found = "Excel workbook"

    def __init__(self, file: DataFile, reading: Reading) -> None:
        super().__init__(file.path, file.name)
        self._file = file
        _check_archive(file)
        with self._opened() as book:
            filled = (sheet.title for sheet in book.worksheets if next(_rows(sheet), None) is not None)
            self.choose(filled, reading)
            self.begin(_rows(book[self.member]), reading)

    def records(self, picks: Sequence[int], reject: Reject, ticker: Ticker) -> Iterator[Record]:
        with self._opened() as book:
            sheet = book[self.member]
            total = min(sheet.max_row or 0, MOST_ROWS)
            yield from self.sheet_records(_rows(sheet), total, picks, reject, ticker)

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        import openpyxl

        book = None
        try:
            # openpyxl leaves a file open that it opened itself and could not read
            with (
                explained(self.path, "read"),
                self._file.seekable() as stream,
                warnings.catch_warnings(),
            ):
                warnings.simplefilter("ignore")  # about styles and extensions, which hold no text
                book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
                yield book
        except AnchorLabError:
            raise
        except (
            KeyError, ValueError, TypeError, AttributeError, IndexError, AssertionError, SyntaxError, EOFError,
            OverflowError, RecursionError, zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError,
        ) as error:  # fmt: skip
            # openpyxl has no error of its own for a damaged file: whatever its parsing trips over comes out
            raise FileProblem(
                f"{self.path} is not a sound Excel workbook.",
                "Save it again, or save it as CSV.",
                details=repr(error),
            ) from error
        finally:
            if book is not None:
                book.close()


def _rows(sheet: Any) -> Iterator[SheetRow]:
    """(row number, cells without the empty ones at the end); blank rows are left out."""
    # The size that a sheet declares may be wrong, or chosen to fill the memory with empty cells.
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > MOST_ROWS or len(row) > MAX_COLUMNS:
            raise ValueError("the sheet is larger than a sheet can be")
        cells = [value if value.__class__ is str and "_x" not in value else _text(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if any(cell.strip() for cell in cells):
            yield number, cells


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")  # as short as it is exact
    return str(value)  # dates in ISO form


def _check_archive(file: DataFile) -> None:
    """Refuse what a workbook never is: enormous when unpacked, or with a document type, where XML attacks begin.

    Raises:
        FileProblem
    """
    path = file.path
    with explained(path, "read"):
        try:
            with file.seekable() as whole, zipfile.ZipFile(whole) as archive:
                parts = archive.infolist()
                check_unpacked(path, parts)
                for part in parts:
                    if part.filename.endswith((".xml", ".rels")):
                        with archive.open(part) as stream:
                            head = stream.read(1 << 16).replace(b"\0", b"")
                        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                            raise FileProblem(
                                f"{path} holds XML entities, which no Excel workbook needs.",
                                "Save it again as .xlsx or CSV.",
                            )
        except BROKEN as error:
            raise FileProblem(
                f"{path} is not a sound Excel workbook.",
                "Save it again, or save it as CSV.",
                details=repr(error),
            ) from error
