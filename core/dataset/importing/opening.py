"""From a path to the source that can read it, by what the file is rather than by what it is called."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from core.atomic import explained
from core.dataset.importing import encodings, qrels
from core.dataset.importing.arrow import ParquetSource, StreamSource
from core.dataset.importing.choices import Reading
from core.dataset.importing.datafile import DataFile, PackedFile, PlainFile, gzipped, zip_members, zipped
from core.dataset.importing.delimited import DelimitedSource
from core.dataset.importing.folders import open_folder
from core.dataset.importing.jsontext import JsonSource
from core.dataset.importing.ods import OdsSource, is_ods
from core.dataset.importing.results import ShouldStop
from core.dataset.importing.source import Source, chosen_member
from core.dataset.importing.xlsx import XlsxSource
from core.errors import FileProblem, ImportProblem

_JSON = (".jsonl", ".json", ".ndjson")
_CHOOSE = "Choose a CSV, TSV, JSONL, Parquet, XLSX or text file."
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP = b"\x1f\x8b"

_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls) or another Office file", "Save it as .xlsx or CSV."),
    (b"SQLite format 3\0", "an SQLite database", "Export the table as CSV."),
    (b"%PDF", "a PDF document", ""),
    (b"\x89PNG", "a picture", ""),
    (b"\xff\xd8\xff", "a picture", ""),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it first."),
    (b"BZh", "a bzip2 archive", "Unpack it first."),
    (b"\xfd7zXZ", "an xz archive", "Unpack it first."),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "Unpack it first."),
    (b"Rar!", "a RAR archive", "Unpack it first."),
)


def open_source(path: Path, reading: Reading | None = None, should_stop: ShouldStop | None = None) -> Source:
    """
    Raises:
        Cancelled: `should_stop` said so, now or when the source is read.
        FileProblem: missing, a folder, unreadable, empty, or of a kind that holds no table.
        ImportProblem: a table without rows, or the reading does not fit the file.
    """
    reading = reading or Reading()
    _check(reading)
    with explained(path, "read"):
        if not path.exists():
            raise FileProblem(f"There is no file {path}.", "Check the path.")
        if path.is_dir():
            return open_folder(path, reading, partial(open_source, should_stop=should_stop))
        if not path.is_file():
            raise FileProblem(f"{path} is not a regular file.", _CHOOSE)
        return _open(PlainFile(path, should_stop), reading)


def _check(reading: Reading) -> None:
    delimiter = reading.delimiter
    if delimiter and (len(delimiter) > 1 or delimiter in '"\\\r\n\0'):
        raise ImportProblem(
            f"{delimiter!r} cannot separate cells.", "Use one character: comma, tab, semicolon …"
        )
    if reading.skip is not None and reading.skip < 0:
        raise ImportProblem(f"{reading.skip} lines cannot be left out.", "Use 0 or more.")


def _open(file: DataFile, reading: Reading) -> Source:
    head = file.head(16)
    path = file.path
    if not head:
        raise FileProblem(f"{path} is empty.", "Choose a file that holds data.")
    if head.startswith(b"PAR1"):
        return ParquetSource(file)
    if head.startswith(b"ARROW1") or file.suffix == ".arrow":
        return StreamSource(file)
    if head.startswith(_ZIP):
        return _zipped(file, reading)
    if head.startswith(_GZIP):
        if isinstance(file, PackedFile):
            raise FileProblem(f"{path} is an archive inside an archive.", "Unpack it first.")
        return _unpacked(gzipped(path, file.should_stop), reading, "gzip")
    for magic, what, hint in _FOREIGN:
        if head.startswith(magic):
            raise FileProblem(f"{path} is {what}.", hint or _CHOOSE)
    suffix = file.suffix
    if suffix == ".tar":
        raise FileProblem(f"{path} is a tar archive.", "Unpack it first.")
    if suffix == ".parquet":
        raise FileProblem(f"{path} is not a Parquet file, although its name says so.", "Choose another file.")
    if suffix in (".xlsx", ".xlsm"):
        raise FileProblem(
            f"{path} is not an Excel workbook, although its name says so.", "Choose another file."
        )
    encoding = (
        encodings.detect(file) if reading.encoding is None else encodings.chosen(file, reading.encoding)
    )
    if suffix in _JSON:
        return JsonSource(file, encoding)
    if reading.delimiter is None and qrels.looks_like_judgements(
        file.head(1 << 14).decode("utf-8-sig", "replace")
    ):
        return qrels.of_file(file, reading, partial(open_source, should_stop=file.should_stop))
    return DelimitedSource(file, encoding, reading)


def _unpacked(file: PackedFile, reading: Reading, what: str) -> Source:
    source = _open(file, reading)
    source.found = f"{source.found}, {what}"
    return source


def _zipped(file: DataFile, reading: Reading) -> Source:
    """A workbook, or an archive of files with data."""
    path = file.path
    packed = isinstance(file, PackedFile)
    names = [] if packed else zip_members(path)
    if "xl/workbook.xml" in names or file.suffix in (".xlsx", ".xlsm"):
        return XlsxSource(file, reading)
    if file.suffix == ".ods" or ("content.xml" in names and is_ods(file)):
        return OdsSource(file, reading)
    if "content.xml" in names:
        raise FileProblem(f"{path} is an OpenDocument file without sheets.", "Save it as .ods, .xlsx or CSV.")
    if packed:
        raise FileProblem(f"{path} is an archive inside an archive.", "Unpack it first.")
    if not names:
        raise FileProblem(f"{path} is an archive without files.", _CHOOSE)
    member = chosen_member(path.name, names, reading.member, "file")
    source = _unpacked(zipped(path, member, file.should_stop), replace(reading, member=None), "zip")
    if len(names) > 1:
        source.members, source.member = tuple(names), member
        source.choices |= {"member"}
        if reading.member is None:
            source.notes.append(f'Only "{member}" was read; the archive holds {len(names)} files.')
    return source
