"""Parquet files, through pyarrow, a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from core.atomic import explained
from core.dataset.importing.datafile import DataFile
from core.dataset.importing.limits import MAX_COLUMNS, SAMPLE_ROWS
from core.dataset.importing.source import EVERY, Cell, Record, Reject, Source, Ticker
from core.errors import FileProblem, ImportProblem


class ParquetSource(Source):
    """Its lines are row numbers, from 1."""

    kind = "parquet"
    found = "Parquet"
    nested = True
    choices = frozenset({"repair"})

    def __init__(self, file: DataFile) -> None:
        super().__init__(file.path, file.name)
        self._file = file
        with self._opened() as table:
            names = list(table.schema_arrow.names)
            if len(set(names)) != len(names) or len(names) > MAX_COLUMNS:
                raise ImportProblem(f"{self.name} has columns of the same name.", "Rename them.")
            self.columns = names
            if not table.metadata.num_rows:
                raise ImportProblem(f"{self.name} holds no rows.", "Choose a file that holds data.")
            lists: set[int] = set()
            for batch in table.iter_batches(batch_size=SAMPLE_ROWS):
                for row in zip(*(_cells(column) for column in batch.columns)):
                    lists.update(index for index, cell in enumerate(row) if isinstance(cell, list))
                    self.sample.append([cell if isinstance(cell, str) else str(cell) for cell in row])
                break
        self.lists = frozenset(lists)

    def records(self, picks: Sequence[int], reject: Reject, ticker: Ticker) -> Iterator[Record]:
        names = [self.columns[index] for index in picks]
        with self._opened() as table:
            total = table.metadata.num_rows
            ticker(0, total)
            row = 0
            for batch in table.iter_batches(batch_size=EVERY, columns=list(dict.fromkeys(names))):
                columns = [_cells(batch.column(batch.schema.get_field_index(name))) for name in names]
                for cells in zip(*columns):
                    row += 1
                    if None in cells:
                        reject(row, f'"{names[cells.index(None)]}" is not text')
                    else:
                        yield row, cells
                ticker(row, total)

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        import pyarrow
        import pyarrow.parquet

        try:
            with (
                explained(self.path, "read"),
                self._file.seekable() as stream,
                pyarrow.parquet.ParquetFile(stream) as table,
            ):
                yield table
        except (pyarrow.ArrowException, UnicodeDecodeError) as error:
            raise FileProblem(
                f"{self.path} is not a sound Parquet file.",
                "Export it again or choose another file.",
                details=str(error),
            ) from error


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
