"""Where rows of cells go: one class for each kind of file. A sink is given batches and is closed at the end."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TextIO, cast

from core.dataset.exporting.choices import Kind, packed
from core.dataset.exporting.columns import Cells
from core.dataset.exporting.workbook import Workbook

# blanks at the ends are enclosed too: programs that trim cells then leave them alone
_ODD_ENDS = re.compile(r"\A\s|\s\Z|\A\Z")


class Sink(Protocol):
    def add(self, rows: Sequence[Cells]) -> None: ...

    def close(self) -> None: ...


class DelimitedSink:
    """Raises UnicodeEncodeError for half a character, as all sinks do."""

    def __init__(self, path: Path, names: Sequence[str], delimiter: str, bom: bool) -> None:
        self._special = re.compile(f'["\r\n{delimiter}]')
        self._delimiter = delimiter
        self._stream = _open_text(path, "utf-8-sig" if bom else "utf-8")
        self._stream.write(delimiter.join(names) + "\n")

    def add(self, rows: Sequence[Cells]) -> None:
        cell, delimiter = self._cell, self._delimiter
        self._stream.writelines([delimiter.join(map(cell, cells)) + "\n" for cells in rows])

    def _cell(self, value: Any) -> str:
        if value.__class__ is str:
            if self._special.search(value) or _ODD_ENDS.search(value):
                return '"' + value.replace('"', '""') + '"'
            return str(value)
        return "" if value is None else repr(value)

    def close(self) -> None:
        self._stream.close()


class JsonLinesSink:
    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._encode = json.JSONEncoder(ensure_ascii=False).encode
        self._stream = _open_text(path, "utf-8")

    def add(self, rows: Sequence[Cells]) -> None:
        names, encode = self._names, self._encode
        self._stream.writelines([encode(dict(zip(names, cells))) + "\n" for cells in rows])

    def close(self) -> None:
        self._stream.close()


class JsonSink(JsonLinesSink):
    """One list of objects, an object a line."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        super().__init__(path, names)
        self._before = "[\n"

    def add(self, rows: Sequence[Cells]) -> None:
        for cells in rows:
            self._stream.write(self._before + self._encode(dict(zip(self._names, cells))))
            self._before = ",\n"

    def close(self) -> None:
        if not self._stream.closed:
            self._stream.write("[]\n" if self._before == "[\n" else "\n]\n")
        super().close()


class ParquetSink:
    def __init__(self, path: Path, names: Sequence[str]) -> None:
        import pyarrow
        import pyarrow.parquet

        kinds = {"score": pyarrow.float64(), "label": pyarrow.int64(), "row": pyarrow.int64()}
        self._schema = pyarrow.schema([(name, kinds.get(name, pyarrow.string())) for name in names])
        self._writer = pyarrow.parquet.ParquetWriter(path, self._schema)

    def add(self, rows: Sequence[Cells]) -> None:
        import pyarrow

        if not rows:
            return
        arrays = [pyarrow.array(column, kind) for column, kind in zip(zip(*rows), self._schema.types)]
        self._writer.write_batch(pyarrow.record_batch(arrays, schema=self._schema))

    def close(self) -> None:
        self._writer.close()


class WorkbookSink:
    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self._book = Workbook(path)
        self._book.append(tuple(names))

    def add(self, rows: Sequence[Cells]) -> None:
        for cells in rows:
            self._book.append(cells)

    def close(self) -> None:
        self._book.close()


class _Packed(TextIOWrapper):
    """Text into a gzip file without name and date: the same rows make the same file."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._file = path.open("wb")
        archive = gzip.GzipFile("", "wb", compresslevel=6, fileobj=self._file, mtime=0)
        super().__init__(cast(BinaryIO, archive), encoding=encoding, newline="")

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._file.close()


def _open_text(path: Path, encoding: str) -> TextIO:
    return _Packed(path, encoding) if packed(path) else path.open("w", encoding=encoding, newline="")


def open_sink(kind: Kind, path: Path, names: Sequence[str], bom: bool = False) -> Sink:
    """A file of this kind at `path`, empty but for its column names."""
    makers: dict[Kind, Callable[[], Sink]] = {
        Kind.CSV: lambda: DelimitedSink(path, names, ",", bom),
        Kind.TSV: lambda: DelimitedSink(path, names, "\t", bom),
        Kind.JSONL: lambda: JsonLinesSink(path, names),
        Kind.JSON: lambda: JsonSink(path, names),
        Kind.PARQUET: lambda: ParquetSink(path, names),
        Kind.XLSX: lambda: WorkbookSink(path, names),
        Kind.FOLDER: lambda: ParquetSink(path, names),
    }
    return makers[kind]()
