"""Everything that can be asked of a project, the same for the window's own connection and for readers elsewhere."""

from __future__ import annotations

import json
import sqlite3
import time
from array import array
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from core.dataset.formats import DatasetInfo, Example, Format, Scale, slots, texts_of
from core.errors import DataProblem
from core.project import text_filter
from core.project.connection import explained
from core.project.holding import Held, rows_with
from core.project.passes import Pass, load_all
from core.project.probes import Probe, load_probes
from core.project.schema import FIXED_COLUMNS, ROW_COLUMNS
from core.project.text_filter import TextFilter
from core.project.views import FILTERS, View, ids_query, text_columns

_FIXED = ", ".join(FIXED_COLUMNS)
_FIXED_COUNT = len(FIXED_COLUMNS)
_SHORT = 100_000  # characters that are read without numpy
_SLICE = 100_000  # characters of numbers that are read in one go: a millisecond
_DATASET = "SELECT id, name, format, negatives, low, high, rows FROM datasets WHERE trashed = 0"


def dataset_info(connection: sqlite3.Connection, dataset_id: int) -> DatasetInfo:
    """Raises: DataProblem when the dataset is gone."""
    row = connection.execute(f"{_DATASET} AND id = ?", (dataset_id,)).fetchone()
    if row is None:
        raise DataProblem(f"Dataset {dataset_id} is no longer in the project.", "Choose another dataset.")
    return _info(row)


def dataset_infos(connection: sqlite3.Connection) -> list[DatasetInfo]:
    return [_info(row) for row in connection.execute(f"{_DATASET} ORDER BY id")]


def _info(row: Sequence[Any]) -> DatasetInfo:
    id, name, format, negatives, low, high, rows = row
    return DatasetInfo(id, name, Format(format), negatives, Scale(low, high), rows)


def _example(row: Sequence[Any], texts: tuple[str, ...]) -> Example:
    return Example(texts, row[3], row[4], row[5], bool(row[6]), row[7], row[8], row[0], row[2], row[9])


class CorpusText(NamedTuple):
    """One unpaired text; `source` is where it came from, e.g. the imported file's name."""

    id: int
    text: str
    source: str


def _numbers(text: str) -> array[int]:
    """The numbers of a text with commas between them."""
    if len(text) < _SHORT:
        return array("q", map(int, text.split(",") if text else ()))
    import numpy as np

    found, start = array("q"), 0
    while start < len(text):
        end = text.find(",", start + _SLICE)
        end = len(text) if end < 0 else end
        found.frombytes(np.fromstring(text[start:end], dtype=np.int64, sep=",").tobytes())
        start = end + 1
        time.sleep(
            0
        )  # the window's thread has its turn: a million numbers at once would take it a tenth of a second
    return found


class Labelled(NamedTuple):
    """What one row says about its texts."""

    dataset_id: int
    format: Format
    id: int
    score: float | None
    texts: tuple[str, ...]


class Queries:
    """Questions to one connection. Used by one thread at a time; every answer is of committed edits.

    All methods raise `ProjectCorrupt` when the file turns out to be damaged and `ProjectProblem` when it cannot be read.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._connection = connection

    # -- datasets and facts ---------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return self.meta("name", self.folder.name)

    @property
    def description(self) -> str:
        return self.meta("description")

    @property
    def revision(self) -> int:
        """Grows with every edit, undo and redo: equal numbers mean equal contents."""
        return int(self._all("SELECT value FROM counters WHERE name = 'revision'")[0][0])

    def meta(self, key: str, default: str = "") -> str:
        """A project-wide text value."""
        rows = self._all("SELECT value FROM meta WHERE key = ?", (key,))
        return rows[0][0] if rows else default

    def recipe(self) -> dict[str, Any]:
        """The recipe settings that the person fixed; everything else is computed from the data.

        Raises:
            DataProblem: the stored text is no JSON object (the project was changed by another program).
        """
        return self._settings("recipe")

    def card_recipe(self) -> dict[str, Any]:
        """The settings that came with the project, for the preset "card"; most projects have none.

        Raises:
            DataProblem: as `recipe`.
        """
        return self._settings("card_recipe")

    def preset(self) -> str:
        """The key of the preset that fills in the recipe, see `core.training.presets`."""
        return self.meta("preset") or "automatic"

    def _settings(self, key: str) -> dict[str, Any]:
        try:
            found = json.loads(self.meta(key, "{}"))
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise DataProblem(
                f"The recipe settings of the project in {self.folder} are damaged.", "Reset the recipe."
            )
        return found

    def datasets(self) -> list[DatasetInfo]:
        """In the order they were made."""
        with explained(self.folder):
            return dataset_infos(self._connection)

    def dataset(self, dataset_id: int) -> DatasetInfo:
        """Raises: DataProblem when there is no such dataset (any more)."""
        with explained(self.folder):
            return dataset_info(self._connection, dataset_id)

    def counts(self, dataset_id: int) -> dict[str, int]:
        """How many rows each filter shows. Kept with the dataset, so it costs nothing at any size."""
        self.dataset(dataset_id)
        row = self._all(f"SELECT rows, {', '.join(FILTERS[1:])} FROM datasets WHERE id = ?", (dataset_id,))[0]
        return dict(zip(FILTERS, row, strict=True))

    # -- rows -----------------------------------------------------------------------------------------------------------

    def ids(self, dataset_id: int, view: View | None = None) -> array[int]:
        """The example ids of a view, in its order. 8 bytes a row; 1M rows take about 0.3 s.

        Raises:
            DataProblem: no such dataset, filter or sort column.
        """
        info = self.dataset(dataset_id)
        return self._ids_between(info, view or View(), *self._first_and_last(dataset_id))

    def _first_and_last(self, dataset_id: int) -> tuple[int, int]:
        """The smallest and the largest id of a dataset; (0, 0) without rows."""
        last = "SELECT id FROM examples WHERE dataset_id = ?1 ORDER BY number DESC LIMIT 1"
        bounds = self._all(
            f"SELECT id, ({last}) FROM examples WHERE dataset_id = ?1 ORDER BY number LIMIT 1", (dataset_id,)
        )
        return bounds[0] if bounds else (0, 0)

    def _ids_between(self, info: DatasetInfo, view: View, first: int, last: int) -> array[int]:
        sql, parameters = ids_query(info, view, first, last)
        # One long text instead of a million rows: other threads of Python go on meanwhile, and it takes half the time.
        with explained(self.folder):
            sql = f"SELECT group_concat(id) FROM ({sql})"
            return _numbers(self._connection.execute(sql, parameters).fetchone()[0] or "")

    def examples(self, ids: Sequence[int]) -> list[Example]:
        """The examples with these ids, in this order; ids that are gone are left out."""
        with explained(self.folder):
            widths = {
                info.id: _FIXED_COUNT + slots(info.format, info.negatives)
                for info in dataset_infos(self._connection)
            }
            found = self._connection.execute(
                f"SELECT {', '.join(ROW_COLUMNS)} FROM examples WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(ids)),),
            ).fetchall()
        by_id = {
            row[0]: _example(row, row[_FIXED_COUNT : widths[row[1]]]) for row in found if row[1] in widths
        }
        return [by_id[id] for id in ids if id in by_id]

    def rows(self, dataset_id: int) -> Iterator[Example]:
        """Every example of the dataset in natural order, as it was when the first one was read.

        Raises:
            DataProblem: no such dataset.
        """
        info = self.dataset(dataset_id)
        names = ", ".join(text_columns(info))
        with explained(self.folder):
            sql = f"SELECT {_FIXED}, {names} FROM examples WHERE dataset_id = ? ORDER BY number"
            for row in self._connection.execute(sql, (dataset_id,)):
                yield _example(row, row[_FIXED_COUNT:])

    def labels(self, dataset_id: int) -> Iterator[tuple[int, float | None, tuple[str, ...]]]:
        """As `training_rows`, only (id, score, texts) of each: what a label says, several times as fast.

        Raises:
            DataProblem: no such dataset.
        """
        names = ", ".join(text_columns(self.dataset(dataset_id)))
        with explained(self.folder):
            sql = f"SELECT id, score, {names} FROM examples WHERE dataset_id = ? AND status <> 'rejected' ORDER BY number"
            for row in self._connection.execute(sql, (dataset_id,)):
                yield row[0], row[1], row[2:]

    def sides(self, dataset_id: int) -> tuple[set[str], set[str]]:
        """The distinct anchors and the distinct texts beside them, of rows that are not rejected; categories have no anchors.

        Raises:
            DataProblem: no such dataset.
        """
        info = self.dataset(dataset_id)
        names = texts_of(info.format, tuple(text_columns(info)))
        first = 0 if info.format is Format.CATEGORIES else 1
        found: list[set[str]] = []
        with explained(self.folder):
            for some in (names[:first], names[first:]):
                sql = f"SELECT {', '.join(some)} FROM examples WHERE dataset_id = ? AND status <> 'rejected'"
                rows = self._connection.execute(sql, (info.id,)) if some else ()
                found.append(set(chain.from_iterable(rows)))
        return found[0], found[1]

    def unpaired(self) -> set[str]:
        """The unpaired texts without their order and sources."""
        with explained(self.folder):
            return set(chain.from_iterable(self._connection.execute("SELECT text FROM texts")))

    def labels_with(self, texts: Sequence[str]) -> list[Labelled]:
        """The rows, as in `labels`, that have one of these texts as anchor or beside it; a scan. Without categories."""
        found: list[Labelled] = []
        marks = ", ".join("?" * len(texts))
        for info in self.datasets():
            if info.format is Format.CATEGORIES:
                continue
            names = ", ".join(text_columns(info))
            rows = self._all(
                f"SELECT id, score, {names} FROM examples WHERE dataset_id = ? AND (t0 IN ({marks}) OR t1 IN ({marks})) "
                "AND status <> 'rejected'",
                (info.id, *texts, *texts),
            )
            found += [Labelled(info.id, info.format, row[0], row[1], row[2:]) for row in rows]
        return found

    def rows_with(self, dataset_id: int, texts: Sequence[str], slots: Sequence[int]) -> list[Held]:
        """The rows that have one of the texts in one of these columns; a scan. Raises: DataProblem when there is no such dataset."""
        info = self.dataset(dataset_id)
        with explained(self.folder):
            return rows_with(self._connection, info, texts, slots)

    def same_categories(self, texts: Sequence[str], candidates: Sequence[str]) -> set[str]:
        """Those of the candidates that stand in a category with one of the texts."""
        found: set[str] = set()
        ours, theirs = ", ".join("?" * len(texts)), ", ".join("?" * len(candidates))
        for info in self.datasets():
            if info.format is Format.CATEGORIES:
                rows = self._all(
                    f"SELECT DISTINCT t0 FROM examples WHERE dataset_id = {info.id} AND t0 IN ({theirs}) AND t1 <> '' AND t1 IN "
                    f"(SELECT t1 FROM examples WHERE dataset_id = {info.id} AND t0 IN ({ours}) AND status <> 'rejected') "
                    "AND status <> 'rejected'",
                    (*candidates, *texts),
                )
                found.update(text for (text,) in rows)
        return found

    def dataset_ids(self, ids: Sequence[int]) -> set[int]:
        """The datasets that these examples belong to."""
        return set(self.by_dataset(ids))

    def by_dataset(self, ids: Sequence[int]) -> dict[int, list[int]]:
        """Those of these ids that are there, by the dataset they belong to."""
        found: dict[int, list[int]] = {}
        sql = "SELECT dataset_id, id FROM examples WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
        for dataset_id, id in self._all(sql, (json.dumps(list(ids)),)):
            found.setdefault(dataset_id, []).append(id)
        return found

    def next_example_id(self) -> int:
        """The id that the next new row gets."""
        return int(self._all("SELECT value FROM counters WHERE name = 'example'")[0][0]) + 1

    def training_rows(self, dataset_id: int) -> Iterator[Example]:
        """As `rows`, without those that a person rejected."""
        return (row for row in self.rows(dataset_id) if row.status != "rejected")

    def texts(self, dataset_id: int | None = None) -> list[str]:
        """Every distinct text in first-seen order, without empty ones and names of categories; of all datasets and the unpaired texts if None."""
        infos = self.datasets() if dataset_id is None else [self.dataset(dataset_id)]
        seen: dict[str, None] = {}
        with explained(self.folder):
            for info in infos:
                names = texts_of(info.format, tuple(text_columns(info)))
                sql = f"SELECT {', '.join(names)} FROM examples WHERE dataset_id = ? ORDER BY number"
                seen.update(dict.fromkeys(chain.from_iterable(self._connection.execute(sql, (info.id,)))))
            if dataset_id is None:
                seen.update(
                    dict.fromkeys(
                        chain.from_iterable(self._connection.execute("SELECT text FROM texts ORDER BY id"))
                    )
                )
        seen.pop("", None)
        return list(seen)

    def texts_where(self, filter: TextFilter, dataset_id: int | None = None) -> set[str]:
        """The distinct texts that the filter lets through, of one dataset or of all. Raises: DataProblem when there is no such dataset."""
        infos = self.datasets() if dataset_id is None else [self.dataset(dataset_id)]
        with explained(self.folder):
            return text_filter.texts_where(self._connection, infos, filter)

    def in_categories_of(self, texts: Sequence[str]) -> set[str]:
        """The texts that share a category with one of these; rejected rows say nothing."""
        with explained(self.folder):
            return text_filter.in_categories_of(self._connection, self.datasets(), texts)

    def corpus_count(self) -> int:
        """How many unpaired texts the project has."""
        return int(self._all("SELECT count(*) FROM texts")[0][0])

    def corpus_texts(self, first: int = 0, count: int = -1) -> list[CorpusText]:
        """The unpaired texts in the order they came, `count` of them from position `first` on (all with -1)."""
        rows = self._all("SELECT id, text, source FROM texts ORDER BY id LIMIT ? OFFSET ?", (count, first))
        return [CorpusText(*row) for row in rows]

    def verdicts(self) -> list[tuple[str, str, str]]:
        """What was decided about proposed pairs: normalised anchor, normalised text, "negative", "positive" or "skip"."""
        return self._all("SELECT anchor, text, kind FROM verdicts")

    def probes(self) -> list[Probe]:
        """The project's probes, oldest first."""
        with explained(self.folder):
            return load_probes(self._connection)

    def first_scores(self, dataset_id: int, count: int) -> list[float]:
        """The scores of the first rows, so many at most, without those that have none."""
        sql = "SELECT score FROM examples WHERE dataset_id = ? ORDER BY number LIMIT ?"
        return [score for (score,) in self._all(sql, (dataset_id, count)) if score is not None]

    def id_of(self, dataset_id: int, number: int) -> int:
        """The id of the row that a person sees under this number; 0 when there is none."""
        found = self._all("SELECT id FROM examples WHERE dataset_id = ? AND number = ?", (dataset_id, number))
        return found[0][0] if found else 0

    def ids_after(self, dataset_id: int, number: int, count: int, *, backwards: bool = False) -> list[int]:
        """The ids of the rows that follow the one with this number, or come before it, nearest first; at most `count`."""
        way, sign = ("DESC", "<") if backwards else ("ASC", ">")
        sql = (
            f"SELECT id FROM examples WHERE dataset_id = ? AND number {sign} ? ORDER BY number {way} LIMIT ?"
        )
        return [id for (id,) in self._all(sql, (dataset_id, number, count))]

    def column(self, dataset_id: int, slot: int) -> Iterator[tuple[int, str]]:
        """(id, text) of one text of every row, in natural order."""
        info = self.dataset(dataset_id)
        name = text_columns(info)[slot]
        with explained(self.folder):
            yield from self._connection.execute(
                f"SELECT id, {name} FROM examples WHERE dataset_id = ? ORDER BY number", (dataset_id,)
            )

    def categories(self, dataset_id: int) -> list[str]:
        """The names in the second column, the most frequent first."""
        sql = "SELECT t1 FROM examples WHERE dataset_id = ? AND t1 <> '' GROUP BY t1 ORDER BY count(*) DESC, min(number)"
        return [name for (name,) in self._all(sql, (dataset_id,))]

    def newest_pass(self, dataset_id: int) -> int:
        """The id of the newest pass of the dataset; 0 when there is none."""
        found = self._all("SELECT coalesce(max(id), 0) FROM passes WHERE dataset_id = ?", (dataset_id,))
        return int(found[0][0])

    def judged_twice(self, dataset_id: int) -> int:
        """How many rows the passes of the dataset have in all."""
        sql = (
            "SELECT count(*) FROM judgements AS j JOIN passes AS p ON p.id = j.pass_id WHERE p.dataset_id = ?"
        )
        return int(self._all(sql, (dataset_id,))[0][0])

    def passes(self, dataset_id: int) -> list[Pass]:
        """The rows of the dataset that were judged twice, newest pass first."""
        with explained(self.folder):
            return load_all(self._connection, dataset_id)

    def data_hash(self) -> str:
        """A digest over everything that undo must bring back: facts, datasets, rows with their ids and numbers, texts, probes."""
        import hashlib

        digest = hashlib.sha256()
        with explained(self.folder):
            for sql in (
                "SELECT key, value FROM meta ORDER BY key",
                "SELECT id, name, format, negatives, low, high FROM datasets WHERE trashed = 0 ORDER BY id",
                f"SELECT {', '.join(ROW_COLUMNS)} FROM examples ORDER BY id",
                "SELECT id, text, source FROM texts ORDER BY id",
                "SELECT id, text, other, expectation, note, k FROM probes ORDER BY id",
                "SELECT * FROM probe_texts ORDER BY probe_id, role, place",
                "SELECT * FROM passes ORDER BY id",
                "SELECT * FROM judgements ORDER BY pass_id, place",
                "SELECT anchor, text, kind FROM verdicts ORDER BY anchor, text",
            ):
                digest.update(sql.encode())
                for row in self._connection.execute(sql):
                    digest.update(repr(row).encode())
        return digest.hexdigest()

    def _all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        with explained(self.folder):
            return self._connection.execute(sql, parameters).fetchall()
