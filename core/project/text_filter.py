"""Which texts a search looks through, by what the project says about them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.dataset.formats import DatasetInfo, Format, texts_of
from core.errors import UsageError
from core.project.views import condition, text_columns

PLACES = ("", "anchor", "other", "positive", "negative")
SPLITS = ("", "train", "eval", "test", "none")
STATES = ("", "unlabelled", "accepted", "rejected", "skipped", "flagged")

_SIMILAR = "score >= 0.5"


@dataclass(frozen=True)
class TextFilter:
    """Texts that stand at `place` in a row of this `split` and `state`; "" is any. A scored pair's second text is a positive from half
    the scale on, else a negative. Unpaired texts stand in no row: only a filter without terms lets them through.

    Raises:
        UsageError: a term is none of PLACES, SPLITS, STATES.
    """

    place: str = ""
    split: str = ""
    state: str = ""

    def __post_init__(self) -> None:
        for value, known in ((self.place, PLACES), (self.split, SPLITS), (self.state, STATES)):
            if value not in known:
                raise UsageError(
                    f"Texts cannot be filtered by “{value}”.", f"Use one of {', '.join(known[1:])}."
                )

    def __bool__(self) -> bool:
        return bool(self.place or self.split or self.state)

    @classmethod
    def from_record(cls, record: Any) -> TextFilter:
        """Raises: UsageError."""
        if not isinstance(record, dict) or not set(record) <= {"place", "split", "state"}:
            raise UsageError("A filter of texts has a place, a split and a state.")
        return cls(**{key: str(value or "") for key, value in record.items()})

    def record(self) -> dict[str, str]:
        return {"place": self.place, "split": self.split, "state": self.state}


def queries(info: DatasetInfo, filter: TextFilter) -> Iterator[str]:
    """The SQL that gives the texts of each column that the filter lets through; its one parameter is the dataset's id."""
    rows = [condition(info, filter.state)] if filter.state else []
    if filter.split:
        rows.append(f"split = '{'' if filter.split == 'none' else filter.split}'")
    for column, more in _columns(info, filter.place):
        terms = ["dataset_id = ?", f"{column} <> ''", *rows, *more]
        yield f"SELECT DISTINCT {column} FROM examples WHERE {' AND '.join(terms)}"


def _columns(info: DatasetInfo, place: str) -> list[tuple[str, list[str]]]:
    """The columns of texts at a place, and which rows of theirs."""
    names = list(texts_of(info.format, tuple(text_columns(info))))
    if place in ("positive", "negative"):
        if info.format is Format.CATEGORIES:
            return []
        if info.format is Format.SCORED:
            return [(names[1], [_SIMILAR if place == "positive" else f"NOT {_SIMILAR}"])]
        return [(name, []) for name in (names[1:2] if place == "positive" else names[2:])]
    chosen = {"anchor": names[:1], "other": names[1:]}.get(place, names)
    return [(name, []) for name in chosen]


def texts_where(connection: sqlite3.Connection, infos: Iterable[DatasetInfo], filter: TextFilter) -> set[str]:
    found: set[str] = set()
    for info in infos:
        for sql in queries(info, filter):
            found.update(text for (text,) in connection.execute(sql, (info.id,)))
    return found


def in_categories_of(
    connection: sqlite3.Connection, infos: Iterable[DatasetInfo], texts: Sequence[str]
) -> set[str]:
    found: set[str] = set()
    marks = ", ".join("?" * len(texts))
    for info in infos:
        if info.format is Format.CATEGORIES:
            kept = f"dataset_id = {info.id} AND status <> 'rejected'"
            rows = connection.execute(
                f"SELECT DISTINCT t0 FROM examples WHERE {kept} AND t1 <> '' AND t1 IN "
                f"(SELECT t1 FROM examples WHERE {kept} AND t0 IN ({marks}))",
                tuple(texts),
            )
            found.update(text for (text,) in rows)
    return found
