"""From a path to the source that can read it, by what the file is rather than by what it is called."""

from __future__ import annotations

import zipfile
from pathlib import Path

from core.atomic import explained
from core.dataset.importing.delimited import DelimitedSource
from core.dataset.importing.encodings import detect
from core.dataset.importing.jsontext import JsonSource
from core.dataset.importing.parquet import ParquetSource
from core.dataset.importing.source import Source
from core.dataset.importing.xlsx import SheetSource
from core.errors import FileProblem

_JSON = (".jsonl", ".json", ".ndjson")

_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook or another Office file", "Save it as .xlsx or CSV."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first."),
    (b"SQLite format 3\0", "an SQLite database", "Export the table as CSV."),
    (b"%PDF", "a PDF document", ""),
    (b"\x89PNG", "a picture", ""),
    (b"\xff\xd8\xff", "a picture", ""),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it first."),
)


def open_source(path: Path) -> Source:
    """
    Raises:
        FileProblem: missing, a folder, unreadable, empty, or of a kind that holds no table.
        ImportProblem: a table without rows.
    """
    with explained(path, "read"):
        if not path.exists():
            raise FileProblem(f"There is no file {path}.", "Check the path.")
        if not path.is_file():
            kind = "a folder" if path.is_dir() else "not a regular file"
            raise FileProblem(f"{path} is {kind}.", "Choose a CSV, TSV, JSONL, Parquet or XLSX file.")
        with path.open("rb") as stream:
            head = stream.read(16)
    if not head:
        raise FileProblem(f"{path} is empty.", "Choose a file that holds data.")
    if head.startswith(b"PAR1"):
        return ParquetSource(path)
    if head.startswith(b"PK\x03\x04"):
        return _zipped(path)
    for magic, what, hint in _FOREIGN:
        if head.startswith(magic):
            raise FileProblem(f"{path} is {what}.", hint or "Choose a CSV, TSV, JSONL, Parquet or XLSX file.")
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        raise FileProblem(f"{path} is not a Parquet file, although its name says so.", "Choose another file.")
    if suffix == ".xlsx":
        raise FileProblem(
            f"{path} is not an Excel workbook, although its name says so.", "Choose another file."
        )
    encoding = detect(path)
    return JsonSource(path, encoding) if suffix in _JSON else DelimitedSource(path, encoding)


def _zipped(path: Path) -> Source:
    with explained(path, "read"):
        try:
            with zipfile.ZipFile(path) as archive:
                names = set(archive.namelist())
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise FileProblem(
                f"{path} is a damaged archive.", "Save the file again.", details=repr(error)
            ) from error
    if "xl/workbook.xml" in names or path.suffix.lower() in (".xlsx", ".xlsm"):
        return SheetSource(path)
    if "content.xml" in names:
        raise FileProblem(f"{path} is an OpenDocument file.", "Save it as .xlsx or CSV.")
    raise FileProblem(f"{path} is a zip archive.", "Unpack it first.")
