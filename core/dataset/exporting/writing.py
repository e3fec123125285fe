"""Writing the files of an export. They are complete, or after any error as they were before."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

from core.atomic import explained, new_folder, put
from core.dataset.exporting.card import write_card
from core.dataset.exporting.choices import ExportChoices, Exported, Kind, Metadata, kind_of, parted_name
from core.dataset.exporting.columns import (
    BESIDE,
    CellMaker,
    check_writable,
    column_names,
    meta_cells,
    missing,
    name_of,
)
from core.dataset.exporting.sinks import Sink, open_sink
from core.dataset.exporting.workbook import MAX_CELL, too_long
from core.dataset.formats import DatasetInfo, Example, Format
from core.errors import Cancelled, DataProblem

Progress = Callable[[int, int], object]
ShouldStop = Callable[[], bool]

PARTS = {"": "train", "train": "train", "eval": "validation", "test": "test"}  # as `datasets` names them
_BATCH = 2000


def write(path: Path, info: DatasetInfo, rows: Iterable[Example], labelled_only: bool = False) -> int:
    """Write all `rows` to one file whose ending names its kind; returns how many were written.

    Rows of a scored dataset without a score have an empty score, or are left out with `labelled_only`. Raises as `export`.
    """
    wanted = (
        (row for row in rows if row.score is not None)
        if labelled_only and info.format is Format.SCORED
        else rows
    )
    return export(path, info, wanted, ExportChoices(kind_of(Path(path)))).rows


def export(
    path: Path,
    info: DatasetInfo,
    rows: Iterable[Example],
    choices: ExportChoices,
    *,
    total: int = 0,
    on_progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> Exported:
    """Write `rows` to `path`, which for a dataset folder must not hold anything yet.

    Raises:
        DataProblem: a text that the format cannot hold (over 32,767 characters in XLSX, half a character); names the row.
        DiskFull, FileProblem: `path` cannot be written.
        Cancelled: `should_stop` said so.
    """
    path = Path(path)
    with _beside(path, choices) as place, Writing(place, path, info, choices) as writing:
        done = 0
        iterator = iter(rows)
        while batch := list(islice(iterator, _BATCH)):
            writing.add(batch)
            done += len(batch)
            if should_stop is not None and should_stop():
                raise Cancelled("The export was cancelled.")
            if on_progress is not None:
                on_progress(done, max(total, done))
        names = writing.finish()
    parent = path if choices.kind is Kind.FOLDER else path.parent
    return Exported(writing.written, tuple(parent / name for name in names), writing.left_out)


def possible_files(path: Path, choices: ExportChoices, splits: Collection[str] = tuple(PARTS)) -> list[Path]:
    """Every file that an export of rows of these splits writes or replaces; the folder itself for a dataset folder."""
    if choices.kind is Kind.FOLDER:
        return [path]
    parts = sorted({PARTS.get(split, "train") for split in splits}) if choices.by_split else [""]
    files = [path.with_name(_file_name(path, part, choices)) for part in parts or ["train"]]
    if choices.metadata is Metadata.FILE:
        files += [path.with_name(_beside_name(path, part, choices)) for part in parts]
    return files


class Writing:
    """The sinks of one export, opened when their first row comes."""

    def __init__(self, place: Path, path: Path, info: DatasetInfo, choices: ExportChoices) -> None:
        self.left_out: dict[str, int] = {}
        self.counts: dict[str, int] = {}  # part -> rows
        self._place, self._path = place, path
        self._info, self._choices = info, choices
        self._reason_of = missing(info, choices.training)
        self._cells = CellMaker(info, choices)
        self._sinks: dict[str, Sink] = {}
        self._files: dict[str, str] = {}
        self._open = ExitStack()

    def __enter__(self) -> Writing:
        return self

    def __exit__(self, *_error: object) -> None:
        self._open.close()

    @property
    def written(self) -> int:
        return sum(self.counts.values())

    def add(self, rows: Iterable[Example]) -> None:
        for part, kept in self._parted(rows).items():
            sink = self._sink(part)
            try:
                if self._choices.kind is Kind.XLSX:
                    _check_cells(kept)
                sink.add([self._cells(row) for row in kept])
                if self._choices.metadata is Metadata.FILE:
                    first = self.counts.get(part, 0) + 1
                    beside = [(number, *meta_cells(row)) for number, row in enumerate(kept, first)]
                    self._sink(part, beside=True).add(beside)
            except UnicodeEncodeError:
                for row in kept:
                    check_writable(row)
                raise
            self.counts[part] = self.counts.get(part, 0) + len(kept)

    def finish(self) -> list[str]:
        """Close the files; returns their names, the data before what stands beside it."""
        if not self._sinks:
            self._sink(self._part_of(""))
        self._open.close()
        if self._choices.kind is Kind.FOLDER:
            write_card(
                self._place, self._path.name, self._info, self._choices, self.counts, self._cells.categories
            )
            return ["README.md", *self._files.values()]
        return list(self._files.values())

    def _parted(self, rows: Iterable[Example]) -> dict[str, list[Example]]:
        parted: dict[str, list[Example]] = {}
        for row in rows:
            if reason := self._reason_of(row):
                self.left_out[reason] = self.left_out.get(reason, 0) + 1
            else:
                parted.setdefault(self._part_of(row.split), []).append(row)
        return parted

    def _part_of(self, split: str) -> str:
        apart = self._choices.by_split or self._choices.kind is Kind.FOLDER
        return PARTS.get(split, "train") if apart else ""

    def _sink(self, part: str, beside: bool = False) -> Sink:
        key = f"{part} beside" if beside else part
        if key not in self._sinks:
            name = (_beside_name if beside else _file_name)(self._path, part, self._choices)
            target = self._place / name
            target.parent.mkdir(parents=True, exist_ok=True)
            names = BESIDE if beside else column_names(self._info, self._choices)
            kind = Kind.CSV if beside else self._choices.kind
            sink = open_sink(kind, target, names, self._choices.bom)
            self._open.callback(sink.close)
            self._sinks[key], self._files[key] = sink, name
        return self._sinks[key]


def _file_name(path: Path, part: str, choices: ExportChoices) -> str:
    if choices.kind is Kind.FOLDER:
        return f"data/{part}-00000-of-00001.parquet"
    stem, suffix = parted_name(path)
    return f"{stem}-{part}{suffix}" if part else path.name


def _beside_name(path: Path, part: str, choices: ExportChoices) -> str:
    if choices.kind is Kind.FOLDER:
        return f"metadata/{part}.csv"
    stem, _suffix = parted_name(path)
    return f"{stem}-{part}.metadata.csv" if part else f"{stem}.metadata.csv"


def _check_cells(rows: Iterable[Example]) -> None:
    for row in rows:
        for text in (*row.texts, row.note):
            if len(text) > MAX_CELL // 2 and too_long(text):
                raise DataProblem(
                    f"A text of {name_of(row)} is longer than the {MAX_CELL:,} characters that an Excel cell holds.",
                    "Export to CSV, JSON lines or Parquet instead.",
                )


@contextmanager
def _beside(path: Path, choices: ExportChoices) -> Iterator[Path]:
    """A folder for the new files, which take their places when the block ends well."""
    if choices.kind is Kind.FOLDER:
        with new_folder(path) as folder:
            yield folder
        return
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            new, old = Path(folder, "new"), Path(folder, "old")
            new.mkdir()
            old.mkdir()
            yield new
            _swap(new, old, path.parent)


def _swap(new: Path, old: Path, target: Path) -> None:
    """Move the files of `new` to `target`, all or none: what they replace is kept in `old`, in case one cannot be replaced (it is
    open in another program, or a folder)."""
    names = sorted(made.name for made in new.iterdir())
    done: list[str] = []
    try:
        for name in names:
            if name != names[-1] and (target / name).is_file():
                _keep(target / name, old / name)
            put(new / name, target / name)
            done.append(name)
    except OSError:
        for name in done:
            (target / name).unlink()
        for kept in old.iterdir():
            kept.replace(target / kept.name)
        raise


def _keep(path: Path, place: Path) -> None:
    try:
        os.link(path, place)  # so that `path` is there at every moment
    except OSError:
        path.replace(place)  # a disk without links
