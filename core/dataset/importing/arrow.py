"""Arrow tables: Parquet files, and the .arrow files of a saved Hugging Face dataset, a batch of rows at a time."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from core.atomic import explained
from core.dataset.importing.datafile import DataFile
from core.dataset.importing.limits import MAX_COLUMNS
from core.dataset.importing.source import EVERY, Cell, Record, Reject, Source, Ticker, rows_of_sample
from core.errors import FileProblem, ImportProblem


class ArrowSource(Source):
    """Its lines are row numbers, from 1."""

    nested = True
    choices = frozenset({"repair"})

    def __init__(self, file: DataFile) -> None:
        super().__init__(file.path, file.name)
        self._file = file
        with self._opened() as table:
            names = list(table.schema.names)
            if len(names) > MAX_COLUMNS:
                raise ImportProblem(
                    f"{self.name} has {len(names):,} columns.", f"Use {MAX_COLUMNS:,} at most."
                )
            if len(set(names)) != len(names):
                raise ImportProblem(f"{self.name} has columns of the same name.", "Rename them.")
            self.columns = names
            self._words = _class_names(table.schema)
            lists: set[int] = set()
            wanted = rows_of_sample(len(names))
            for batch in table.batches(None):
                part = batch.slice(0, wanted - len(self.sample))
                cells_of = [self._cells(name, column) for name, column in zip(names, part.columns)]
                for row in zip(*cells_of):
                    lists.update(index for index, cell in enumerate(row) if isinstance(cell, list))
                    self.sample.append([cell if isinstance(cell, str) else str(cell) for cell in row])
                if len(self.sample) >= wanted:
                    break
            if not self.sample:
                raise ImportProblem(f"{self.name} holds no rows.", "Choose a file that holds data.")
        self.lists = frozenset(lists)

    def records(self, picks: Sequence[int], reject: Reject, ticker: Ticker) -> Iterator[Record]:
        names = [self.columns[index] for index in picks]
        with self._opened() as table:
            total = table.rows
            ticker(0, total)
            row = 0
            for batch in table.batches(list(dict.fromkeys(names))):
                columns = [
                    self._cells(name, batch.column(batch.schema.get_field_index(name))) for name in names
                ]
                for cells in zip(*columns):
                    row += 1
                    if None in cells:
                        reject(row, f'"{names[cells.index(None)]}" is not text')
                    else:
                        yield row, cells
                ticker(row, max(total, row))

    def _cells(self, name: str, column: Any) -> list[Cell | None]:
        words = self._words.get(name)
        if words is None:
            return _cells(column)
        return [
            words[number] if isinstance(number, int) and 0 <= number < len(words) else ""
            for number in column.to_pylist()
        ]

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        import pyarrow

        try:
            with explained(self.path, "read"), self._file.seekable() as stream, self._table(stream) as table:
                yield table
        except (pyarrow.ArrowException, UnicodeDecodeError) as error:
            raise FileProblem(
                f"{self.path} is not a sound {self.found} file.",
                "Export it again or choose another file.",
                details=str(error),
            ) from error

    @abstractmethod
    def _table(self, stream: Any) -> Any:
        """A context manager of what has a `schema`, `rows` (0 where the file cannot tell) and `batches(names)`."""


class ParquetSource(ArrowSource):
    kind = "parquet"
    found = "Parquet"

    @contextmanager
    def _table(self, stream: Any) -> Iterator[Any]:
        import pyarrow.parquet

        with pyarrow.parquet.ParquetFile(stream) as file:
            yield _Parquet(file)


class _Parquet:
    def __init__(self, file: Any) -> None:
        self._file = file
        self.schema = file.schema_arrow
        self.rows = int(file.metadata.num_rows)

    def batches(self, names: list[str] | None) -> Iterator[Any]:
        yield from self._file.iter_batches(batch_size=EVERY, columns=names)


class StreamSource(ArrowSource):
    """A .arrow file, in either of the two forms that programs write."""

    kind = "arrow"
    found = "Arrow"

    @contextmanager
    def _table(self, stream: Any) -> Iterator[Any]:
        import pyarrow.ipc

        as_file = self._file.head(6) == b"ARROW1"
        opened = pyarrow.ipc.open_file(stream) if as_file else pyarrow.ipc.open_stream(stream)
        with opened as reader:
            yield _Stream(reader, as_file)


class _Stream:
    rows = 0

    def __init__(self, reader: Any, as_file: bool) -> None:
        self.schema = reader.schema
        self._reader = reader
        self._as_file = as_file

    def batches(self, names: list[str] | None) -> Iterator[Any]:
        reader = self._reader
        whole = map(reader.get_batch, range(reader.num_record_batches)) if self._as_file else iter(reader)
        for batch in whole:
            found = batch if names is None else batch.select(names)
            for first in range(0, found.num_rows, EVERY):
                yield found.slice(first, EVERY)


def _class_names(schema: Any) -> dict[str, list[str]]:
    """The names of numbered classes, which a Hugging Face dataset keeps beside its numbers. Two classes stay 0 and 1: those
    are scores as often as not."""
    try:
        kept = json.loads((schema.metadata or {})[b"huggingface"])
        features = kept["info"]["features"].items()
        found = {
            name: kind["names"]
            for name, kind in features
            if isinstance(kind, dict) and kind.get("_type") == "ClassLabel"
        }
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError):
        return {}
    return {
        name: words
        for name, words in found.items()
        if isinstance(words, list) and len(words) > 2 and all(isinstance(word, str) for word in words)
    }


def _cells(column: Any) -> list[Cell | None]:
    import pyarrow

    if pyarrow.types.is_float32(column.type) or pyarrow.types.is_float16(column.type):
        # the shortest spelling of the number as it was stored: 0.1, not 0.10000000149011612
        return ["" if value is None else str(value) for value in _narrow(column)]
    return [_cell(value) for value in column.to_pylist()]


def _narrow(column: Any) -> list[Any]:
    values = column.to_numpy(zero_copy_only=False)
    return [value if valid else None for value, valid in zip(values, column.is_valid().to_pylist())]


def _cell(value: Any) -> Cell | None:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return None
