"""Datasets as files that sentence-transformers trains on: its column order, its names, scores as numbers from 0 to 1.

Texts are written character for character. In CSV a text that begins with "=" stays what it is; whoever opens the file in a
spreadsheet should import its columns as text. In XLSX every text is a string cell, never a formula.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from core.atomic import explained
from core.dataset.formats import DatasetInfo, Example, Format, slots, training_columns
from core.dataset.workbook import MAX_CELL, write_workbook
from core.errors import DataProblem, UsageError

SUFFIXES = (".csv", ".tsv", ".jsonl", ".parquet", ".xlsx")

Row = tuple[Example, tuple[Any, ...]]  # the example, and its cells: texts, then the score or None

_BATCH = 10_000
_ODD_ENDS = re.compile(r"\A\s|\s\Z|\A\Z")


def write(path: Path, info: DatasetInfo, rows: Iterable[Example], labelled_only: bool = False) -> int:
    """Write `rows` in the format that the suffix of `path` names; returns how many were written.

    Rows of a scored dataset without a score have an empty score, or are left out with `labelled_only`. The file is complete
    or, after any error, as it was before.

    Raises:
        UsageError: another suffix.
        DataProblem: a text that the format cannot hold (over 32,767 characters in XLSX); names the row.
        DiskFull, FileProblem: `path` cannot be written.
    """
    path = Path(path)
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise UsageError(
            f'"{path.name}" has no known ending for a data file.', f"Use one of {', '.join(SUFFIXES)}."
        )
    count = 0

    def counted() -> Iterator[Row]:
        nonlocal count
        for row in _cells(info, rows, labelled_only):
            count += 1
            yield row

    names = training_columns(info.format, info.negatives)
    with _beside(path) as temporary:
        writer(temporary, names, counted())
    return count


def to_tsv_text(info: DatasetInfo, rows: Iterable[Example]) -> str:
    """Rows for a spreadsheet's clipboard, without column names; scores as they were given, on the dataset's scale."""
    lines = []
    for row in rows:
        cells = [_clipboard(text) for text in row.texts]
        if info.format is Format.SCORED:
            raw = "" if row.score is None else row.raw_score or f"{info.scale.from_unit(row.score):g}"
            cells.append(_clipboard(raw))
        lines.append("\t".join(cells))
    return "\n".join(lines)


def _cells(info: DatasetInfo, rows: Iterable[Example], labelled_only: bool) -> Iterator[Row]:
    width = slots(info.format, info.negatives)
    scored = info.format is Format.SCORED
    for row in rows:
        if scored and labelled_only and row.score is None:
            continue
        texts = (*row.texts[:width], *("",) * (width - len(row.texts)))
        yield row, (*texts, None if row.score is None else float(row.score)) if scored else texts


def _name(row: Example) -> str:
    return f"row {row.number}" if row.number else f'the row "{row.texts[0][:40]}"' if row.texts else "a row"


def _not_writable(row: Example) -> DataProblem:
    return DataProblem(
        f"A text of {_name(row)} holds a damaged character that cannot be written.", "Type the text again."
    )


def _delimited(delimiter: str) -> Callable[[Path, tuple[str, ...], Iterator[Row]], None]:
    special = re.compile(f'["\r\n{delimiter}]')

    def cell(value: Any) -> str:
        if value is None:
            return ""
        if value.__class__ is float:
            return repr(value)
        # blanks at the ends are enclosed too: programs that trim cells then leave them alone
        if special.search(value) or _ODD_ENDS.search(value):
            return '"' + value.replace('"', '""') + '"'
        return value

    def write_delimited(path: Path, names: tuple[str, ...], rows: Iterator[Row]) -> None:
        with path.open("w", encoding="utf-8", newline="") as stream:
            stream.write(delimiter.join(names) + "\n")
            for row, cells in rows:
                try:
                    stream.write(delimiter.join(map(cell, cells)) + "\n")
                except UnicodeEncodeError as error:
                    raise _not_writable(row) from error

    return write_delimited


def _jsonl(path: Path, names: tuple[str, ...], rows: Iterator[Row]) -> None:
    import json

    encode = json.JSONEncoder(ensure_ascii=False).encode
    with path.open("w", encoding="utf-8", newline="") as stream:
        for row, cells in rows:
            try:
                stream.write(encode(dict(zip(names, cells))) + "\n")
            except UnicodeEncodeError as error:
                raise _not_writable(row) from error


def _parquet(path: Path, names: tuple[str, ...], rows: Iterator[Row]) -> None:
    import pyarrow
    import pyarrow.parquet

    types = [pyarrow.float64() if name == "score" else pyarrow.string() for name in names]
    schema = pyarrow.schema(list(zip(names, types)))
    with pyarrow.parquet.ParquetWriter(path, schema) as writer:
        while batch := list(islice(rows, _BATCH)):
            try:
                arrays = [
                    pyarrow.array(column, kind) for column, kind in zip(zip(*(c for _, c in batch)), types)
                ]
            except UnicodeEncodeError as error:
                bad = next(row for row, _ in batch if any(map(_has_surrogate, row.texts)))
                raise _not_writable(bad) from error
            writer.write_batch(pyarrow.record_batch(arrays, schema=schema))


def _xlsx(path: Path, names: tuple[str, ...], rows: Iterator[Row]) -> None:
    def checked() -> Iterator[tuple[Any, ...]]:
        yield names
        for row, cells in rows:
            for text in row.texts:
                # Excel counts UTF-16 units, of which some characters take two
                if (
                    len(text) > MAX_CELL // 2
                    and len(text.encode("utf-16-le", "surrogatepass")) // 2 > MAX_CELL
                ):
                    raise DataProblem(
                        f"A text of {_name(row)} is longer than the {MAX_CELL:,} characters that an Excel cell holds.",
                        "Export to CSV, JSONL or Parquet instead.",
                    )
                if not text.isascii() and _has_surrogate(text):
                    raise _not_writable(row)
            yield cells

    write_workbook(path, checked())


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _clipboard(text: str) -> str:
    if any(sign in text for sign in "\t\r\n") or text.startswith('"'):
        return '"' + text.replace('"', '""') + '"'
    return text


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A temporary neighbour of `path` that takes its place when the block ends well."""
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            temporary = Path(folder) / path.name
            yield temporary
            temporary.replace(path)


_WRITERS: dict[str, Callable[[Path, tuple[str, ...], Iterator[Row]], None]] = {
    ".csv": _delimited(","),
    ".tsv": _delimited("\t"),
    ".jsonl": _jsonl,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
}
