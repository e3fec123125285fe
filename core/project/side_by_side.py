"""One search by two connections, each through one half of the rows: SQLite uses one core for a question, and there are two at least.

Sorting gains nothing so: its threads wait for one another wherever SQLite asks for memory.
"""

from __future__ import annotations

import sqlite3
import threading
from array import array
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from core.dataset.formats import DatasetInfo
from core.project import layout
from core.project.connection import explained, open_reader
from core.project.queries import Queries
from core.project.views import View

if TYPE_CHECKING:
    from core.project.reader import Reader

_REVISION = "SELECT value FROM counters WHERE name = 'revision'"

Half = Callable[[Queries], "array[int]"]


def possible(view: View) -> bool:
    """Whether the view can be divided, and is worth it: the natural order of all rows costs nothing."""
    return view.natural and (bool(view.search) or view.filter != "all")


def ids(reader: Reader, info: DatasetInfo, view: View, first: int, last: int) -> array[int]:
    """The ids of a view between the ids `first` and `last`.

    Raises:
        as `Queries.ids`; Cancelled when `reader.interrupt` was called meanwhile.
    """
    with explained(reader.folder):
        helper = open_reader(reader.folder / layout.DATABASE)
    reader._helper = helper
    own = reader._connection
    began = not own.in_transaction
    try:
        with explained(reader.folder):
            if began:
                own.execute("BEGIN")
            helper.execute("BEGIN")
            same = own.execute(_REVISION).fetchone() == helper.execute(_REVISION).fetchone()
        if not same:  # edited in between, or a snapshot from before: both halves must be of one moment
            return reader._ids_between(info, view, first, last)
        return _both(reader, Queries(reader.folder, helper), *_halves(info, view, first, last))
    finally:
        reader._helper = None
        if began and own.in_transaction:
            own.execute("ROLLBACK")
        helper.close()


def _halves(info: DatasetInfo, view: View, first: int, last: int) -> tuple[Half, Half]:
    """The question for each half, in the order in which their answers follow."""
    middle = (first + last) // 2

    def lower(asked: Queries) -> array[int]:
        return asked._ids_between(info, view, first, middle)

    def upper(asked: Queries) -> array[int]:
        return asked._ids_between(info, view, middle + 1, last)

    return (upper, lower) if view.descending else (lower, upper)


def _both(reader: Reader, other: Queries, head: Half, tail: Half) -> array[int]:
    found: list[array[int]] = []
    failed: list[Exception] = []

    def look() -> None:
        try:
            found.append(tail(other))
        except Exception as error:  # noqa: BLE001 - raised again where the answer is waited for
            failed.append(error)

    thread = threading.Thread(target=look, name="search", daemon=True)
    thread.start()
    try:
        ids = head(reader)
    except BaseException:
        with suppress(sqlite3.ProgrammingError):
            other._connection.interrupt()  # nobody needs the other half any more
        raise
    finally:
        thread.join()
    if failed:
        raise failed[0]
    return ids + found[0]
